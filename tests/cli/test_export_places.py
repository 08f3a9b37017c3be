"""Names of places in exports: those of the time of each release, in lists that have versions of their own content."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ais_indicators.publish.places import NamesVersion, names_version, newest_names
from ais_indicators.settings import Settings
from tests.caller import Caller
from tests.release_lake import SECOND, SECOND_ROWS, append_rows, make_lake, port_row, publish
from tests.sdmx_reader import read_sdmx1

OLD_ID, NEW_ID = f"{SECOND}-old", f"{SECOND}-new"
FLOW = "AIS_INDICATORS:PORT_ACTIVITY"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A lake whose second version of the ports renames one and adds another. Not to be changed."""
    settings = make_lake(tmp_path_factory.mktemp("export-places"))
    second: dict[str, Any] = {"port_version": "second", "version_sequence": 2}
    publish(settings, OLD_ID, 4, SECOND_ROWS, date(2021, 2, 1), port_version="first", gate_version="first")
    append_rows(
        settings,
        "reference.ports",
        [
            port_row("NLRTM", "Rotterdam-Maasvlakte", "NLD", **second),
            port_row("BEANR", "Antwerp", "BEL", **second),
        ],
    )
    publish(settings, NEW_ID, 5, SECOND_ROWS, date(2021, 2, 2), port_version="second", gate_version="first")
    return settings


@pytest.fixture
def call(lake: Settings, capsys: pytest.CaptureFixture[str]) -> Caller:
    return Caller(lake.data_dir, capsys)


@pytest.mark.parametrize(
    ("release", "name", "codes", "lists", "flow"),
    [
        (OLD_ID, "Rotterdam", {"NLRTM", "WPI10", "_T"}, "2.0.0", "2.1.0"),
        (NEW_ID, "Rotterdam-Maasvlakte", {"NLRTM", "WPI10", "BEANR", "_T"}, "2.1.0", "2.1.1"),
    ],
)
def test_an_export_has_the_names_of_its_release_and_lists_of_that_version(
    call: Caller, tmp_path: Path, release: str, name: str, codes: set[str], lists: str, flow: str
) -> None:
    asked = ("export", "--release", release, "--out", tmp_path / "out", "--format")
    assert call(*asked, "sdmx-csv").code == 0
    for version in ("30", "21"):
        structures = read_sdmx1(tmp_path / "out" / f"structures.sdmx{version}.xml")
        ports = structures.codelist["CL_PORT"]
        assert (str(ports["NLRTM"].name), set(ports.items), str(ports.version)) == (name, codes, lists)
        assert str(structures.codelist["CL_AREA"].version) == lists
        assert str(structures.codelist["CL_CHOKEPOINT"].version) == "2.0.0"
        structure = structures.structure["PORT_ACTIVITY"]
        assert str(structure.version) == str(structures.dataflow["PORT_ACTIVITY"].version) == flow
        pinned = structure.dimensions.get("PORT").local_representation.enumerated
        assert (str(pinned.version), set(pinned.items)) == (lists, codes)
        assert str(structures.structure["CHOKEPOINT_TRANSITS"].version) == "2.1.0"
    data = pl.read_csv(tmp_path / "out" / "port_activity_weekly.sdmx.csv", infer_schema=False)
    assert data["STRUCTURE_ID"].unique().to_list() == [f"{FLOW}({flow})"]
    assert call(*asked, "portwatch").code == 0
    named = pl.read_csv(tmp_path / "out" / "portwatch_ports_weekly.csv").select("ISO3", "portname").rows()
    assert (None, "Tiny, port") in named


def test_every_reference_in_the_structures_is_to_one_version(call: Caller, tmp_path: Path) -> None:
    assert call("export", "--release", NEW_ID, "--format", "sdmx-csv", "--out", tmp_path / "out").code == 0
    text = (tmp_path / "out" / "structures.sdmx30.xml").read_text(encoding="utf-8")
    references = [part.partition("<")[0] for part in text.split("urn:sdmx:")[1:]]
    unpinned = [
        one for one in references if "(" not in one or not one.split("(")[1][0].isdigit() or "+" in one
    ]
    assert len(references) > 100
    assert unpinned == []


@pytest.mark.parametrize(
    ("loads", "version"),
    [
        ([], NamesVersion(0, 0, 0)),
        ([{"A": "a"}], NamesVersion(0, 0, 0)),
        ([{"A": "a"}, {"A": "a"}], NamesVersion(0, 0, 0)),
        ([{"A": "a"}, {}], NamesVersion(0, 0, 0)),
        ([{"A": "a"}, {"A": "b"}], NamesVersion(0, 1, 1)),
        ([{"A": "a"}, {"A": "b"}, {"A": "a"}], NamesVersion(0, 2, 2)),
        ([{"A": "a"}, {"A": "b", "B": "b"}], NamesVersion(1, 0, 1)),
        ([{"A": "a"}, {"A": "b"}, {"B": "b"}, {"B": "c"}], NamesVersion(1, 1, 3)),
    ],
)
def test_a_list_counts_new_codes_and_new_names(loads: list[dict[str, str]], version: NamesVersion) -> None:
    assert names_version(loads) == version


def test_a_version_is_of_one_content() -> None:
    """Each change of the names has a version of its own, so no two contents share one."""
    loads = [{"A": "a"}, {"B": "b"}, {"A": "c"}, {"A": "a"}, {"A": "a"}, {"C": "c", "A": "d"}]
    contents = [tuple(newest_names(loads[:end]).items()) for end in range(1, len(loads) + 1)]
    versions = [names_version(loads[:end]) for end in range(1, len(loads) + 1)]
    for one, content in zip(versions, contents, strict=True):
        assert {other for v, other in zip(versions, contents, strict=True) if v == one} == {content}
    assert versions == sorted(versions, key=lambda v: (v.minor, v.patch))
