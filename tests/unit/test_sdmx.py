"""Releases as SDMX: what is written is read by others as it was published, key by key and value by value."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from pysdmx.io import read_sdmx
from pysdmx.io.xml.doc_validation import validate_doc

from ais_indicators.contracts.measures import observed_contract
from ais_indicators.errors import BadInputError
from ais_indicators.publish.files import RELEASED_TABLES
from ais_indicators.publish.publication import read_publication
from ais_indicators.publish.sdmx.components import components_of, key_ids, stem
from ais_indicators.publish.sdmx.data_xml import write_sdmx_ml
from ais_indicators.publish.sdmx.rows import ACTION, changes, to_observations
from ais_indicators.publish.sdmx.structures import SdmxVersion, build_structures, sdmx_code
from ais_indicators.publish.sdmx.versions import table_version
from tests.release_lake import (
    ACTIVITY,
    FIRST_ROWS,
    FLOWS,
    INTERFERENCE,
    QUALITY,
    REVISED_ROWS,
    STATUS,
    Row,
    arrivals,
    tables,
)
from tests.sdmx_export import PLACES, PREPARED, ROWS, VERSIONS, export, sdmx_csv
from tests.sdmx_reader import read_sdmx1


def of_first_rows(*wanted: tuple[str, str]) -> list[Row]:
    return [row for row in FIRST_ROWS[ACTIVITY] if (row["port_locode"], row["vessel_class"]) in wanted]


def expected(table: str) -> dict[tuple[str, ...], dict[str, Any]]:
    """What a reader shall find: by key (the columns of the table but the unit's blank), value and attributes."""
    found = {}
    for row in to_observations(ROWS[table], table, PLACES).to_dicts():
        key = tuple(str(row.pop(name)) for name in key_ids(table))
        found[key] = {name: value for name, value in row.items() if value is not None}
    return found


def test_an_observation_is_a_line_with_the_standard_names(tmp_path: Path) -> None:
    rows = of_first_rows(("NLRTM", "tanker"), ("WPI10", "container"), ("_T", "_T"))
    export(tmp_path / "out", "sdmx-csv", rows={ACTIVITY: pl.DataFrame(tables({ACTIVITY: rows})[ACTIVITY])})
    flow = "dataflow,AIS_INDICATORS:PORT_ACTIVITY(2.1.0),R,W"
    assert (tmp_path / "out" / "port_activity_weekly.sdmx.csv").read_bytes().decode("ascii").splitlines() == [
        "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,PORT,VESSEL_TYPE,INDICATOR,ADJUSTMENT,TIME_PERIOD,OBS_VALUE,"
        "UNIT_MEASURE,UNIT_MULT,DECIMALS,OBS_STATUS,CONF_STATUS,STATUS_REASON",
        f"{flow},_T,_T,_T,arrivals,N,2020-W53,12,calls,0,0,P,F,",
        f"{flow},NLD,NLRTM,tanker,arrivals,N,2020-W53,1,calls,0,0,P,F,",
        f"{flow},_X,WPI10,container,arrivals,N,2020-W53,,calls,0,0,Q,A,",
    ]


def test_a_missing_and_a_suppressed_value_are_absent_with_their_status(tmp_path: Path) -> None:
    export(tmp_path / "out", "sdmx-csv")
    empty = [
        (line["OBS_STATUS"], line.get("CONF_STATUS"))
        for table in (ACTIVITY, QUALITY)
        for line in sdmx_csv(tmp_path / "out", table)
        if line["OBS_VALUE"] == ""
    ]
    assert empty == [("Q", "A"), ("O", None)]
    export(tmp_path / "out", "sdmx-ml")
    text = (tmp_path / "out" / "port_activity_weekly.sdmx30.xml").read_text(encoding="utf-8")
    assert '<Obs TIME_PERIOD="2020-W53" OBS_STATUS="Q" CONF_STATUS="A"/>' in text


def test_a_reason_goes_with_a_value_of_low_reliability_alone(tmp_path: Path) -> None:
    marked = arrivals("NLRTM", "_T", 4.0, obs_status="U", status_reason="vessels_dark")
    rows = pl.DataFrame(tables({ACTIVITY: [marked, arrivals("WPI10", "_T", 3.0)]})[ACTIVITY])
    for file_format in ("sdmx-csv", "sdmx-ml"):
        export(tmp_path / "out", file_format, rows={ACTIVITY: rows})
    found = {line["PORT"]: line["STATUS_REASON"] for line in sdmx_csv(tmp_path / "out", ACTIVITY)}
    assert found == {"NLRTM": "vessels_dark", "WPI10": ""}
    text = (tmp_path / "out" / "port_activity_weekly.sdmx30.xml").read_text(encoding="utf-8")
    validate_doc(text)
    assert text.count("STATUS_REASON=") == text.count('STATUS_REASON="vessels_dark"') == 1


def test_a_measure_of_its_own_column_is_an_observation_with_its_unit(tmp_path: Path) -> None:
    export(tmp_path / "out", "sdmx-csv")
    wanted = ("OBS_VALUE", "UNIT_MEASURE", "OBS_STATUS", "CHOKEPOINT_STATUS", "STATUS_REASON")
    found = {
        (line["CHOKEPOINT"], line["INDICATOR"]): tuple(line[name] for name in wanted)
        for line in sdmx_csv(tmp_path / "out", STATUS)
    }
    assert found["suez", "observed_transits"] == ("5", "transits", "P", "restricted", "")
    assert found["own_gate", "observed_transits"] == ("", "transits", "O", "not_known", "too_few_weeks")
    assert found["own_gate", "baseline_weeks"] == ("8", "weeks", "A", "not_known", "too_few_weeks")
    suppressed = [line for line in sdmx_csv(tmp_path / "out", INTERFERENCE) if line["OBS_STATUS"] == "Q"]
    assert [line["INDICATOR"] for line in suppressed] == ["days", "vessel_hours", "vessels"]
    assert {(line["OBS_VALUE"], line["CONF_STATUS"]) for line in suppressed} == {("", "A")}


def test_the_reasons_of_all_tables_are_one_list(tmp_path: Path) -> None:
    export(tmp_path / "out", "sdmx-csv")
    structures = read_sdmx1(tmp_path / "out" / "structures.sdmx30.xml")
    reasons = set(structures.codelist["CL_STATUS_REASON"].items)
    for table in RELEASED_TABLES:
        columns = {one.name: set(one.one_of) for one in observed_contract(table).columns}
        assert columns.get("status_reason", set()) <= reasons


def test_numbers_are_exact_and_units_have_no_blank(tmp_path: Path) -> None:
    export(tmp_path / "out", "sdmx-csv")
    lines = {(line["REF_AREA"], line["INDICATOR"]): line for line in sdmx_csv(tmp_path / "out", FLOWS)}
    assert lines["NLD", "tonnes"]["OBS_VALUE"] == "0.30000000000000004"
    assert lines["_T", "tonne_miles"]["UNIT_MEASURE"] == "t_nmi"
    assert lines["NLD", "tonnes"]["STANDARD_ERROR"] == "0.30000000000000004"
    assert lines["NLD", "tonnes"]["INTERVAL_LOW"] == ""


@pytest.mark.parametrize("version", VERSIONS)
def test_sdmx1_reads_from_sdmx_ml_what_was_published(tmp_path: Path, version: SdmxVersion) -> None:
    names = export(tmp_path / "out", "sdmx-ml", version)
    suffix = f"sdmx{version.replace('.', '')}.xml"
    structures = read_sdmx1(tmp_path / "out" / f"structures.{suffix}")
    for table in RELEASED_TABLES:
        name = f"{table.partition('.')[2]}.{suffix}"
        assert name in names
        structure = structures.structure[stem(table)]
        assert structures.dataflow[stem(table)].structure is structure
        message = read_sdmx1(tmp_path / "out" / name, structure=structure)
        attributes = [one.id for one in components_of(table) if one.role in ("series", "observation")]
        found = {}
        for one in message.data[0].obs:
            values = {n: one.attrib[n].value for n in attributes if n in one.attrib}
            key = tuple(str(one.key[dimension].value) for dimension in key_ids(table))
            found[key] = values | ({} if one.value is None else {"OBS_VALUE": one.value})
        assert as_texts(found) == as_texts(expected(table))


def as_texts(
    observations: Mapping[tuple[str, ...], Mapping[str, Any]],
) -> dict[tuple[str, ...], dict[str, Any]]:
    """Numbers as numbers whatever they were read as, all else as text."""
    numeric = {"OBS_VALUE", "VOYAGES", "MISSING_SHARE", "IMPUTED_SHARE", "STANDARD_ERROR"}
    return {
        key: {name: float(value) if name in numeric else str(value) for name, value in of.items()}
        for key, of in observations.items()
    }


def test_sdmx1_reads_from_sdmx_csv_what_was_published(tmp_path: Path) -> None:
    export(tmp_path / "out", "sdmx-csv")
    structures = read_sdmx1(tmp_path / "out" / "structures.sdmx30.xml")
    for table in RELEASED_TABLES:
        path = tmp_path / "out" / f"{table.partition('.')[2]}.sdmx.csv"
        message = read_sdmx1(path, structure=structures.structure[stem(table)])
        found = {
            tuple(str(one.key[name].value) for name in key_ids(table)): float(one.value)
            if one.value
            else None
            for data in message.data
            for one in data.obs
        }
        assert found == {key: row.get("OBS_VALUE") for key, row in expected(table).items()}


def test_pysdmx_reads_from_sdmx_csv_what_was_published(tmp_path: Path) -> None:
    """Its reader takes numbers to the last bit but one."""
    export(tmp_path / "out", "sdmx-csv")
    for table in RELEASED_TABLES:
        path = tmp_path / "out" / f"{table.partition('.')[2]}.sdmx.csv"
        message: Any = read_sdmx(path, validate=False)
        data = message.data[0]
        assert (
            data.short_urn
            == f"Dataflow=AIS_INDICATORS:{stem(table)}({table_version(table, read_publication(), PLACES)})"
        )
        keys = zip(*(data.data[name].astype(str) for name in key_ids(table)), strict=True)
        texts = data.data["OBS_VALUE"].astype(str).replace({"": "nan", "<NA>": "nan"})
        wanted = {key: row.get("OBS_VALUE", math.nan) for key, row in expected(table).items()}
        found = dict(zip(keys, map(float, texts), strict=True))
        assert found == pytest.approx(wanted, rel=1e-15, nan_ok=True)


@pytest.mark.parametrize("version", VERSIONS)
def test_messages_keep_to_the_schemas_of_the_standard(tmp_path: Path, version: SdmxVersion) -> None:
    export(tmp_path / "out", "sdmx-ml", version)
    files = list((tmp_path / "out").glob("*.xml"))
    assert len(files) == len(RELEASED_TABLES) + 2
    for path in files:
        validate_doc(path.read_text(encoding="utf-8"))
    broken = files[0].read_text(encoding="utf-8").replace("<mes:Header>", "<mes:Head>", 1)
    with pytest.raises(Exception, match=r"(?i)head"):
        validate_doc(broken)


def test_every_code_in_the_data_is_in_its_list(tmp_path: Path) -> None:
    export(tmp_path / "out", "sdmx-csv")
    structures = read_sdmx1(tmp_path / "out" / "structures.sdmx30.xml")
    for table in RELEASED_TABLES:
        structure = structures.structure[stem(table)]
        lines = sdmx_csv(tmp_path / "out", table)
        coded = {
            one.id: set(one.local_representation.enumerated.items)
            for one in (*structure.dimensions, *structure.attributes)
            if one.local_representation and one.local_representation.enumerated is not None
        }
        assert {"FREQ", "INDICATOR", "UNIT_MEASURE", "UNIT_MULT", "DECIMALS", "OBS_STATUS"} <= coded.keys()
        for name, codes in coded.items():
            absent = set() if name != "STATUS_REASON" else {""}
            assert {line[name] for line in lines} <= codes | absent, (table, name)


def test_structures_name_places_and_hold_the_contracts_descriptions(tmp_path: Path) -> None:
    export(tmp_path / "out", "sdmx-csv")
    structures = read_sdmx1(tmp_path / "out" / "structures.sdmx30.xml")
    ports = structures.codelist["CL_PORT"]
    assert {code: str(ports[code].name) for code in ports.items} == {
        "NLRTM": "Rotterdam & <Europoort>",
        "WPI10": "Tiny",
        "_T": "All ports",
    }
    areas = structures.codelist["CL_AREA"]
    assert [str(areas[code].name) for code in ("NLD", "BEL", "_T", "_X")] == [
        "Netherlands",
        "Belgium",
        "World",
        "Not known",
    ]
    concepts = structures.concept_scheme["CS_AIS_INDICATORS"]
    assert str(concepts["OBS_VALUE"].description) == "The value; null if it cannot be given."
    time = structures.structure["PORT_ACTIVITY"].dimensions.get("TIME_PERIOD")
    assert time.local_representation.non_enumerated[0].value_type.name == "reportingWeek"


def test_adjustments_are_a_list_of_our_own_that_names_the_same_codes_of_standard_lists(
    tmp_path: Path,
) -> None:
    export(tmp_path / "out", "sdmx-csv")
    for version in VERSIONS:
        structures = read_sdmx1(tmp_path / "out" / f"structures.sdmx{version.replace('.', '')}.xml")
        component = structures.structure["PORT_ACTIVITY"].dimensions.get("ADJUSTMENT")
        codes = component.local_representation.enumerated
        assert (codes.id, codes.maintainer.id) == ("CL_COVERAGE_ADJUSTMENT", "AIS_INDICATORS")
        assert set(codes.items) == {"N", "COVERAGE"}
        assert all(str(codes[code].description) for code in codes.items)
        urn = "urn:sdmx:org.sdmx.infomodel.codelist.Code="
        assert {code: [note.url for note in codes[code].annotations] for code in codes.items} == {
            "N": [f"{urn}SDMX:CL_SEASONAL_ADJUST(1.0).N", f"{urn}ESTAT:CL_ADJUSTMENT(1.4).N"],
            "COVERAGE": [],
        }


def test_what_cannot_exist_and_what_is_missing_have_marks_of_their_own(tmp_path: Path) -> None:
    hours = {"indicator": "median_hours_in_port", "unit": "h"}
    rows = [
        arrivals("NLRTM", "_T", 0.0),
        arrivals("NLRTM", "_T", None, obs_status="M", **hours),
        arrivals("WPI10", "_T", None),
    ]
    activity = {ACTIVITY: pl.DataFrame(tables({ACTIVITY: rows})[ACTIVITY])}
    for file_format in ("sdmx-csv", "sdmx-ml"):
        export(tmp_path / "out", file_format, rows=activity)
    found = {
        (line["PORT"], line["INDICATOR"]): (line["OBS_VALUE"], line["OBS_STATUS"])
        for line in sdmx_csv(tmp_path / "out", ACTIVITY)
    }
    assert found == {
        ("NLRTM", "arrivals"): ("0", "P"),
        ("NLRTM", "median_hours_in_port"): ("", "M"),
        ("WPI10", "arrivals"): ("", "O"),
    }
    text = (tmp_path / "out" / "port_activity_weekly.sdmx30.xml").read_text(encoding="utf-8")
    assert re.findall(r'OBS_STATUS="([MO])"', text) == ["M", "O"]
    codes = read_sdmx1(tmp_path / "out" / "structures.sdmx30.xml").codelist["CL_OBS_STATUS"]
    assert str(codes["M"].name) == "Value that cannot exist"


def test_lists_that_fit_all_tables_are_shared_and_others_are_not(tmp_path: Path) -> None:
    export(tmp_path / "out", "sdmx-csv")
    lists = read_sdmx1(tmp_path / "out" / "structures.sdmx30.xml").codelist
    assert {
        "CL_OBS_STATUS",
        "CL_VESSEL_TYPE",
        "CL_INDICATOR_QUALITY",
        "CL_INDICATOR_TRADE_FLOWS",
    } <= lists.keys()
    assert "CL_INDICATOR" not in lists
    assert set(lists["CL_DIRECTION_TRADE_FLOWS"].items) == {"import", "export"}


def test_what_changed_is_appended_replaced_or_deleted() -> None:
    then, now = (pl.DataFrame(tables(rows)[ACTIVITY]) for rows in (FIRST_ROWS, REVISED_ROWS))
    found = changes(then, now, ACTIVITY)
    assert found.select(ACTION, "port_locode", "vessel_class", "indicator", "value", "obs_status").rows() == [
        ("D", "NLRTM", "_T", "median_hours_in_port", None, None),
        ("R", "NLRTM", "cargo_unspecified", "arrivals", None, "Q"),
        ("A", "NLRTM", "passenger", "arrivals", 1.0, "P"),
        ("R", "_T", "_T", "arrivals", 13.0, "P"),
    ]
    assert_frame_equal(changes(now, now, ACTIVITY), found.clear())


def test_applying_the_changes_to_the_earlier_vintage_gives_the_later_one() -> None:
    then, now = (pl.DataFrame(tables(rows)[ACTIVITY]) for rows in (FIRST_ROWS, REVISED_ROWS))
    key = ["week", "port_locode", "vessel_class", "indicator", "adjustment"]
    update = changes(then, now, ACTIVITY)
    kept = then.join(update, on=key, how="anti")
    applied = pl.concat([kept, update.filter(pl.col(ACTION) != "D").drop(ACTION)])
    assert_frame_equal(applied.sort(key), now.sort(key))


def test_of_a_deleted_observation_the_key_alone_is_written(tmp_path: Path) -> None:
    then, now = (pl.DataFrame(tables(rows)[ACTIVITY]) for rows in (FIRST_ROWS, REVISED_ROWS))
    update = {ACTIVITY: changes(then, now, ACTIVITY)}
    export(tmp_path / "out", "sdmx-csv", rows=update)
    lines = sdmx_csv(tmp_path / "out", ACTIVITY)
    assert [line["ACTION"] for line in lines] == ["D", "R", "A", "R"]
    deleted = list(lines[0].values())
    assert deleted[3:] == ["W", "NLD", "NLRTM", "_T", "median_hours_in_port", "N", "2020-W53", *[""] * 7]
    export(tmp_path / "out", "sdmx-ml", rows=update)
    text = (tmp_path / "out" / "port_activity_weekly.sdmx30.xml").read_text(encoding="utf-8")
    validate_doc(text)
    sets = re.findall(r'action="(\w+)">(.*?)</mes:DataSet>', text, re.DOTALL)
    assert [(action, content.count("<Obs ")) for action, content in sets] == [
        ("Delete", 1),
        ("Replace", 2),
        ("Append", 1),
    ]
    assert '<Obs TIME_PERIOD="2020-W53"/>' in sets[0][1]


def test_no_change_is_a_message_without_observations(tmp_path: Path) -> None:
    rows = ROWS[ACTIVITY]
    update = {ACTIVITY: changes(rows, rows, ACTIVITY)}
    export(tmp_path / "out", "sdmx-csv", rows=update)
    assert sdmx_csv(tmp_path / "out", ACTIVITY) == []
    export(tmp_path / "out", "sdmx-ml", rows=update)
    text = (tmp_path / "out" / "port_activity_weekly.sdmx30.xml").read_text(encoding="utf-8")
    validate_doc(text)
    assert "<Obs" not in text


def test_a_series_goes_on_over_slices_and_starts_anew_with_its_attributes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ais_indicators.publish.sdmx.data_xml.ROWS_PER_SLICE", 2)
    weeks = [
        arrivals("NLRTM", "tanker", float(n), week=f"2020-W0{n}", unit="calls" if n < 4 else "ships")
        for n in range(1, 6)
    ]
    rows = pl.DataFrame(tables({ACTIVITY: weeks})[ACTIVITY])
    structures = build_structures(read_publication(), PLACES, [ACTIVITY], {})
    path = tmp_path / "data.xml"
    write_sdmx_ml(rows.reverse(), ACTIVITY, PLACES, structures, "3.0", PREPARED, path)
    content = path.read_text(encoding="utf-8")
    validate_doc(content)
    series = re.findall(r"<Series ([^>]*)>(.*?)</Series>", content, re.DOTALL)
    assert [re.findall(r'TIME_PERIOD="([^"]*)"', one) for _, one in series] == [
        ["2020-W01", "2020-W02", "2020-W03"],
        ["2020-W04", "2020-W05"],
    ]
    assert ['UNIT_MEASURE="ships"' in attributes for attributes, _ in series] == [False, True]


def test_the_same_rows_give_the_same_bytes_whatever_the_clock(tmp_path: Path) -> None:
    for file_format in ("sdmx-csv", "sdmx-ml"):
        export(tmp_path / "one", file_format)
        export(tmp_path / "two", file_format)
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / n).iterdir()} for n in ("one", "two"))
    assert one == two


@pytest.mark.parametrize("text", ["a,b", 'a"b', "é", "<a>", ""])
def test_what_can_be_no_code_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="cannot be an SDMX code"):
        sdmx_code(text)
