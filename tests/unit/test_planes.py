"""Planes: what differs from ships, on both sides of each threshold, and how flights become arrivals."""

import hashlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from ais_indicators.contracts.row_rules import apply_row_rules
from ais_indicators.contracts.types import arrow_schema
from ais_indicators.errors import BadInputError, WrongUseError
from ais_indicators.fold.day import fold_day, visits_of_full_tracks
from ais_indicators.fold.events import port_call_rows
from ais_indicators.fold.ground import is_on_ground
from ais_indicators.fold.kernel import Fixes
from ais_indicators.fold.records import Carried, Thresholds
from ais_indicators.geo.gate_index import GateIndex
from ais_indicators.geo.port_files import read_port_file
from ais_indicators.geo.port_index import PortIndex
from ais_indicators.geo.strait_ways import StraitWays
from ais_indicators.geo.tessellation import cover_with_cells
from ais_indicators.io.delta import create_tables, read_whole_file
from ais_indicators.io.staging import TableFile, stage
from ais_indicators.io.store import table_folder
from ais_indicators.io.subject import lake_subject, make_for, refusal
from ais_indicators.repository import find_folder
from ais_indicators.rules import load_profile, load_rules, rules_hash
from ais_indicators.settings import Settings
from ais_indicators.sources import BRONZE_MESSAGES, FILE_LINE, inspect, plan, read_chunk
from ais_indicators.tracking.bucket_messages import Messages
from ais_indicators.tracking.places import places_of
from ais_simulator.flights import AIRPORTS, write_airports
from tests.fold_harness import NO_CLASSES, NO_REPORTS
from tests.subject_rules import PLANE_RULES, SHIP_RULES

HEADER = (
    "time,icao24,lat,lon,velocity,heading,vertrate,callsign,onground,alert,spi,squawk,"
    "baroaltitude,geoaltitude,lastposupdate,lastcontact"
)
FRANKFURT = AIRPORTS[0]
NOON = int(datetime(2026, 1, 5, 12, tzinfo=UTC).timestamp())
UNKNOWN = float("nan")


# --- rules


def test_a_profile_changes_nothing_for_ships() -> None:
    """The hash of the ships' rules is that of the part `rules` of the file alone."""
    bodies = yaml.safe_load((find_folder("quality") / "rules.yaml").read_text(encoding="utf-8"))["rules"]
    lines = [f"{name}={body['value']!r} {body['unit']}" for name, body in sorted(bodies.items())]
    assert rules_hash("ships") == hashlib.sha256("\n".join(lines).encode()).hexdigest()
    assert list(load_rules()) == list(bodies)


def test_the_rules_of_planes_are_those_of_ships_but_for_the_profile() -> None:
    assert (SHIP_RULES.stop_below_knots, PLANE_RULES.stop_below_knots) == (0.2, 40.0)
    assert PLANE_RULES.exit_margin_km == 1.0, "what the profile does not name is as for ships"
    assert rules_hash("planes") != rules_hash("ships")
    assert not hasattr(SHIP_RULES, "ground_max_speed_knots")


def test_every_rule_of_the_profile_says_why_and_whence_and_is_one_of_ships_or_used() -> None:
    source = (find_folder("ais_indicators") / "fold" / "ground.py").read_text(encoding="utf-8")
    for name, one in load_profile("planes").items():
        assert one.unit, name
        assert one.reason.endswith("."), name
        assert one.source, name
        assert name in load_rules() or f"rules.{name}" in source
    assert load_profile("ships") == {}


# --- on the ground, or in the air


@pytest.mark.parametrize(
    ("flag", "knots", "altitude", "is_ground"),
    [
        (1, 0.0, UNKNOWN, True),
        (1, 140.0, 111.0, True),  # landing run
        (1, UNKNOWN, UNKNOWN, True),
        (1, 200.0, 100.0, True),
        (1, 200.1, 100.0, False),  # nothing rolls so fast: the flag is wrong
        (1, 30.0, 4500.0, True),
        (1, 30.0, 4500.1, False),  # no airport lies so high
        (0, 0.0, 111.0, False),  # the flag is believed: a helicopter that hovers
        (UNKNOWN, 39.9, 111.0, True),
        (UNKNOWN, 40.0, 111.0, False),
        (UNKNOWN, 39.9, 4500.1, False),
        (UNKNOWN, UNKNOWN, 111.0, False),  # no evidence
    ],
)
def test_a_plane_is_on_the_ground_by_flag_speed_and_height(
    flag: float, knots: float, altitude: float, is_ground: bool
) -> None:
    found = is_on_ground(np.array([flag]), np.array([knots]), np.array([altitude]))
    assert found.tolist() == [is_ground]


# --- the layout of OpenSky


def state(**columns: Any) -> str:
    """One line of CSV: a plane on its approach to Frankfurt, unless columns say else."""
    row = {
        "time": 1767614405, "icao24": "3c6444", "lat": 50.0, "lon": 8.5, "velocity": 70.0, "heading": 69.5,
        "vertrate": -3.2, "callsign": "DLH123  ", "onground": "false", "alert": "false", "spi": "false",
        "squawk": "1000", "baroaltitude": 300.0, "geoaltitude": 345.0, "lastposupdate": 1767614404.25,
        "lastcontact": 1767614404.9,
    } | columns  # fmt: skip
    return ",".join("" if row[name] is None else str(row[name]) for name in HEADER.split(","))


def read(path: Path) -> pa.Table:
    """A file's rows as bronze would take them."""
    source = inspect(path, rules=SHIP_RULES)
    assert source.layout == "opensky"
    assert source.members[0].layout.subject == "planes"
    blocks = [
        block.rows
        for chunk in plan(source, path.parent, rules=SHIP_RULES)
        for block in read_chunk(chunk, SHIP_RULES)
    ]
    return pa.concat_tables(blocks)


def test_a_state_vector_becomes_a_row(tmp_path: Path) -> None:
    path = tmp_path / "states.csv"
    path.write_text(f"{HEADER}\n{state()}\n", encoding="utf-8")
    (row,) = read(path).to_pylist()
    assert row["mmsi"] == 0x3C6444
    assert row["observed_at_utc"] == datetime(2026, 1, 5, 12, 0, 4, 250000, tzinfo=UTC), (
        "that of the position"
    )
    assert row["sog_knots"] == pytest.approx(136.0691, abs=1e-4)
    assert (row["cog_degrees"], row["vessel_name"], row["call_sign"]) == (69.5, "DLH123", None)
    assert (row["altitude_m"], row["ground_flag"]) == (345.0, 0)


def test_flags_and_addresses_are_read_as_they_may_be_written(tmp_path: Path) -> None:
    """Addresses of digits alone, with zeros before, in capitals; flags in words of either case, or none."""
    lines = [
        state(icao24="400123", onground="True"),
        state(icao24="00b0af", onground="TRUE"),
        state(icao24="3C6444", onground=None),
        state(icao24="xyz", onground="maybe"),
    ]
    path = tmp_path / "states.csv"
    path.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    rows = read(path)
    assert rows["mmsi"].to_pylist() == [0x400123, 0xB0AF, 0x3C6444, None]
    assert rows["ground_flag"].to_pylist() == [1, 1, None, None]
    assert rows["value_flags"].to_pylist() == [None, None, None, "ground_flag_unreadable"]


def test_parquet_is_read_as_csv_is(tmp_path: Path) -> None:
    csv_file, parquet_file = tmp_path / "states.csv", tmp_path / "states.parquet"
    csv_file.write_text(
        "\n".join([HEADER, state(), state(onground="true", velocity=None), ""]), encoding="utf-8"
    )
    pl.read_csv(csv_file, schema_overrides={"icao24": pl.String}).write_parquet(parquet_file)
    of_parquet, of_csv = (read(path).drop_columns(FILE_LINE) for path in (parquet_file, csv_file))
    assert of_parquet.to_pylist() == of_csv.to_pylist()


@pytest.mark.parametrize(
    ("address", "is_taken"),
    [
        (0, False),
        (1, False),
        (2, True),
        (0x123456, False),
        (0x3C6444, True),
        (0xFFFFFE, True),
        (0xFFFFFF, False),
    ],
)
def test_addresses_that_are_nobodys_are_rejected(tmp_path: Path, address: int, is_taken: bool) -> None:
    path = tmp_path / "states.csv"
    path.write_text(f"{HEADER}\n{state(icao24=f'{address:06x}')}\n", encoding="utf-8")
    split = apply_row_rules(read(path), BRONZE_MESSAGES, None, PLANE_RULES)
    assert split.accepted.num_rows == int(is_taken)
    assert split.reasons == ({} if is_taken else {"mmsi_not_a_ship": 1})
    assert apply_row_rules(read(path), BRONZE_MESSAGES, None, SHIP_RULES).accepted.num_rows == 0, (
        "none is a ship's"
    )


# --- from fixes to arrivals


class Fix(NamedTuple):
    """A plane at a minute after noon: so far along Frankfurt's runway, with its speed and flag."""

    minute: float
    along_km: float
    knots: float
    flag: float = 0.0
    altitude_m: float = 400.0


APPROACH = [Fix(m, -14 + 3 * m, 150) for m in range(4)]
LANDING = [Fix(4.2, -1.5, 130, 1), Fix(4.7, 0, 30, 1)]
STAND = [Fix(6, 0.1, 10, 1), Fix(8, 0.2, 0, 1)]
DEPARTURE = [
    Fix(60, 0.2, 12, 1),
    Fix(64, -1.0, 90, 1),
    Fix(64.5, 1.0, 150),
    Fix(65.5, 6, 200),
    Fix(67, 14, 250),
]


def folded(index: PortIndex, fixes: list[Fix]) -> list[dict[str, Any]]:
    """Calls and passages that the fold makes of the fixes of one plane."""
    places = [FRANKFURT.at(fix.along_km, 0.0) for fix in fixes]
    columns = {
        "latitude": [place.latitude for place in places],
        "longitude": [place.longitude for place in places],
        "sog_knots": [fix.knots for fix in fixes],
        "ground_flag": [fix.flag for fix in fixes],
        "altitude_m": [fix.altitude_m for fix in fixes],
    }
    numbers = {name: np.array(values, np.float64) for name, values in columns.items()}
    second = np.array([NOON + round(60 * fix.minute) for fix in fixes])
    mmsi = np.full(second.size, 0x3C6444)
    here = places_of(
        Messages(pa.table({}), mmsi, second, numbers),
        index,
        GateIndex.empty(),
        date(2026, 1, 5),
        PLANE_RULES,
    )
    thresholds = Thresholds.from_rules(PLANE_RULES)
    latitude, longitude, knots = (numbers[name] for name in ("latitude", "longitude", "sog_knots"))
    resting = np.zeros(second.size, np.bool_)
    fixed = Fixes(mmsi, second, latitude, longitude, knots, resting, here.port, here.anchorage, here.gate)
    day = fold_day(fixed, Carried.empty(), index.outlines, StraitWays.empty(), thresholds)
    visits = np.concatenate([day.settled.visits, visits_of_full_tracks(day.carried, thresholds)])
    rows = port_call_rows(visits, index.port_locodes, NO_CLASSES, NO_REPORTS, "open", PLANE_RULES)
    assert (day.verdicts.code == 0).all()
    return rows.sort("first_seen_at_utc").to_dicts()


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> PortIndex:
    """The look-up of two simulated airports, Frankfurt among them."""
    path = write_airports(tmp_path_factory.mktemp("airports") / "airports.geojson", AIRPORTS[:2])
    areas = read_port_file(path, PLANE_RULES).areas
    return PortIndex.build(
        areas, cover_with_cells(areas, PLANE_RULES.port_cell_resolution, rules=PLANE_RULES), PLANE_RULES
    )


def minutes(moment: datetime | None) -> float | None:
    return None if moment is None else (moment.timestamp() - NOON) / 60


def test_a_full_stop_is_an_arrival_at_touchdown_and_a_departure_in_the_air(index: PortIndex) -> None:
    (call,) = folded(index, [*APPROACH, *LANDING, *STAND, *DEPARTURE])
    assert (call["event_type"], call["port_locode"], call["call_status"]) == ("port_call", "EDDF", "closed")
    assert minutes(call["arrived_at_utc"]) == pytest.approx(4.2)
    assert minutes(call["departed_at_utc"]) == pytest.approx(65.5), "the first fix beyond the margin"


def test_a_plane_in_the_air_above_an_airport_is_not_there(index: PortIndex) -> None:
    """An overflight, and a go-around down to some metres above the runway."""
    assert folded(index, [Fix(m, -6 + 3 * m, 180, altitude_m=9000) for m in range(6)]) == []
    go_around = [Fix(4, -1, 140, altitude_m=130), Fix(4.5, 1, 150, altitude_m=130), Fix(6, 7, 150)]
    assert folded(index, [*APPROACH, *go_around]) == []


def test_a_touch_and_go_is_a_passage_and_the_full_stop_after_it_a_call(index: PortIndex) -> None:
    touch = [
        Fix(4.2, -1.5, 120, 1),
        Fix(4.5, -0.5, 105, 1),
        Fix(5.2, 2, 140),
        Fix(6.5, 6, 140),
        Fix(9, -9, 140),
    ]
    full_stop = [Fix(m + 6, a, k, f) for m, a, k, f, _ in (*LANDING, *STAND)]
    passage, call = folded(index, [*APPROACH, *touch, *full_stop])
    assert (passage["event_type"], call["event_type"]) == ("passage", "port_call")
    assert minutes(call["arrived_at_utc"]) == pytest.approx(10.2)


@pytest.mark.parametrize(("slow_minutes", "kind"), [(1.9, "passage"), (2.0, "port_call")])
def test_two_minutes_up_to_sixty_knots_are_a_full_stop(
    index: PortIndex, slow_minutes: float, kind: str
) -> None:
    stop = [
        Fix(4.2, -1.5, 130, 1),
        Fix(4.6, -0.5, 61, 1),
        Fix(5, 0, 60, 1),
        Fix(5 + slow_minutes, 0.4, 60, 1),
    ]
    stop += [Fix(7.3, 0.5, 61, 1), Fix(9, 6, 160)]
    (visit,) = folded(index, [*APPROACH, *stop])
    assert visit["event_type"] == kind


def test_a_plane_without_flags_arrives_where_it_is_slow(index: PortIndex) -> None:
    unflagged = [fix._replace(flag=UNKNOWN) for fix in (*APPROACH, *LANDING, *STAND)]
    (call,) = folded(index, unflagged)
    assert call["event_type"] == "port_call"
    assert minutes(call["arrived_at_utc"]) == pytest.approx(4.7), "not in the landing run"


# --- airports, and a lake of one subject


def airport_feature(code: str, **properties: Any) -> dict[str, Any]:
    ring = FRANKFURT.ring()
    named = {"port_locode": code, "port_name": code, "area_kind": "airport"} | properties
    return {"type": "Feature", "properties": named, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def port_file(path: Path, *features: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), encoding="utf-8")
    return path


def test_airports_have_codes_of_their_own_and_no_country_by_them(tmp_path: Path) -> None:
    path = port_file(
        tmp_path / "a.geojson",
        airport_feature("EGLL"),
        airport_feature("FRA", country_iso3="DEU"),
        airport_feature("DEFRA"),
    )
    file = read_port_file(path, PLANE_RULES)
    assert [(a.port_locode, a.country_iso3) for a in file.areas] == [("EGLL", None), ("FRA", "DEU")]
    assert any("'DEFRA' is no code of IATA or ICAO" in problem for problem in file.problems)


def test_ports_and_airports_do_not_mix(tmp_path: Path) -> None:
    airports = port_file(tmp_path / "airports.geojson", airport_feature("EDDF"))
    ports = port_file(tmp_path / "ports.geojson", airport_feature("DEFRA", area_kind="port"))
    with pytest.raises(
        BadInputError, match="'airport' is none of port, berth, anchorage, and the lake follows ships"
    ):
        read_port_file(airports, SHIP_RULES)
    with pytest.raises(BadInputError, match="'port' is none of airport, and the lake follows planes"):
        read_port_file(ports, PLANE_RULES)
    with pytest.raises(BadInputError, match="lists ports, and the lake follows planes"):
        read_port_file(None, PLANE_RULES)


def test_a_lake_follows_ships_or_planes_and_stays_so(tmp_path: Path) -> None:
    of_planes, of_ships = Settings(tmp_path / "air"), Settings(tmp_path / "sea")
    make_for(of_planes, "planes")
    for settings in (of_planes, of_ships):
        create_tables(settings)
    assert (lake_subject(of_planes), lake_subject(of_ships)) == ("planes", "ships")
    make_for(of_planes, "planes")
    for settings, other in ((of_planes, "ships"), (of_ships, "planes")):
        with pytest.raises(WrongUseError, match=f"init --subject {other}"):
            make_for(settings, other)  # type: ignore[arg-type]
    assert refusal("a.csv", "planes", of_planes) is None
    assert refusal("a.csv", "ships", of_ships) is None
    said = refusal("a.csv", "planes", of_ships)
    assert said is not None
    assert said.startswith("a.csv: contains planes, and the lake in")


def test_files_of_bronze_that_are_older_than_the_columns_of_planes_can_be_written_again(
    tmp_path: Path,
) -> None:
    """A correction or an expiry reads such a file whole, and stages what stays of it by the contract of now."""
    settings = Settings(tmp_path)
    folder = settings.table_path(BRONZE_MESSAGES)
    schema = arrow_schema(BRONZE_MESSAGES, with_partitions=False)
    older = schema.empty_table().drop_columns(["altitude_m", "ground_flag"])
    folder.mkdir(parents=True)
    pq.write_table(older, folder / "part-0.parquet")
    partition = {"observed_on": "2026-01-05", "ship_bucket": "0"}
    rows = read_whole_file(settings, BRONZE_MESSAGES, TableFile("part-0.parquet", partition, size=0, rows=0))
    assert rows.schema.names == schema.names
    assert (
        stage(table_folder(settings, BRONZE_MESSAGES), BRONZE_MESSAGES, rows, partition, "part-mixed").rows
        == 0
    )
