"""Lakes of two vessel buckets, for tests of which buckets are not the subject.

A fold takes its time by bucket and day, however few vessels they hold. Ingest and fold take the number of buckets from
the contracts. Worker processes read those on their own, so only lakes of one process can have another number.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ais_indicators.contracts.model import all_tables, load_contract
from tests.examples import is_full

FEW: Final = 2


@contextmanager
def few_buckets() -> Iterator[None]:
    """Lets lakes that are filled within have two vessel buckets; in `make test-all` they have as many as any."""
    contracts = [load_contract(name) for name in all_tables()]
    usual = [(one, one.ship_buckets) for one in contracts if (one.ship_buckets or 1) > FEW and not is_full()]
    for contract, _ in usual:
        vars(contract)["ship_buckets"] = FEW
    try:
        yield
    finally:
        for contract, number in usual:
            vars(contract)["ship_buckets"] = number
