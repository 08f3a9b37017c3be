"""Tables on a narrow terminal."""

import io

import pytest
from rich.console import Console

from ais_indicators.cli import console
from ais_indicators.cli.lake import _what_to_do
from ais_indicators.cli.releases import _for_people

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
    assert "`run --week 2026-W09` takes up late messages of 2026-W09." in said
    assert "the next `run` or `backfill` of any week" in said
