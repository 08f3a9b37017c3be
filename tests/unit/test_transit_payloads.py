"""Which voyage a transit belongs to, and what the ship carried on it."""

from typing import Any

import polars as pl
import pytest

from ais_indicators.transforms.transit_payloads import transit_payloads
from tests.builders import utc

TIME = pl.Datetime("us", "UTC")
TRANSIT = pl.Schema({"transit_id": pl.Int64(), "vessel_id": pl.String(), "entered_at_utc": TIME})
VOYAGE = pl.Schema(
    {
        "voyage_id": pl.String(), "vessel_id": pl.String(), "origin_left_at_utc": TIME,
        "destination_entered_at_utc": TIME, "payload_departure_t": pl.Float64(), "payload_arrival_t": pl.Float64(),
    }
)  # fmt: skip


def voyage(
    left: str | None, entered: str | None, departure_t: float | None, arrival_t: float | None
) -> dict[str, Any]:
    return {
        "voyage_id": f"{left}-{entered}", "vessel_id": "imo-9134270",
        "origin_left_at_utc": left and utc(f"2026-{left} 00:00"),
        "destination_entered_at_utc": entered and utc(f"2026-{entered} 00:00"),
        "payload_departure_t": departure_t, "payload_arrival_t": arrival_t,
    }  # fmt: skip


def payload(at: str, *voyages: dict[str, Any], ship: str = "imo-9134270") -> float | None:
    """Payload of a ship that enters a gate at some time."""
    transits = pl.DataFrame([(1, ship, utc(at))], schema=TRANSIT, orient="row")
    found = transit_payloads(transits, pl.DataFrame(list(voyages), schema=VOYAGE))
    return found["payload_t"].to_list()[0] if found.height else None


LADEN, BALLAST = voyage("01-05", "01-15", 90.0, 80.0), voyage("01-17", "01-25", 0.0, 0.0)
SAILING = voyage("01-26", None, 70.0, None)
OF_UNKNOWN_ORIGIN = voyage(None, "01-04", None, 60.0)


@pytest.mark.parametrize(
    ("at", "tonnes"),
    [
        ("2026-01-02 00:00", 60.0),
        ("2026-01-04 12:00", None),
        ("2026-01-05 00:00", 80.0),
        ("2026-01-15 00:00", 80.0),
        ("2026-01-16 00:00", None),
        ("2026-01-20 00:00", 0.0),
        ("2026-01-30 00:00", 70.0),
    ],
    ids=[
        "from an unknown port",
        "in port",
        "leaving",
        "entering",
        "in the next port",
        "in ballast",
        "at sea still",
    ],
)
def test_a_transit_has_the_payload_of_its_voyage(at: str, tonnes: float | None) -> None:
    voyages = (OF_UNKNOWN_ORIGIN, LADEN, BALLAST, SAILING)
    assert payload(at, *voyages) == tonnes
    assert payload(at, *reversed(voyages)) == tonnes


def test_where_the_draught_at_arrival_is_not_known_the_departure_reports() -> None:
    assert payload("2026-01-10 00:00", voyage("01-05", "01-15", 90.0, None)) == 90.0


def test_another_ship_and_a_voyage_without_draughts_give_none() -> None:
    assert payload("2026-01-10 00:00", LADEN, ship="imo-9000001") is None
    assert payload("2026-01-10 00:00", voyage("01-05", "01-15", None, None)) is None
