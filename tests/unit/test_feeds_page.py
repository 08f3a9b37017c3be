"""The page of feeds names every layout, each with a command that can be copied."""

import re

from ais_indicators.ingestion.known_layouts import known_layouts
from ais_indicators.settings import Settings
from tests.recipes import ROOT

ROW = re.compile(
    r"^\| `(?P<layout>\w+)` \| .+ \| `(?P<command>ais-indicators ingest [^`]+)` \|$", re.MULTILINE
)


def test_every_layout_has_a_row_with_a_command(settings: Settings) -> None:
    page = (ROOT / "docs" / "feeds.md").read_text(encoding="utf-8")
    commands = {row["layout"]: row["command"] for row in ROW.finditer(page)}
    layouts = {str(entry["layout"]): entry["mapping_file"] for entry in known_layouts(settings)}
    assert set(commands) == set(layouts)
    for layout, kind in layouts.items():
        assert (f"--mapping {layout}" in commands[layout]) is (kind == "example"), layout
