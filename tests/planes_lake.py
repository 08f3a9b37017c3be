"""A lake of planes, filled by the commands of `docs/planes.md`: a dozen planes in two weeks of a simulated sky."""

import io
import json
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ais_indicators import cli
from tests.release_checks import checking, once_each

WEEKS = ("2026-W01", "2026-W02")
PLANES = 12
INTERVAL_S = 20


@dataclass(frozen=True)
class PlanesLake:
    """What the commands leave. Not to be changed.

    Attributes:
        folder: Where sky and lake lie side by side.
        simulated: What `simulate-flights` said, for scripts.
        printed: What `run` printed, by week.
    """

    folder: Path
    simulated: Mapping[str, Any]
    printed: Mapping[str, str]

    @property
    def sky(self) -> Path:
        """Messages, airports and truth of the simulated flights."""
        return self.folder / "sky"

    @property
    def data_dir(self) -> Path:
        """The lake's folder."""
        return self.folder / "air"


def follow_planes(folder: Path) -> dict[str, Any]:
    """Simulates flights and computes their two weeks; gives what `simulated` and `printed` of the lake are."""
    sky = folder / "sky"
    in_lake = _caller("--data-dir", folder / "air")
    flown = _caller()(
        "simulate-flights", "--planes", PLANES, "--interval", INTERVAL_S, "--out", sky, "--json"
    )
    in_lake("init", "--subject", "planes")
    in_lake("ports", "load", sky / "airports.geojson")
    in_lake("ingest", sky / "messages")
    with checking(once_each(*WEEKS)):
        printed = {week: in_lake("run", "--week", week) for week in WEEKS}
    return {"simulated": json.loads(flown), "printed": printed}


def _caller(*before: object) -> Callable[..., str]:
    """Calls commands in this process; gives what each printed."""

    def call(*arguments: object) -> str:
        out = io.StringIO()
        with redirect_stdout(out), pytest.raises(SystemExit) as ended:
            cli.main([str(word) for word in (*before, *arguments)])
        assert ended.value.code == 0, f"{arguments}: ended with {ended.value.code}:\n{out.getvalue()}"
        return out.getvalue()

    return call
