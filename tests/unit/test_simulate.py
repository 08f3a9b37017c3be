"""The simulated sea: the same bytes each time, rows that add up, and the faults that it promises."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import shape

from ais_indicators.errors import WrongUseError
from ais_indicators.geo.distance import great_circle_km
from ais_indicators.simulate import SimulatedSea, simulate_weeks
from ais_indicators.simulate.faults import DUPLICATE_SHARE, JUMP_DEGREES, spoil
from ais_indicators.simulate.messages import NOAA_COLUMNS, SHORE_MMSIS
from ais_indicators.simulate.ships import build_fleet, imo_number
from ais_indicators.simulate.voyages import Status, live
from ais_indicators.units import KM_PER_NAUTICAL_MILE, SECONDS_PER_DAY, SECONDS_PER_HOUR

WEEK, SHIPS, STEP = "2026-W20", 20, 600
SENT_A_DAY = SHIPS * SECONDS_PER_DAY // STEP
SHORE_ROWS_A_DAY = 2 * 24


def simulate(folder: Path, weeks: int = 1, seed: int = 7) -> SimulatedSea:
    return simulate_weeks(WEEK, weeks, SHIPS, seed, folder, STEP)


@pytest.fixture(scope="module")
def sea(tmp_path_factory: pytest.TempPathFactory) -> SimulatedSea:
    return simulate(tmp_path_factory.mktemp("sea"))


@pytest.fixture(scope="module")
def days(sea: SimulatedSea) -> list[pd.DataFrame]:
    return [pd.read_csv(path, dtype={"IMO": str, "CallSign": str}) for path in sea.message_files]


@pytest.fixture(scope="module")
def messages(days: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(days, ignore_index=True)


@pytest.fixture(scope="module")
def areas(sea: SimulatedSea) -> pd.DataFrame:
    features = json.loads(sea.ports_file.read_text())["features"]
    return pd.DataFrame(
        [feature["properties"] | {"polygon": shape(feature["geometry"])} for feature in features]
    )


def contents(sea: SimulatedSea) -> list[bytes]:
    return [path.read_bytes() for path in (*sea.message_files, sea.ports_file)]


def has_valid_check_digit(imo: str) -> bool:
    digits = [int(digit) for digit in imo.removeprefix("IMO")]
    total = sum(digit * weight for digit, weight in zip(digits[:6], range(7, 1, -1), strict=True))
    return len(digits) == 7 and total % 10 == digits[6]


def test_same_arguments_give_the_same_bytes(sea: SimulatedSea, tmp_path: Path) -> None:
    assert contents(simulate(tmp_path)) == contents(sea)


def test_another_seed_gives_other_messages(sea: SimulatedSea, tmp_path: Path) -> None:
    assert contents(simulate(tmp_path, seed=8))[0] != contents(sea)[0]


def test_a_further_week_leaves_the_first_as_it_was(sea: SimulatedSea, tmp_path: Path) -> None:
    longer = simulate(tmp_path, weeks=2)
    assert len(longer.message_files) == 14
    assert contents(longer)[:7] == contents(sea)[:7]


def test_each_file_holds_its_own_day_and_is_delivered_at_its_end(
    sea: SimulatedSea, days: list[pd.DataFrame]
) -> None:
    assert [path.name for path in sea.message_files] == [f"AIS_2026_05_{day}.csv" for day in range(11, 18)]
    for path, rows in zip(sea.message_files, days, strict=True):
        day = pd.Timestamp(path.stem.removeprefix("AIS_").replace("_", "-"), tz="UTC")
        assert set(rows["BaseDateTime"].str[:10]) == {f"{day:%Y-%m-%d}"}
        assert path.stat().st_mtime == (day + pd.Timedelta(days=1)).timestamp()


def test_rows_have_the_noaa_columns_in_order_of_time_and_mmsi(days: list[pd.DataFrame]) -> None:
    for rows in days:
        assert list(rows.columns) == NOAA_COLUMNS
        pd.testing.assert_frame_equal(rows, rows.sort_values(["BaseDateTime", "MMSI"], kind="stable"))


def test_rows_add_up_over_the_days(days: list[pd.DataFrame]) -> None:
    """Sent, less the outage, plus duplicates and shore stations: exact on days without an outage."""
    whole_day = SENT_A_DAY + round(DUPLICATE_SHARE * SENT_A_DAY) + SHORE_ROWS_A_DAY
    missing = [whole_day - len(rows) for rows in days]
    assert sum(lost == 0 for lost in missing) >= 5
    assert min(missing) == 0
    assert max(missing) > 0


@pytest.mark.parametrize("imo", ["IMO9134270", "IMO9074729", "IMO9197478", "IMO9575292", "IMO9232163"])
def test_imo_numbers_of_real_ships_are_made_again(imo: str) -> None:
    assert imo_number(int(imo[3:9])) == imo


def test_merchant_ships_have_valid_and_unique_numbers(messages: pd.DataFrame) -> None:
    merchants = messages[messages["VesselType"].isin([60, 70, 71, 79, 80])]
    identities = merchants[["MMSI", "IMO"]].drop_duplicates()
    assert identities["IMO"].map(has_valid_check_digit).all()
    assert identities["MMSI"].is_unique
    assert identities["IMO"].is_unique
    assert identities["MMSI"].between(201_000_000, 775_999_999).all()


def test_every_class_is_there(messages: pd.DataFrame) -> None:
    assert set(messages["VesselType"].dropna()) == {30, 52, 60, 70, 71, 79, 80}
    assert set(messages["Status"].dropna()) == {Status.UNDER_WAY, Status.AT_ANCHOR, Status.MOORED}
    assert set(messages.loc[messages["VesselType"] == 30, "TransceiverClass"]) == {"B"}


def test_port_areas_are_valid_and_do_not_overlap(areas: pd.DataFrame) -> None:
    ports = areas[areas["area_kind"] == "port"].set_index("port_locode")["polygon"]
    berths = areas[areas["area_kind"] == "berth"].set_index("port_locode")["polygon"]
    anchorages = areas[areas["area_kind"] == "anchorage"]["polygon"]
    assert all(polygon.is_valid and polygon.exterior.is_ccw for polygon in areas["polygon"])
    assert 8 <= len(ports) <= 10
    assert ports.index.is_unique
    assert set(berths.index) == set(ports.index)
    assert all(ports[locode].contains(berths[locode]) for locode in sorted(set(ports.index)))
    assert 0 < len(anchorages) < len(ports)
    separate = [*ports, *anchorages]
    assert shapely.union_all(separate).area == pytest.approx(sum(polygon.area for polygon in separate))


@pytest.mark.parametrize(("status", "kind"), [(Status.MOORED, "berth"), (Status.AT_ANCHOR, "anchorage")])
def test_ships_at_rest_lie_in_their_area_without_speed(
    messages: pd.DataFrame, areas: pd.DataFrame, status: Status, kind: str
) -> None:
    """Up to the rows that `spoil` moved or made unavailable."""
    resting = messages[(messages["Status"] == status) & (messages["LAT"] < 91)]
    places = shapely.points(resting["LON"].to_numpy(), resting["LAT"].to_numpy())
    inside = shapely.contains(shapely.union_all(areas.loc[areas["area_kind"] == kind, "polygon"]), places)
    assert len(resting) > 50
    assert np.count_nonzero(~inside) <= 7
    assert set(resting.loc[resting["SOG"] < 102.3, "SOG"]) == {0.0, 0.1}


def test_true_courses_are_ships_speeds() -> None:
    """Steps of a minute, one an hour: none implies more than the ship's speed."""
    fleet = build_fleet(SHIPS, np.random.default_rng(1))
    seconds = np.arange(0, 7 * SECONDS_PER_DAY, 60)
    for number, ship in enumerate(fleet):
        fixes = live(ship, 0, 7 * SECONDS_PER_DAY, np.random.default_rng([1, number])).at(seconds)
        places = fixes[["LAT", "LON"]].to_numpy()
        steps_km = [great_circle_km(*a, *b) for a, b in zip(places[:-1:60], places[1::60], strict=False)]
        knots = np.array(steps_km) / KM_PER_NAUTICAL_MILE * SECONDS_PER_HOUR / 60
        assert knots.max() <= ship.speed_knots + 0.01
        assert (fixes.loc[fixes["Status"].isin([Status.MOORED, Status.AT_ANCHOR]), "SOG"] < 1e-6).all()


def test_the_week_begins_with_ships_in_port_and_at_sea(days: list[pd.DataFrame]) -> None:
    first = days[0].drop_duplicates("MMSI").dropna(subset="Status")
    assert (first["Status"] == Status.MOORED).sum() >= 2
    assert (first["SOG"] > 5).sum() >= 2


def test_sentinels_and_shore_stations_are_there(messages: pd.DataFrame) -> None:
    class_a = messages[messages["Status"].notna()]
    assert (class_a["Heading"] == 511).any()
    assert (class_a["SOG"] == 102.3).any()
    assert (class_a["COG"] == 360.0).any()
    assert ((messages["LAT"] == 91.0) == (messages["LON"] == 181.0)).all()
    assert (messages["LAT"] == 91.0).any()
    assert set(SHORE_MMSIS) < set(messages["MMSI"])


def test_duplicates_are_a_thousandth(messages: pd.DataFrame) -> None:
    assert 0.0005 < messages.duplicated().mean() < 0.0015


def test_spoiling_keeps_every_row_and_makes_one_jump() -> None:
    rows = pd.DataFrame({"LAT": [20.0] * 3000, "LON": -90.0, "SOG": 10.0, "COG": 90.0, "Heading": 90})
    spoiled = spoil(rows, np.random.default_rng(1))
    changed = spoiled.iloc[: len(rows)]
    assert len(spoiled) == len(rows) + 3
    assert (changed["LAT"] == 20.0 + JUMP_DEGREES).sum() == 1
    assert (changed["LAT"] == 91.0).sum() == 1
    assert (changed["Heading"] == 511).sum() == 15
    assert (rows["LAT"] == 20.0).all()


def test_two_ships_far_apart_share_one_mmsi(messages: pd.DataFrame) -> None:
    names = messages.dropna(subset="VesselName").groupby("MMSI")["VesselName"].nunique()
    shared = names.index[names == 2]
    assert len(shared) == 1
    known = messages[(messages["MMSI"] == shared[0]) & (messages["LAT"] < 91)]
    (_, one), (_, other) = known.groupby("VesselName")[["LAT", "LON"]].median().iterrows()
    assert great_circle_km(*one, *other) > 500


def test_progress_is_told_after_each_day(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    simulate_weeks(WEEK, 1, 10, 1, tmp_path, 3600, progress=lambda done, of: told.append((done, of)))
    assert told == [(day, 7) for day in range(1, 8)]


@pytest.mark.parametrize(
    ("week", "weeks", "ships", "step"),
    [("2026-20", 1, 20, 600), ("2026-W20", 0, 20, 600), ("2026-W20", 1, 9, 600), ("2026-W20", 1, 20, 7)],
)
def test_what_cannot_be_simulated_is_refused(
    week: str, weeks: int, ships: int, step: int, tmp_path: Path
) -> None:
    with pytest.raises(WrongUseError):
        simulate_weeks(week, weeks, ships, 1, tmp_path, step)
