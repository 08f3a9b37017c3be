"""Tables, lines and progress bars on a narrow terminal, as the terminal emulator pyte shows them."""

import io

import pyte
import pytest
from rich.console import Console

from ais_indicators.cli import console
from ais_indicators.cli.lake import _what_to_do
from ais_indicators.cli.releases import _for_people
from ais_indicators.pipelines.ingest_messages import FileReport
from tests.subject_rules import SHIP_RULES

RELEASE = "2026-W05-0123456789ab"
ENTRY = {
    "id": RELEASE,
    "week": "2026-W05",
    "status": "withdrawn",
    "served": False,
    "published_at_utc": "2026-02-09T10:30:59Z",
    "observations": 7273,
}


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What is printed on a terminal of 80 columns."""
    printed = io.StringIO()
    monkeypatch.setattr(console, "OUT", Console(file=printed, width=80))
    return printed


def test_the_list_of_releases_fits_80_columns_uncut(narrow: io.StringIO) -> None:
    header = ("id", "status", "served", "published (UTC)", "observations")
    console.show_table("Releases", header, [_for_people(ENTRY)], whole=("id",))
    assert "…" not in narrow.getvalue()
    for cell in (RELEASE, "withdrawn", "no", "2026-02-09 10:30", "7,273", *header):
        assert f" {cell} " in narrow.getvalue()


@pytest.mark.parametrize(("whole", "is_cut"), [((), True), (("id",), False)])
def test_a_column_to_copy_from_is_not_cut(narrow: io.StringIO, whole: tuple[str, ...], is_cut: bool) -> None:
    console.show_table("T", ("id", *"abcde"), [(RELEASE, *["x" * 15] * 5)], whole=whole)
    assert (RELEASE not in narrow.getvalue()) == is_cut


def test_status_says_what_helps_each_state() -> None:
    assert _what_to_do([{"week": "2026-W01", "state": "current"}]) is None
    said = _what_to_do(
        [
            {"week": "2026-W01", "state": "late"},
            {"week": "2026-W08", "state": "stale"},
            {"week": "2026-W09", "state": "touched"},
        ]
    )
    assert said is not None
    assert "`backfill --from 2026-W01 --to 2026-W01`" in said
    assert "`run --week 2026-W09` includes late messages of 2026-W09." in said
    assert "the next `run` or `backfill` of any week" in said


def files(count: int, detail: str = "") -> list[FileReport]:
    """Reports of files with long names, as a delivery of `count` days has them."""
    name = "AIS_of_all_stations_of_the_northern_coast_2026_01_{:02}.csv.zst"
    return [
        FileReport(
            name.format(day), "ingested", 1_000_000 * day, 990_000 * day, 10_000 * day, 0, detail=detail
        )
        for day in range(1, count + 1)
    ]


@pytest.mark.parametrize(("count", "has_box"), [(10, True), (11, False)])
def test_above_ten_files_each_is_one_line(narrow: io.StringIO, count: int, has_box: bool) -> None:
    console.show_ingested(files(count, "replaces an earlier file"), SHIP_RULES)
    printed = narrow.getvalue()
    assert ("┏" in printed) == has_box
    if not has_box:
        lines = printed.splitlines()
        assert len(lines) == count + 2
        assert [line.split()[0] for line in lines[1:-1]] == [file.name for file in files(count)]
        assert lines[1].endswith(" 1,000,000 =    990,000 +  10,000 + 0  ingested; replaces an earlier file")
        assert lines[-1].split() == ["11", "files", "66,000,000", "=", "65,340,000", "+", "660,000", "+", "0"]


def shown(columns: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The rows that a terminal shows after bars of long and short titles, a warning among them."""
    stream = io.StringIO()
    monkeypatch.setattr(
        console, "ERR", Console(file=stream, width=columns, force_terminal=True, color_system="standard")
    )
    with console.Bars() as bars:
        bars.begin("compute_chokepoint_activity")(7, 260)
        console.warn("a warning in the middle of the work")
        bars.begin("ingest_messages")(3_000_000, 33_800_000)
    screen = pyte.Screen(columns, 40)
    pyte.Stream(screen).feed(stream.getvalue().replace("\n", "\r\n"))
    return [line.rstrip() for line in screen.display if line.strip()]


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_bars_are_one_whole_line_each(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    rows = shown(columns, monkeypatch)
    assert rows[0] == "a warning in the middle of the work"
    assert [row.split()[0] for row in rows[1:]] == ["compute_chokepoint_activity", "ingest_messages"]
    assert not [row for row in rows if "…" in row]
    assert ["━" in row for row in rows[1:]] == [columns >= console.WIDTH_OF_BARS] * 2
    assert " 260/260 " in rows[1]
    assert " 100 % " in rows[2]


def test_a_width_at_the_edge_has_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    has_bar = ["━" in shown(columns, monkeypatch)[-1] for columns in (69, 70)]
    assert has_bar == [False, True]
