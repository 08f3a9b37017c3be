"""Page that reports what was tried and the results."""

from collections.abc import Sequence
from typing import Any

from benchmarks.tables import table

HEAD = """# Reliability of the pipeline

All lakes are small and made for it. "The
same" means: every row and every column of every table, to the last bit; left out are columns that name files or the
moment of a run.
"""
WAYS = """
## The same weeks computed in different ways

{ships} simulated ships, {weeks} weeks, {messages:,} messages, all faults of the scenario `standard`, ports and
register loaded (seed {seed}). Every table of silver and gold, {tables} in all with what the fold rejected
({rows:,} rows), is compared with the weekly way.
"""
KILLS = """
## Runs that are killed

{tried} kills were made (seeds {seeds}): a command is started in a lake of its own, killed with SIGKILL at
a moment drawn evenly over its usual duration, started and killed again in the same lake, and at last the same work is
let come to its end. Then bronze, quarantine, silver, gold and the releases must be those of an undisturbed lake: no row
lost, none twice, no release folder without its record or with a file missing.
Killed is the command's whole process group, one of its Python workers, where Spark does the work its Java process, or
on a cluster (Spark's own, of two workers on this machine) one of the executors; but for the first, the command must
then continue on its own or end with a sentence. The usual durations were {durations}.
"""
FAULTS = """
## Faults of the machine and of the lake

Each fault is made, the command run, its sentence and exit code noted, the fault repaired, and the command run again;
then the lake must hold what an undisturbed one holds. The object store is moto's, which runs here.
"""

PUBLISHED = """
## Weeks that are published

{count} data sets of {weeks} weeks were simulated with all faults of the scenario `standard` and taken in week by week,
each week run from its files to its release. {survived} of {tried} weeks were published.
"""


USUAL_KILLS = 100
STAGES = ("backfill", "spark", "cluster", "ingest", "publish", "run")


def text_of(found: dict[str, Any]) -> str:
    """The page, with the parts that there are."""
    parts = [HEAD]
    for name, write in (("ways", _ways), ("kills", _kills), ("faults", _faults), ("publish", _published)):
        if name in found:
            parts += write(found[name])
    return "\n".join([*parts, ""])


def _ways(found: dict[str, Any]) -> list[str]:
    rows = [(one["way"], one["how"], one["problem"] or "the same") for one in found["ways"]]
    return [WAYS.format(**found), table(("way", "how", "result"), rows)]


def _kills(found: dict[str, Any]) -> list[str]:
    durations = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in found["seconds"].items())
    counted = [(k["stage"], k["target"], str(k["tried"]), str(k["survived"])) for k in found["by_kind"]]
    counted.append(("all", "", str(found["tried"]), str(found["survived"])))
    return [
        KILLS.format(**found | {"seeds": ", ".join(map(str, found["seeds"]))}, durations=durations),
        *_shortfalls(found),
        table(("stage", "killed", "tried", "survived"), counted),
        "",
        *_listed("What the commands said then:", found["sentences"]),
        *_listed("Not survived:", found["problems"]),
    ]


def _shortfalls(found: dict[str, Any]) -> list[str]:
    """What a full go would have tried beyond this one."""
    untried = [stage for stage in STAGES if stage not in {kind["stage"] for kind in found["by_kind"]}]
    lines = []
    if found["tried"] < USUAL_KILLS:
        lines.append(
            f"These are fewer than the {USUAL_KILLS} of a full go: the machine was busy and time ran out.\n"
        )
    if untried:
        lines.append(f"Not tried here: {', '.join(untried)}.\n")
    return lines


def _faults(found: dict[str, Any]) -> list[str]:
    rows = [
        (one["fault"], one["how"], str(one["code"]), one["sentence"], one["problem"] or "right")
        for one in found["faults"]
    ]
    header = ("fault", "how it was made", "exit code", "what the command said", "after the repair")
    return [FAULTS, table(header, rows)]


def _published(found: dict[str, Any]) -> list[str]:
    rows = [
        (
            str(one["seed"]),
            str(one["ships"]),
            f"{one['messages']:,}",
            str(one["published"]),
            "; ".join(one["problems"]) or "none",
        )
        for one in found["data_sets"]
    ]
    header = ("seed", "ships", "messages", "weeks published", "weeks stopped")
    return [PUBLISHED.format(**found, count=len(rows)), table(header, rows)]


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    return [title, "", *(f"- {line}" for line in lines), ""] if lines else []
