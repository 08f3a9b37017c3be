"""Which ship a message is of: numbers that are shared, passed on and changed, and what a register adds."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from ais_indicators.errors import BadInputError
from ais_indicators.fold.identities import (
    IDENTITY,
    NO_TRACK,
    NOTHING,
    REPORT_SCHEMA,
    Said,
    collect_reports,
    identify,
    is_imo_number,
    name_ships,
)
from ais_indicators.pipelines.load_vessels import read_register
from ais_indicators.transforms.vessels import match_register, vessel_history, weekly_matches
from tests.subject_rules import SHIP_RULES

A, B = 9134270, 9074729
"""Two IMO numbers whose check digits are right."""

MMSI, OTHER_MMSI = 366053209, 477000001


def report(mmsi: int = MMSI, first: int = 0, last: int = 100, week: int = 10, **said: Any) -> dict[str, Any]:
    """What was said from one second to another."""
    given = {"track_id": NO_TRACK, "messages": 10, **dict.fromkeys(IDENTITY), **said}
    return {"week_index": week, "mmsi": mmsi, "first_second": first, "last_second": last, **given}


def reports(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=REPORT_SCHEMA)


def ship_at(second: int, said: pl.DataFrame, mmsi: int = MMSI, track_id: int = 1, week: int = 10) -> str:
    """The ship of an event."""
    event = pl.DataFrame({"mmsi": [mmsi], "track_id": [track_id], "second": [second], "week_index": [week]})
    return str(identify(event, said, SHIP_RULES).item())


@pytest.mark.parametrize("number", [9134270, 9074729, 9197478, 9575292, 9232163, 1234567])
def test_an_imo_number_with_the_right_check_digit(number: int) -> None:
    assert pl.select(is_imo_number(pl.lit(number))).item()


@pytest.mark.parametrize("number", [9134271, 913427, 91342700, 0, None])
def test_a_number_that_is_no_imo_number(number: int | None) -> None:
    assert not pl.select(is_imo_number(pl.lit(number, pl.Int64))).item()


@pytest.mark.parametrize(
    ("said", "ship"),
    [
        ({"imo_number": A, "call_sign": "WDE5199"}, "imo-9134270"),
        ({"imo_number": 9134271, "call_sign": "WDE5199"}, "mmsi-366053209-WDE5199"),
        ({"imo_number": 1234567, "call_sign": "WDE5199"}, "mmsi-366053209-WDE5199"),
        ({"call_sign": "wde 5199"}, "mmsi-366053209-WDE5199"),
        ({"vessel_name": "EVER DIADEM"}, "mmsi-366053209"),
        ({}, "mmsi-366053209"),
    ],
)
def test_a_ship_is_known_by_imo_number_else_call_sign_else_its_mmsi_alone(
    said: dict[str, Any], ship: str
) -> None:
    assert ship_at(50, reports(report(**said))) == ship


def test_an_mmsi_that_passes_to_another_ship_is_two_ships() -> None:
    said = reports(report(first=0, last=100, imo_number=A), report(first=200, last=300, imo_number=B))
    assert [ship_at(second, said) for second in (0, 100, 149, 151, 300)] == [
        "imo-9134270",
        "imo-9134270",
        "imo-9134270",
        "imo-9074729",
        "imo-9074729",
    ]


def test_a_ship_that_changes_its_mmsi_stays_one_ship() -> None:
    said = reports(report(MMSI, 0, 100, imo_number=A), report(OTHER_MMSI, 200, 300, imo_number=A))
    assert ship_at(50, said, MMSI) == ship_at(250, said, OTHER_MMSI) == "imo-9134270"


def test_two_ships_on_one_number_are_distinguished_by_what_their_tracks_say() -> None:
    said = reports(
        report(track_id=1, imo_number=A),
        report(track_id=2, imo_number=B),
        report(track_id=3, vessel_name="X"),
    )
    assert [ship_at(50, said, track_id=track) for track in (1, 2)] == ["imo-9134270", "imo-9074729"]


def test_of_conflicting_messages_at_one_time_most_decide() -> None:
    said = reports(report(imo_number=A, messages=90), report(first=40, last=60, imo_number=B, messages=2))
    assert ship_at(50, said) == "imo-9134270"


def test_parts_of_a_static_report_without_an_imo_number_belong_to_the_ship_that_says_it_elsewhere() -> None:
    said = reports(
        report(imo_number=A, call_sign="3FOF8", vessel_name="EVER DIADEM"),
        report(first=200, last=300, call_sign="3FOF8"),
        report(first=400, last=500, vessel_name="EVER DIADEM"),
    )
    assert {ship_at(second, said) for second in (50, 250, 450)} == {"imo-9134270"}


@pytest.mark.parametrize(
    ("weeks_later", "ship"), [(51, "imo-9134270"), (52, "mmsi-366053209"), (-1, "mmsi-366053209")]
)
def test_what_was_said_counts_for_the_weeks_of_the_rule_and_not_before(weeks_later: int, ship: str) -> None:
    assert SHIP_RULES.class_mode_weeks == 52
    assert ship_at(50, reports(report(week=10, imo_number=A)), week=10 + weeks_later) == ship


def test_equal_messages_in_a_row_are_one_report() -> None:
    codes = {name: np.full(4, NOTHING) for name in IDENTITY} | {"imo_number": np.array([A, A, B, NOTHING])}
    words = {name: pl.Series(name, ["X"]) for name in ("vessel_name", "call_sign")}
    mmsi, track = np.full(4, MMSI), np.full(4, 7)
    found = collect_reports(3, mmsi, track, np.array([10, 20, 30, 40]), Said(codes, words))
    kept = found.select("imo_number", "messages", "first_second", "last_second", "vessel_name").rows()
    assert kept == [(B, 1, 30, 30, None), (A, 2, 10, 20, None)]


# --- history and register -----------------------------------------------------------------------------------------


def named(*rows: dict[str, Any]) -> pl.DataFrame:
    """Reports with their ships, as `silver.vessel_reports` has them; the time is that of the week."""
    weeks = {number: f"2026-W{number:02d}" for number in range(1, 53)}
    return name_ships(reports(*rows), SHIP_RULES).with_columns(
        pl.col("week_index").replace_strict(weeks, return_dtype=pl.String).alias("week"),
        *((pl.col(f"{end}_second") * 1_000_000).cast(pl.Datetime("us", "UTC")).alias(f"{end}_seen_at_utc")
          for end in ("first", "last")),
    )  # fmt: skip


def history(*rows: dict[str, Any]) -> list[tuple[Any, ...]]:
    """MMSI, ship, name, first and end second of each episode."""
    found = vessel_history(named(*rows)).with_columns(
        pl.col("valid_from_utc").dt.epoch("s"), pl.col("valid_to_utc").dt.epoch("s")
    )
    return found.select("mmsi", "vessel_id", "vessel_name", "valid_from_utc", "valid_to_utc").rows()


def test_a_new_name_begins_a_new_row_of_the_same_ship() -> None:
    found = history(
        report(first=0, last=100, week=1, imo_number=A, vessel_name="OLD"),
        report(first=200, last=300, week=2, imo_number=A, vessel_name="OLD"),
        report(first=400, last=500, week=3, imo_number=A, vessel_name="NEW"),
    )
    ship = (MMSI, "imo-9134270")
    assert found == [(*ship, "OLD", 0, 400), (*ship, "NEW", 400, None)]


def test_a_number_that_passed_on_ends_with_its_last_message() -> None:
    found = history(
        report(first=0, last=100, week=1, imo_number=A), report(first=200, last=300, week=2, imo_number=B)
    )
    assert found == [
        (MMSI, "imo-9074729", None, 200, None),
        (MMSI, "imo-9134270", None, 0, 100),
    ]


def test_of_two_spellings_in_a_week_most_messages_decide() -> None:
    found = history(
        report(imo_number=A, vessel_name="EVER DIADEM", messages=9),
        report(imo_number=A, vessel_name="EVER D1ADEM", messages=1),
    )
    assert [row[2] for row in found] == ["EVER DIADEM"]


REGISTER = pl.DataFrame(
    {
        "imo_number": [A, 1111111, None],
        "mmsi": [None, None, OTHER_MMSI],
        "vessel_name": ["EVER DIADEM", "X", "Blue-Star 1"],
    }
)


@pytest.mark.parametrize(
    ("imo", "mmsi", "name", "match"),
    [
        (A, 1, None, "imo"),
        (1111111, 1, None, "imo"),
        (B, OTHER_MMSI, "BLUE STAR 1", "mmsi_name"),
        (None, OTHER_MMSI, "BLUE STAR 2", "none"),
        (None, MMSI, "BLUE STAR 1", "none"),
        (None, OTHER_MMSI, None, "none"),
    ],
)
def test_the_register_is_asked_for_the_imo_number_then_for_mmsi_and_name(
    imo: int | None, mmsi: int, name: str | None, match: str
) -> None:
    """A number that the register knows counts even where its check digit is wrong."""
    ship = pl.DataFrame(
        {"imo_number": [imo], "mmsi": [mmsi], "vessel_name": [name]},
        schema={"imo_number": pl.Int64, "mmsi": pl.Int64, "vessel_name": pl.String},
    )
    assert match_register(ship, REGISTER).to_list() == [match]


def test_the_rate_of_matches_is_reported_for_each_week() -> None:
    found = weekly_matches(
        named(
            report(week=1, imo_number=A),
            report(week=1, imo_number=B),
            report(OTHER_MMSI, week=1, call_sign="XY", vessel_name="BLUE STAR 1"),
            report(week=2, imo_number=B),
        ),
        REGISTER,
    )
    assert found.rows() == [
        ("2026-W01", "imo", 1, 1 / 3),
        ("2026-W01", "mmsi_name", 1, 1 / 3),
        ("2026-W01", "none", 1, 1 / 3),
        ("2026-W02", "imo", 0, 0.0),
        ("2026-W02", "mmsi_name", 0, 0.0),
        ("2026-W02", "none", 1, 1.0),
    ]


def test_a_register_is_read_and_what_is_wrong_in_it_is_named_by_row(tmp_path: Path) -> None:
    file = tmp_path / "register.csv"
    file.write_text(
        "IMO,MMSI,Name,Class,DWT,GT,Owner\n"
        "IMO9134270,351759000,EVER DIADEM,container,43198,,x\n"
        ",,NOBODY,tanker,1,1,x\n"
        "9134270,,AGAIN,container,1,1,x\n"
        ",366053209,TUG,tugboat,,120,x\n",
        encoding="utf-8",
    )
    ships, problems, _ = read_register(file, SHIP_RULES)
    kept = ships.select(
        "row_number", "imo_number", "mmsi", "vessel_class", "deadweight_t", "gross_tonnage"
    ).rows()
    assert kept == [
        (1, 9134270, 351759000, "container", 43198.0, None),
        (4, None, 366053209, None, None, 120.0),
    ]
    assert [problem.split(":")[0] for problem in problems] == ["row 2", "row 3", "row 4"]


@pytest.mark.parametrize("text", ["", "name,gt\nX,1\n"])
def test_a_file_that_is_no_register_is_bad_input(tmp_path: Path, text: str) -> None:
    file = tmp_path / "register.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInputError, match=r"register\.csv"):
        read_register(file, SHIP_RULES)
