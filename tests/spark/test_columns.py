"""Sums of amounts come out the same in whatever order Spark comes upon the rows."""

from itertools import permutations

from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812

from ais_indicators.transforms.columns import exact_sum

PAYLOADS_T = [40_952.292756, 0.1, 123_456_789.2, 0.7, 1e-6]


def test_the_order_of_rows_moves_no_digit(spark: SparkSession) -> None:
    orders = [list(order) for order in permutations(PAYLOADS_T)]
    assert len({sum(order) for order in orders}) > 1  # doubles would
    rows = [(number, amount) for number, order in enumerate(orders) for amount in order]
    sums = spark.createDataFrame(rows, "number int, payload_t double").groupBy("number")
    assert {row[1] for row in sums.agg(exact_sum(F.col("payload_t"))).collect()} == {123_497_742.292757}


def test_nothing_adds_up_to_nothing_known(spark: SparkSession) -> None:
    rows = spark.createDataFrame([(None,)], "payload_t double")
    assert rows.agg(exact_sum(F.col("payload_t"))).collect()[0][0] is None
    one = spark.createDataFrame([(None,), (2.5,)], "payload_t double")
    assert one.agg(exact_sum(F.col("payload_t"))).collect()[0][0] == 2.5
