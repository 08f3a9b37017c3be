"""`python -m benchmarks.reliability`: reliability of the pipeline, tested on its own lakes.

Four parts: the same weeks computed in several ways, runs that are killed at random moments, faults of the machine and
the lake, and weeks of fresh data sets that must all be published. Each writes its result as soon as it has one, so
that a part can be run again separately.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ais_indicators.io.session import build_session
from ais_indicators.settings import Settings
from benchmarks.provenance import KEY, Provenance, add_options, begin, merged, write_page
from benchmarks.reliability.faults import try_faults
from benchmarks.reliability.kills import STAGES_IN_TURN, added, try_kills, without
from benchmarks.reliability.page import text_of
from benchmarks.reliability.publishing import try_publishing
from benchmarks.reliability.ways import WAY_NAMES, try_ways

PARTS = ("ways", "kills", "faults", "publish")
RESULTS = "reliability.json"


def main(arguments: list[str] | None = None) -> int:
    """Tries and writes `reliability.md` and `reliability.json`; ends with 1 where something was not survived."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reliability", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--minutes", type=float, help="begin no further chain of kills after so many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--stages", nargs="+", default=list(STAGES_IN_TURN), help="of the kills, in turn")
    parser.add_argument("--more", action="store_true", help="add the kills to those of the results")
    parser.add_argument(
        "--anew", nargs="+", default=[], help="with --more: stages whose earlier kills do not count"
    )
    parser.add_argument("--ways", nargs="+", choices=WAY_NAMES, default=list(WAY_NAMES))
    parser.add_argument("--seeds", type=int, default=20, help="data sets that are published")
    parser.add_argument("--publish-weeks", type=int, default=4, help="of each data set that is published")
    parser.add_argument("--ships", type=int, default=12, help="of the data set of the ways")
    parser.add_argument("--weeks", type=int, default=8, help="of the data set of the ways")
    add_options(parser)
    chosen = parser.parse_args(arguments)
    records = {one.part: one for one in begin("reliability", chosen, parts=chosen.parts)}
    until = time.monotonic() + 60 * chosen.minutes if chosen.minutes else None
    tries: dict[str, Callable[[], dict[str, Any]]] = {
        "ways": lambda: try_ways(chosen.ships, chosen.weeks, chosen.seed, _say, chosen.ways),
        "kills": lambda: try_kills(chosen.kills, chosen.seed, _say, until, chosen.stages),
        "faults": lambda: try_faults(_say),
        "publish": lambda: try_publishing(chosen.seeds, chosen.publish_weeks, _say),
    }
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="ais-reliability-") as scratch:
        os.environ.setdefault("SPARK_LOCAL_DIRS", scratch)
        session = build_session(Settings(Path(scratch), shuffle_partitions=1))
        for part in chosen.parts:
            found[part] = tries[part]()
            _write(chosen.out, {part: found[part]}, chosen.anew if chosen.more else None, records[part])
        session.stop()
    return 0 if all(one["survived"] == one["tried"] > 0 for one in found.values()) else 1


def _write(out: Path, found: dict[str, Any], anew: Sequence[str] | None, record: Provenance) -> None:
    """Writes the results, with those of other parts from before, and with kills of before but some stages'."""
    file = out / RESULTS
    before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if anew is not None and "kills" in found and "kills" in before:
        found = {"kills": added(without(before["kills"], anew), found["kills"])}
    added_to = ("kills",) if anew is not None else ()
    records = merged(Provenance.read(before), [record], added_to)
    everything = {name: value for name, value in (before | found).items() if name != KEY}
    write_page("reliability", out, dict(sorted(everything.items())), text_of(everything), records)


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S', time.gmtime())} {text}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
