"""Descriptions of exported CSV files: validators of CSVW, Frictionless and SHACL accept them, and find faults."""

import hashlib
import json
import re
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyshacl
import pytest
import rdflib
from csvw.metadata import CSVW
from frictionless import validate

from ais_indicators.contracts.model import load_contract
from ais_indicators.publish.describe.files import write_machine_descriptions
from ais_indicators.publish.files import RELEASED_TABLES, data_file_name, write_csv, write_release_files
from ais_indicators.publish.publication import Publication, read_publication
from tests.conftest import REPOSITORY
from tests.release_lake import ACTIVITY, FIRST_ROWS, FLOWS, QUALITY, SECOND, arrivals, tables
from tests.subject_rules import SHIP_RULES

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib.*")
SHAPES = REPOSITORY / "tests" / "shapes" / "dcat_ap.ttl"
BASE = "https://office.example/figures"
DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")
DCT = rdflib.DCTERMS
PUBLISHED = datetime(2021, 1, 5, 9, tzinfo=UTC)
OWN: dict[str, Any] = {
    "publisher_name": "National Office",
    "contact_email": "ships@office.example",
    "base_url": BASE,
}


def publication(**own: Any) -> Publication:
    return read_publication().model_copy(update=own)


def describe(folder: Path, notes: tuple[str, ...] = (), **own: Any) -> list[Path]:
    """Writes the CSV files of the first week and their descriptions; gives the latter."""
    write_release_files(tables(FIRST_ROWS), folder)
    files = {folder / data_file_name(table, "csv"): load_contract(table) for table in RELEASED_TABLES}
    return write_machine_descriptions(
        files, publication(**own), ["Office of Coasts"], notes, PUBLISHED, SHIP_RULES
    )


def graph(folder: Path) -> rdflib.Graph:
    """The catalogue, read as from the web."""
    return rdflib.Graph().parse(folder / "dcat.jsonld", format="json-ld", publicID=f"{BASE}/")


def edit(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")


def csvw_faults(metadata: Path) -> list[str]:
    """What a validator of CSVW finds, empty where all is well."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            group = CSVW(str(metadata), validate=True)
            rows = sum(1 for _ in group.tables[0].iterdicts(strict=True))
            found = [] if rows and group.is_valid else ["no rows, or no valid metadata"]
        except ValueError as error:
            found = [str(error)]
    return found + [str(one.message) for one in caught if "csvw" in str(one.filename)]


def test_beside_each_file_stand_its_metadata_and_beside_all_package_and_catalogue(tmp_path: Path) -> None:
    names = [path.name for path in describe(tmp_path / "out")]
    assert names == [
        *(data_file_name(table, "csv-metadata.json") for table in RELEASED_TABLES),
        "datapackage.json",
        "dcat.jsonld",
    ]
    assert all((tmp_path / "out" / name).is_file() for name in names)


def test_the_data_files_are_left_as_they_were(tmp_path: Path) -> None:
    write_release_files(tables(FIRST_ROWS), tmp_path / "plain")
    describe(tmp_path / "out")
    for table in RELEASED_TABLES:
        name = data_file_name(table, "csv")
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "plain" / name).read_bytes()


@pytest.mark.parametrize("table", RELEASED_TABLES)
def test_a_csvw_validator_accepts_each_file(tmp_path: Path, table: str) -> None:
    describe(tmp_path / "out")
    assert csvw_faults(tmp_path / "out" / data_file_name(table, "csv-metadata.json")) == []


def test_a_data_package_validator_accepts_all_files(tmp_path: Path) -> None:
    describe(tmp_path / "out")
    report = validate(str(tmp_path / "out" / "datapackage.json"))
    assert report.valid, report.flatten(["type", "note"])
    assert len(report.tasks) == len(RELEASED_TABLES)


def test_regular_expressions_escape_nothing_but_syntax(tmp_path: Path) -> None:
    """ECMAScript, which CSVW names, allows no backslash before a space; Python's own escaping writes one."""
    formats = [
        column["datatype"]["format"]
        for path in describe(tmp_path / "out")
        if path.name.endswith("-metadata.json")
        for column in json.loads(path.read_text(encoding="utf-8"))["tableSchema"]["columns"]
        if "format" in column["datatype"]
    ]
    assert any("t nmi" in one for one in formats)
    for one in formats:
        assert re.fullmatch(r"(?:[^\\]|\\[\^$\\.*+?()\[\]{}|/dwsDWS])*", one), one


WRONG = {
    "code": ('"container"', '"spaceship"'),
    "below the minimum": ('"arrivals","N",12,', '"arrivals","N",-12,'),
    "no number": ('"arrivals","N",12,', '"arrivals","N",twelve,'),
    "pattern": ('"2020-W53","NLRTM","tanker"', '"2020-53","NLRTM","tanker"'),
    "missing": ('"2020-W53","NLRTM","tanker"', '"2020-W53",,"tanker"'),
    "key twice": ('"NLRTM","dry_bulk"', '"NLRTM","container"'),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_both_validators_find_what_the_contract_forbids(tmp_path: Path, change: tuple[str, str]) -> None:
    describe(tmp_path / "out")
    data = tmp_path / "out" / data_file_name(ACTIVITY, "csv")
    edit(data, lambda text: text.replace(*change))
    assert csvw_faults(tmp_path / "out" / f"{data.name}-metadata.json") != []
    package = tmp_path / "out" / "datapackage.json"
    edit(package, without_hashes)
    assert not validate(str(package)).valid


def without_hashes(text: str) -> str:
    """The package without sizes and hashes, which would find any change."""
    package = json.loads(text)
    for resource in package["resources"]:
        del resource["hash"], resource["bytes"]
    return json.dumps(package)


def test_the_package_holds_hashes_sizes_licence_codes_and_sources(tmp_path: Path) -> None:
    describe(tmp_path / "out", **OWN)
    package = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    for resource in package["resources"]:
        content = (tmp_path / "out" / resource["path"]).read_bytes()
        assert (resource["bytes"], resource["hash"]) == (
            len(content),
            f"sha256:{hashlib.sha256(content).hexdigest()}",
        )
    assert package["licenses"][0]["name"] == "CC-BY-4.0"
    assert package["contributors"] == [
        {"title": "National Office", "role": "publisher", "email": "ships@office.example"}
    ]
    assert package["sources"] == [{"title": "Office of Coasts"}]
    fields = {field["name"]: field for field in package["resources"][0]["schema"]["fields"]}
    assert fields["obs_status"]["codes"]["Q"] == "Suppressed value"
    assert fields["value"]["constraints"] == {"minimum": 0}
    assert fields["vessel_class"]["constraints"]["enum"][0] == "container"
    assert package["resources"][0]["schema"]["primaryKey"] == list(load_contract(ACTIVITY).key)


@pytest.mark.parametrize("own", [{}, OWN], ids=["as shipped", "an office"])
def test_the_catalogue_keeps_to_the_application_profile(tmp_path: Path, own: dict[str, Any]) -> None:
    describe(tmp_path / "out", ("Withdrawn.",), **own)
    found = graph(tmp_path / "out")
    conforms, _, text = pyshacl.validate(found, shacl_graph=str(SHAPES), advanced=True)
    assert conforms, text
    assert len(set(found.subjects(rdflib.RDF.type, DCAT.Dataset))) == len(RELEASED_TABLES)


def test_the_catalogue_keeps_to_the_shapes_of_semic(tmp_path: Path, shared_data: Path) -> None:
    shapes = rdflib.Graph()
    for path in sorted((shared_data / "shapes").glob("*.ttl")):
        shapes.parse(path)
    describe(tmp_path / "out", ("Withdrawn.",), **OWN)
    conforms, _, text = pyshacl.validate(graph(tmp_path / "out"), shacl_graph=shapes, advanced=True)
    assert conforms, text


@pytest.mark.parametrize(
    "lost",
    [
        (DCAT.Catalog, DCT.title),
        (DCAT.Catalog, DCT.publisher),
        (DCAT.Dataset, DCT.description),
        (DCAT.Dataset, rdflib.URIRef("http://data.europa.eu/s1n/numSeries")),
        (DCAT.Distribution, DCAT.accessURL),
        (DCAT.Distribution, DCT.license),
        (rdflib.FOAF.Agent, rdflib.FOAF.name),
        (DCT.PeriodOfTime, DCAT.endDate),
    ],
    ids=lambda pair: "_".join(str(one).rpartition("/")[2].rpartition("#")[2] or str(one) for one in pair),
)
def test_the_shapes_find_what_is_lacking(tmp_path: Path, lost: tuple[rdflib.URIRef, rdflib.URIRef]) -> None:
    describe(tmp_path / "out")
    found = graph(tmp_path / "out")
    for subject in list(found.subjects(rdflib.RDF.type, lost[0])):
        found.remove((subject, lost[1], None))
    conforms, _, _ = pyshacl.validate(found, shacl_graph=str(SHAPES), advanced=True)
    assert not conforms


def test_the_catalogue_reports_period_series_and_address(tmp_path: Path) -> None:
    describe(tmp_path / "out")
    found = graph(tmp_path / "out")
    flows = rdflib.URIRef(f"{BASE}/#trade_flows_weekly")
    period = found.value(flows, DCT.temporal)
    assert [str(found.value(period, one)) for one in (DCAT.startDate, DCAT.endDate)] == [
        "2020-12-28",
        "2021-01-03",
    ]
    series = found.value(flows, rdflib.URIRef("http://data.europa.eu/s1n/numSeries"))
    assert series is not None
    assert int(str(series)) == len(FIRST_ROWS[FLOWS])
    distribution = found.value(flows, DCAT.distribution)
    assert str(found.value(distribution, DCAT.downloadURL)) == f"{BASE}/trade_flows_weekly.csv"


def test_an_address_of_the_offices_own_is_in_the_catalogue(tmp_path: Path) -> None:
    describe(tmp_path / "out", **OWN)
    text = (tmp_path / "out" / "dcat.jsonld").read_text(encoding="utf-8")
    assert f"{BASE}/quality_weekly.csv" in text
    assert "mailto:ships@office.example" in text


def test_a_file_of_an_earlier_build_is_described_as_it_is(tmp_path: Path) -> None:
    """It lacks a column of the key, and in the rows of one week a value."""
    rows = tables(
        {ACTIVITY: [arrivals("NLRTM", "tanker", 1.0), arrivals("NLRTM", "tanker", 2.0, week=SECOND)]}
    )
    old = rows[ACTIVITY].drop_columns("adjustment")
    old = old.set_column(old.column_names.index("unit"), "unit", pa.array(["calls", None]))
    path = tmp_path / data_file_name(ACTIVITY, "csv")
    write_csv(old, path)
    write_machine_descriptions({path: load_contract(ACTIVITY)}, publication(), [], [], PUBLISHED, SHIP_RULES)
    assert csvw_faults(path.with_name(f"{path.name}-metadata.json")) == []
    assert validate(str(tmp_path / "datapackage.json")).valid


def test_a_file_without_rows_has_no_period(tmp_path: Path) -> None:
    path = tmp_path / data_file_name(QUALITY, "csv")
    write_csv(tables({QUALITY: []})[QUALITY], path)
    write_machine_descriptions({path: load_contract(QUALITY)}, publication(), [], [], PUBLISHED, SHIP_RULES)
    metadata = json.loads(path.with_name(f"{path.name}-metadata.json").read_text(encoding="utf-8"))
    assert "dc:temporal" not in metadata
    assert validate(str(tmp_path / "datapackage.json")).valid


def test_a_file_without_rows_next_to_others_has_their_period_as_shacl_asks(tmp_path: Path) -> None:
    rows = tables({QUALITY: [], ACTIVITY: [arrivals("NLRTM", "tanker", 1.0)]})
    paths = {tmp_path / data_file_name(table, "csv"): load_contract(table) for table in rows}
    for table, content in rows.items():
        write_csv(content, tmp_path / data_file_name(table, "csv"))
    write_machine_descriptions(paths, publication(), [], [], PUBLISHED, SHIP_RULES)
    metadata = json.loads(
        (tmp_path / data_file_name(QUALITY, "csv-metadata.json")).read_text(encoding="utf-8")
    )
    assert metadata["dc:temporal"] == "2020-12-28/2021-01-03"
    conforms, _, text = pyshacl.validate(graph(tmp_path), shacl_graph=str(SHAPES), advanced=True)
    assert conforms, text
