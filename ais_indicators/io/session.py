"""The Spark session of the pipeline, the same for the command line, the jobs, the notebooks and the tests."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyspark import accumulators
from pyspark.sql import SparkSession

from ais_indicators.io.jars import is_linked, jar_paths
from ais_indicators.io.shipping import FOLDER as SHIPPED
from ais_indicators.io.shipping import package_archive
from ais_indicators.settings import Settings

LOG_SETTINGS = Path(__file__).with_name("log4j2.properties")
MAX_FAILURES = 4
"""Maximum attempts per Spark task, so that a worker killed for memory does not fail the run.

Local mode takes the number only from the master's address.
"""
WORKER_DAEMON = "ais_indicators.worker_daemon"
"""Module that Spark starts by its name; it must be importable on all workers."""


def session_options(settings: Settings) -> dict[str, str]:
    """Returns Spark options for one machine; a cluster's own come from spark-submit and take precedence."""
    jars = jar_paths()
    return {
        **({} if is_linked(jars) else {"spark.jars": ",".join(str(path) for path in jars)}),
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.databricks.delta.snapshotPartitions": "1",
        "spark.driver.memory": settings.driver_memory,
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile=file:{LOG_SETTINGS} -XX:+UseSerialGC",
        "spark.python.daemon.module": WORKER_DAEMON,
        "spark.python.worker.reuse": "true",
        "spark.speculation": "false",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": str(settings.shuffle_partitions),
        "spark.sql.warehouse.dir": str(settings.staging / "warehouse"),
        "spark.task.maxFailures": str(MAX_FAILURES),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }


def cluster_options(settings: Settings) -> dict[str, str]:
    """Returns what a cluster's workers need in addition: the jars, the package, and a Python with its dependencies."""
    archive = package_archive(settings.staging.with_name("_shipped"))
    return {
        "spark.jars": ",".join(str(path) for path in jar_paths()),
        "spark.archives": f"{archive}#{SHIPPED}",
        "spark.executorEnv.PYTHONPATH": SHIPPED,
        "spark.cores.max": str(settings.cores),
        "spark.executor.memory": settings.driver_memory,
    }


def build_session(settings: Settings) -> SparkSession:
    """Starts Spark on this machine or a cluster, or returns the session that spark-submit or a test has started.

    Raises:
        AisIndicatorsError: The Delta jars are missing; the message says how to fetch them.
    """
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    builder = SparkSession.builder.appName("ais-indicators")
    is_cluster = settings.profile == "cluster"
    if "SPARK_ENV_LOADED" not in os.environ:
        builder = builder.master(
            settings.spark_master if is_cluster else f"local[{settings.cores},{MAX_FAILURES}]"
        )
    options = session_options(settings) | (cluster_options(settings) if is_cluster else {})
    for key, value in options.items():
        builder = builder.config(key, value)
    with _java_messages_in(settings.data_dir / "logs" / "spark.log"):
        session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    _keep_quiet_when_java_ends()
    return session


def _keep_quiet_when_java_ends() -> None:
    """Hides tracebacks of a killed Java process; the call that fails because of it reports it.

    The gateway writes them to the root logger, which creates a handler if it has none, and the accumulator server
    prints them.
    """
    if not logging.getLogger().handlers:
        logging.getLogger().addHandler(logging.NullHandler())
    servers: Any = accumulators.AccumulatorTCPServer, accumulators.AccumulatorUnixServer
    for server in servers:
        server.handle_error = lambda *_: logging.getLogger(__name__).debug("no word from Java", exc_info=True)


@contextmanager
def _java_messages_in(log: Path) -> Iterator[None]:
    """Redirects the messages of the Java process started here to a file; its errors still reach Python."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with log.open("ab") as target:
            os.dup2(target.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
