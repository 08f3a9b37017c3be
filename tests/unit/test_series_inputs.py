"""What decides how a week's series are made: whole days of the running week, and ports whose areas changed."""

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from ais_indicators.io.weeks import FoldedWeek
from ais_indicators.periods import Week
from ais_indicators.pipelines import compute_series
from ais_indicators.pipelines.compute_series import changed_ports, days_passed
from ais_indicators.settings import Settings
from tests.subject_rules import SHIP_RULES

W09, W10 = Week.parse("2026-W09"), Week.parse("2026-W10")
TOLERANCE = int(SHIP_RULES.last_message_tolerance_hours)


@pytest.mark.parametrize(("hour", "days"), [(22 - TOLERANCE, 0), (23 - TOLERANCE, 1), (23, 1), (167, 7)])
def test_days_that_have_passed(hour: int, days: int) -> None:
    assert days_passed(W09.start + timedelta(hours=hour), W09, SHIP_RULES) == days


def area(code: str, shape: bytes, kind: str = "port", **valid: date) -> dict[str, object]:
    return {
        "port_locode": code,
        "area_kind": kind,
        "geometry_wkb": shape,
        "centre_latitude": 51.9,
        "centre_longitude": 4.1,
        "valid_from": valid.get("valid_from"),
        "valid_to": valid.get("valid_to"),
    }


SCHEMA = pa.schema(
    [
        ("port_locode", pa.string()),
        ("area_kind", pa.string()),
        ("geometry_wkb", pa.binary()),
        ("centre_latitude", pa.float64()),
        ("centre_longitude", pa.float64()),
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
    ]
)
VERSIONS = {
    "one": [area("NLRTM", b"1"), area("BEANR", b"1"), area("BEANR", b"2", "anchorage")],
    "order": [area("BEANR", b"2", "anchorage"), area("NLRTM", b"1"), area("BEANR", b"1")],
    "moved": [area("NLRTM", b"9"), area("BEANR", b"1"), area("BEANR", b"2", "anchorage")],
    "joined": [
        area("NLRTM", b"1"),
        area("BEANR", b"1"),
        area("BEANR", b"2", "anchorage"),
        area("FJSUV", b"1"),
    ],
    "dated": [
        area("NLRTM", b"1", valid_to=W10.monday),
        area("NLRTM", b"9", valid_from=W10.monday),
        area("BEANR", b"1"),
        area("BEANR", b"2", "anchorage"),
    ],
}


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        ("one", "one", set()),
        ("one", "order", set()),
        ("one", "moved", {"NLRTM"}),
        ("one", "joined", {"FJSUV"}),
        ("joined", "one", {"FJSUV"}),
        ("dated", "dated", {"NLRTM"}),
        (None, "one", set()),
    ],
)
def test_ports_whose_areas_changed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, before: str | None, now: str, changed: set[str]
) -> None:
    def areas(_: Settings, version: str) -> pa.Table:
        return pa.Table.from_pylist(VERSIONS[version], schema=SCHEMA)

    monkeypatch.setattr(compute_series, "port_areas", areas)
    folded = {W10: folded_with(now)} | ({W09: folded_with(before)} if before else {})
    assert changed_ports(Settings(tmp_path), folded, W10) == changed


def folded_with(version: str) -> FoldedWeek:
    return FoldedWeek(version, gate_version="g", fingerprint="f", history="h", messages=1)
