"""Written files come back the same through our own adapters, to what each format can carry."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet
import pytest
from h3ronpy.vector import coordinates_to_cells

from ais_indicators.contracts.row_rules import apply_row_rules
from ais_indicators.errors import WrongUseError
from ais_indicators.sources import SourceBlock, guess_delivery, inspect, plan, read_chunk
from ais_simulator.radio import FORMATS, DayMessages, Format, day_messages, write_day
from ais_simulator.radio.records import AID_TO_NAVIGATION, BASE_STATION, CLASS_B, NO_STATUS
from ais_simulator.scenario import Faults, Scenario
from tests.radio_sea import DAY_S, START, Sailing, lying, sea
from tests.subject_rules import SHIP_RULES

SHORE_TYPES = (BASE_STATION, AID_TO_NAVIGATION)
ALL_AT_ONCE = Faults(
    lost_share=0.02,
    collision_share_per_ship=0.001,
    duplicate_share=0.02,
    position_jump_share=0.01,
    wrong_time_share=0.01,
    slow_clock_share=0.3,
    not_available_share=0.1,
)
VOYAGE_COLUMNS = ("imo_number", "draught_m", "destination", "eta_utc")


def small_sea() -> Any:
    """Ships of both classes at rest, at anchor and at sea, over the antimeridian too, with an odd name."""
    legs = [
        lying(5),
        lying(1, (51.9, 3.5)),
        [Sailing(start=(51.9, 3.0), end=(52.5, 2.0), status=0)],
        [Sailing(start=(-17.0, 179.5), end=(-17.5, -179.5), status=0)],
        lying(0, (52.0, 4.0)),
        [
            Sailing(0, 40_000, (51.9, 3.0), (52.5, 3.9), 7),
            Sailing(40_000, DAY_S, (52.5, 3.9), (52.5, 3.9), 5),
        ],
        [Sailing(start=(54.0, 6.0), end=(54.5, 9.0), status=0)],
    ]
    names = ["A, B", 'THE "FOX"', "SHIP 2", "SHIP 3", "SHIP 4", "", "ABCDEFGHIJKLMNOPQRST"]
    change = {"draught_m": 9.9, "destination": "GB FXT, DOVER", "mmsi": 235_000_007}
    return sea(
        legs,
        class_b=[4, 6],
        changes=[(2, 20_000.5, change), (0, 50_000, {"draught_m": 0.0, "eta_s": 0.0, "imo_number": 0})],
        stations=[(52.0, 4.0, 150.0), (54.3, 8.0, 60.0)],
        outages=[(1, 3600.0, 7200.0)],
        vessel_name=np.array(names, object),
    )


@pytest.fixture(scope="module")
def faulty() -> DayMessages:
    return day_messages(small_sea(), Scenario(coverage="receivers", faults=ALL_AT_ONCE), 120, 3)


def read(path: Path, target_bytes: int = 1 << 20) -> list[SourceBlock]:
    source = inspect(path, rules=SHIP_RULES)
    return [
        block
        for chunk in plan(source, path.parent, target_bytes, rules=SHIP_RULES)
        for block in read_chunk(chunk, SHIP_RULES)
    ]


def frame(blocks: list[SourceBlock], table: str = "rows") -> pl.DataFrame:
    found = pl.from_arrow(pa.concat_tables([getattr(block, table) for block in blocks]))
    assert isinstance(found, pl.DataFrame)
    return found.drop("file_line")


def times(seconds: Any) -> list[datetime | None]:
    return [datetime.fromtimestamp(s, UTC) if s else None for s in np.asarray(seconds).tolist()]


def sent(messages: DayMessages, known: bool, decimals: int) -> pl.DataFrame:
    """Positions under the names of bronze; with the static values of the row where a format carries them."""
    rows, sets = messages.positions, messages.sets
    version = rows["known_version"]
    columns: dict[str, Any] = {
        "mmsi": rows["mmsi"].astype(np.int64),
        "message_type": rows["message_type"].astype(np.int32),
        "observed_at_utc": times(rows["stamped_s"].astype(np.int64) + START),
        "latitude": degrees(rows["latitude_steps"], decimals),
        "longitude": degrees(rows["longitude_steps"], decimals),
        "sog_knots": rows["sog_tenths"] / 10,
        "cog_degrees": rows["cog_tenths"] / 10,
        "heading_degrees": rows["heading_degrees"].astype(float),
        "navigational_status": rows["navigational_status"].astype(np.int32),
        "transceiver_class": np.where(rows["message_type"] == CLASS_B, "B", "A"),
    }
    if known:
        columns |= {
            "imo_number": sets.imo_number[version],
            "vessel_name": sets.vessel_name[version],
            "call_sign": sets.call_sign[version],
            "ais_ship_type": sets.ais_ship_type[version].astype(np.int32),
            "length_m": sets.length_m[version].astype(float),
            "width_m": sets.width_m[version].astype(float),
            "draught_m": sets.draught_tenths[version] / 10,
            "destination": sets.destination[version],
            "eta_utc": times(sets.eta_s[version]),
        }
    found = pl.DataFrame(columns)
    for name in ("vessel_name", "call_sign", "destination"):
        if known:
            found = found.with_columns(pl.col(name).replace("", None))
    return found


def degrees(steps: Any, decimals: int) -> Any:
    """Ten-thousandths of a minute as degrees, halves rounded away from zero."""
    if decimals > 6:
        return steps / 600_000
    unit = 10**decimals
    return np.sign(steps) * ((np.abs(steps.astype(np.int64)) * unit + 300_000) // 600_000) / unit


def without_zeros(rows: pl.DataFrame, *columns: str) -> pl.DataFrame:
    return rows.with_columns(pl.when(pl.col(n) != 0).then(pl.col(n)).alias(n) for n in columns)


def same(found: pl.DataFrame, wanted: pl.DataFrame) -> None:
    """Same rows in the same order, in the columns of what was wanted; nothing else was found, but for stations."""
    empty = [name for name in found.columns if name not in (*wanted.columns, "station")]
    assert found.select(pl.col(empty).count()).sum_horizontal().item() == 0, empty
    for name in wanted.columns:
        column, other = found[name], wanted[name].cast(found[name].dtype)
        assert column.equals(other, null_equal=True), (
            name,
            found.filter(~column.eq_missing(other)).head(3).to_dicts(),
            other.filter(~column.eq_missing(other)).head(3).to_list(),
        )


def ships_only(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(~pl.col("message_type").is_in(SHORE_TYPES))


def test_noaa(faulty: DayMessages, tmp_path: Path) -> None:
    path = write_day(faulty, "noaa", tmp_path)
    assert path.name == "AIS_2026_01_05.csv"
    assert path.stat().st_mtime == START + DAY_S
    wanted = sent(faulty, known=True, decimals=5).drop("message_type", "destination", "eta_utc")
    wanted = without_zeros(wanted, "imo_number", "ais_ship_type", "length_m", "width_m", "draught_m")
    wanted = wanted.with_columns(navigational_status=pl.col("navigational_status").replace(NO_STATUS, None))
    blocks = read(path)
    assert inspect(path, rules=SHIP_RULES).layout == "noaa_2018"
    same(frame(blocks).drop("value_flags"), wanted)
    assert not frame(blocks)["value_flags"].drop_nulls().len()
    assert not frame(blocks, "unreadable").height


def test_dma(faulty: DayMessages, tmp_path: Path) -> None:
    path = write_day(faulty, "dma", tmp_path)
    assert path.name == "aisdk-2026-01-05.csv"
    wanted = ships_only(sent(faulty, known=True, decimals=6)).drop("message_type")
    wanted = without_zeros(wanted, "imo_number", "length_m", "width_m", "draught_m").with_columns(
        ais_ship_type=pl.when(pl.col("ais_ship_type") > 0).then(pl.col("ais_ship_type") // 10 * 10),
        sog_knots=pl.col("sog_knots").replace(102.3, None),
        cog_degrees=pl.col("cog_degrees").replace(360, None),
        heading_degrees=pl.col("heading_degrees").replace(511, None),
        navigational_status=pl.col("navigational_status").replace(NO_STATUS, None),
    )
    blocks = read(path)
    assert inspect(path, rules=SHIP_RULES).layout == "dma"
    same(frame(blocks), wanted)
    assert sum(block.set_aside.get("type_4", 0) for block in blocks) == count(faulty, BASE_STATION)
    assert sum(block.set_aside.get("type_21", 0) for block in blocks) == count(faulty, AID_TO_NAVIGATION)


def test_ungp(faulty: DayMessages, tmp_path: Path) -> None:
    path = write_day(faulty, "ungp", tmp_path)
    assert path.name == "ungp_2026-01-05.parquet"
    blocks = read(path)
    assert inspect(path, rules=SHIP_RULES).layout == "un_global_platform"
    same(frame(blocks), ships_only(sent(faulty, known=True, decimals=6)))
    assert sum(block.set_aside["type_4"] for block in blocks) == count(faulty, BASE_STATION)


def test_ungp_reports_when_the_static_values_were_heard_and_where_the_place_lies(
    faulty: DayMessages, tmp_path: Path
) -> None:
    table = pyarrow.parquet.read_table(write_day(faulty, "ungp", tmp_path))
    rows = pl.from_arrow(table)
    assert isinstance(rows, pl.DataFrame)
    age = (rows["dt_pos_utc"] - rows["dt_static_utc"]).dt.total_seconds().to_numpy()
    on_time = (faulty.positions["stamped_s"] == faulty.positions["sent_s"]) & (faulty.positions["copy"] == 0)
    assert age[on_time].min() >= 0
    assert np.median(age[on_time]) <= 360
    good = rows.filter(pl.col("latitude").abs() <= 90, pl.col("longitude").abs() <= 180).head(200)
    for resolution in (0, 5, 9, 15):
        cells = pa.array(
            coordinates_to_cells(good["latitude"].to_arrow(), good["longitude"].to_arrow(), resolution)
        )
        assert good[f"H3_int_index_{resolution}"].to_list() == cells.to_pylist()
    assert set(good["source"]) <= {"T-AIS", "S-AIS"}


def test_nmea_positions(faulty: DayMessages, tmp_path: Path) -> None:
    path = write_day(faulty, "nmea", tmp_path)
    assert path.name == "ais_2026-01-05.nmea"
    blocks = read(path, 50_000)
    wanted = ships_only(sent(faulty, known=False, decimals=15))
    assert inspect(path, rules=SHIP_RULES).layout == "nmea"
    same(frame(blocks), wanted)
    assert sum(block.set_aside.get("type_4", 0) for block in blocks) == count(faulty, BASE_STATION)
    assert sum(block.set_aside.get("type_21", 0) for block in blocks) == count(faulty, AID_TO_NAVIGATION)
    assert not frame(blocks, "unreadable").height


def test_nmea_statics(faulty: DayMessages, tmp_path: Path) -> None:
    rows, sets = faulty.statics, faulty.sets
    version, is_voyage, is_b = rows["version"], rows["message_type"] == 5, rows["part"] == 1
    has_name, has_size = is_voyage | ~is_b, is_voyage | is_b
    columns = {
        "mmsi": (sets.mmsi, is_voyage | True),
        "imo_number": (sets.imo_number, is_voyage),
        "vessel_name": (sets.vessel_name, has_name),
        "call_sign": (sets.call_sign, has_size),
        "ais_ship_type": (sets.ais_ship_type, has_size),
        "length_m": (sets.length_m, has_size),
        "width_m": (sets.width_m, has_size),
        "draught_m": (sets.draught_tenths / 10, is_voyage),
        "destination": (sets.destination, is_voyage),
    }
    wanted: dict[str, Any] = {
        name: [
            value if is_sent and value != "" else None
            for value, is_sent in zip(values[version].tolist(), where, strict=True)
        ]
        for name, (values, where) in columns.items()
    }
    wanted["observed_at_utc"] = times(rows["stamped_s"].astype(np.int64) + START)
    wanted["eta_utc"] = times(np.where(is_voyage, sets.eta_s[version], 0))
    wanted["message_type"] = rows["message_type"].astype(np.int32)
    wanted["part"] = [None if v else "B" if b else "A" for v, b in zip(is_voyage, is_b, strict=True)]
    expected = pl.DataFrame(wanted, schema_overrides={"part": pl.String, "mothership_mmsi": pl.Int64})
    found = frame(read(write_day(faulty, "nmea", tmp_path)), "statics")
    order = ["observed_at_utc", "mmsi", "message_type", "part"]
    same(found.sort(order, maintain_order=True), expected.sort(order, maintain_order=True))


def test_the_row_rules_find_the_faults_that_were_made(tmp_path: Path) -> None:
    faults = Faults(not_available_share=0.2, wrong_time_share=0.1)
    messages = day_messages(small_sea(), Scenario(faults=faults), 60, 3)
    path = write_day(messages, "noaa", tmp_path)
    rows = pa.concat_tables([block.rows for block in read(path)]).combine_chunks()
    delivered = guess_delivery(path, rows["observed_at_utc"], SHIP_RULES)
    found = apply_row_rules(rows, "bronze.ais_messages", delivered, SHIP_RULES)
    counts = {name.removeprefix("positions."): n for name, n in messages.fault_counts.items()}
    late = int((messages.positions["stamped_s"] > DAY_S + 3600).sum())
    assert late > 0
    assert found.reasons == {
        "latitude_not_available": counts["position_not_available"],
        "longitude_not_available": counts["position_not_available"],
        "latitude_out_of_range": counts["latitude_out_of_range"],
        "longitude_out_of_range": counts["longitude_out_of_range"],
        "mmsi_not_a_ship": count(messages, BASE_STATION) + count(messages, AID_TO_NAVIGATION),
        "timestamp_after_delivery": late,
    }
    flags = pc.sum(pc.match_substring(found.accepted["value_flags"], "heading")).as_py()
    assert 0 < flags <= counts["heading_out_of_range"]


@pytest.mark.parametrize("written_as", ["noaa", "dma", "nmea"])
def test_a_line_that_is_cut_off_is_unreadable_and_costs_no_other(written_as: Format, tmp_path: Path) -> None:
    whole = day_messages(small_sea(), Scenario(), 120, 3)
    cut = day_messages(small_sea(), Scenario(faults=Faults(truncated_share=0.1)), 120, 3)
    assert np.array_equal(whole.positions, cut.positions)
    lost = cut.fault_counts["positions.truncated"]
    assert 0.05 < lost / whole.positions.size < 0.15
    before = frame(read(write_day(whole, written_as, tmp_path / "whole")))
    blocks = read(write_day(cut, written_as, tmp_path / "cut"))
    assert before.height - frame(blocks).height == lost
    statics = cut.fault_counts["statics.truncated"] if written_as == "nmea" else 0
    reasons = frame(blocks, "unreadable")["reject_reasons"].value_counts()
    orphans = reasons.filter(pl.col("reject_reasons").str.starts_with("fragment"))["count"].sum()
    assert reasons["count"].sum() == lost + statics + orphans
    assert orphans <= statics


def test_two_writings_give_the_same_bytes(faulty: DayMessages, tmp_path: Path) -> None:
    for written_as in FORMATS:
        one, other = (write_day(faulty, written_as, tmp_path / name).read_bytes() for name in ("a", "b"))
        assert one == other
    assert not list(tmp_path.glob("*/.*"))


def test_a_day_without_a_message_has_a_file(tmp_path: Path) -> None:
    messages = day_messages(sea([]), Scenario(), 60, 1)
    for written_as in FORMATS:
        assert write_day(messages, written_as, tmp_path).exists()


def test_a_format_that_is_not_known_is_refused(faulty: DayMessages, tmp_path: Path) -> None:
    with pytest.raises(WrongUseError, match="xml"):
        write_day(faulty, "xml", tmp_path)  # type: ignore[arg-type]


def count(messages: DayMessages, message_type: int) -> int:
    return int((messages.positions["message_type"] == message_type).sum())
