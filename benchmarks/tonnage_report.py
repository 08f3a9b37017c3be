"""The page of `benchmarks.tonnage`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from benchmarks.tables import table

One = Mapping[str, Any]
Rows = list[tuple[str, ...]]

WITHIN: Final = {"clear": 0.05, "standard": 0.10}
"""Largest relative error of a class's week that is asked for."""
PAIR_WITHIN: Final = 0.15
COVERAGE: Final = (0.85, 0.95)
WORST: Final = 10

HEAD: Final = """# Tonnage on simulated oceans

{seeds} oceans (seeds {first} to {last}) of {ships} ships, {weeks}
weeks evaluated each. `history` is how many weeks of calls and draughts lie before the evaluated ones: with 0 the
first weeks have almost nothing from which to impute forgotten draughts. Everything is evaluated as it is known when
the last week ends, so ships'
next calls are still ahead of the last voyages. Calls are those of the truth and draughts what the crews type in: for
`standard` a quarter never, a third late, and two in a hundred as none; for `clear`, on the same oceans, each of them,
rounded, when the ship leaves. What radio and reception cost is in `accuracy.md`.

Tonnes are net, put ashore, of voyages from a known port; errors are found less true, as a share of the true. Voyages
without any stand-in have no tonnes; they count as nothing here (`missing`), as in published totals.
"""
NOISE: Final = """
`asked` is the share of a class's weeks (30 calls or more) within the error that is asked for ({asked});
`spread` is the root of the mean squared error of such a week. Where that is {percent} or more and the intervals hold
as often as they should, the error is what they say: a week rests on few ships' forgotten cargoes, and nobody who has
but what crews typed in holds such weeks within {percent} (`studies/tonnage_bound.md` has the least possible error,
and with how many calls a week it is small enough; `tonnage_large_fleet.md` is this page for a large fleet).
"""


def text_of(found: Sequence[One], ships: int, weeks: int) -> str:
    """The page."""
    seeds = sorted({one["seed"] for one in found})
    head = HEAD.format(seeds=len(seeds), first=seeds[0], last=seeds[-1], ships=ships, weeks=weeks)
    asked = ", ".join(f"{100 * share:g} % on `{name}`" for name, share in WITHIN.items())
    noise = NOISE.format(asked=asked, percent=f"{100 * WITHIN['standard']:g} %")
    parts = [
        head,
        f"## 90 % intervals that hold the truth\n\nAsked for: {COVERAGE[0]:g} to {COVERAGE[1]:g} of the pool.\n",
        table(("scenario", "history", "class-weeks", "ports", "country pairs", "pool", "intervals"), _coverage(found)),
        "\n## Classes\n",
        table(("scenario", "history", "class", "pooled error", "worst ocean", "class-weeks", "asked", "spread",
               "worst week", "weeks held by interval"), _classes(found)),
        noise,
        "## Totals and country pairs\n",
        table(("scenario", "history", "all classes, pooled", "worst ocean", "all calls, pooled", "missing voyages",
               "ten largest pairs within 15 %", "held by interval"), _totals(found)),
        "\n## Worst class-weeks\n",
        table(("scenario", "history", "seed", "class and week", "calls", "error", "in interval"), _worst(found)),
        "",
    ]  # fmt: skip
    return "\n".join(parts)


def _groups(found: Sequence[One]) -> Iterable[tuple[tuple[str, str], list[One]]]:
    groups: dict[tuple[str, int], list[One]] = defaultdict(list)
    for one in found:
        groups[one["scenario"], one["history"]].append(one)
    return (((scenario, str(history)), of) for (scenario, history), of in groups.items())


def _coverage(found: Sequence[One]) -> Rows:
    rows: Rows = []
    for key, of in _groups(found):
        kinds = [one["tonnes"]["coverage_by_kind"] for one in of]
        names = ("class_and_week", "port", "country_pair")
        held = {name: sum(kind[name]["share"] * kind[name]["intervals"] for kind in kinds) for name in names}
        number = {name: sum(kind[name]["intervals"] for kind in kinds) for name in names}
        shares = [held[name] / number[name] for name in names]
        total = sum(number.values())
        pool = sum(held.values()) / total
        rows.append((*key, *(f"{share:.3f}" for share in shares), f"**{pool:.3f}**", f"{total:,}"))
    return rows


def _classes(found: Sequence[One]) -> Rows:
    rows: Rows = []
    for key, of in _groups(found):
        limit = WITHIN.get(key[0], WITHIN["standard"])
        for name in sorted({name for one in of for name in one["tonnes"]["by_class"]}):
            oceans = [one["tonnes"]["by_class"][name] for one in of if name in one["tonnes"]["by_class"]]
            weeks = [
                cell
                for one in of
                for label, cell in one["tonnes"]["by_class_and_week"].items()
                if label.split(" ")[0] == name
            ]
            rows.append((*key, name, _pooled(oceans), _worst_error(oceans), *_of_weeks(weeks, limit)))
    return rows


def _of_weeks(weeks: Sequence[One], limit: float) -> tuple[str, ...]:
    """Number of weeks, share within the limit, spread, the worst, and the share that the interval holds."""
    if not weeks:
        return ("0", "", "", "", "")
    number = len(weeks)
    errors = [abs(week["relative_error"]) for week in weeks]
    within = sum(error <= limit for error in errors) / number
    spread = (sum(error**2 for error in errors) / number) ** 0.5
    held = sum(week["is_covered"] for week in weeks) / number
    percents = (f"{100 * within:.0f} %", f"{100 * spread:.1f} %", f"{100 * max(errors):.1f} %")
    return (str(number), *percents, f"{held:.2f}")


def _totals(found: Sequence[One]) -> Rows:
    rows: Rows = []
    for key, of in _groups(found):
        pairs = [pair for one in of for pair in one["tonnes"]["country_pairs"].values()]
        near = sum(abs(pair["relative_error"]) <= PAIR_WITHIN for pair in pairs) / len(pairs)
        held = sum(pair["is_covered"] for pair in pairs) / len(pairs)
        tonnes = [one["tonnes"] for one in of]
        missing = sum(one["missing_share"] for one in tonnes) / len(tonnes)
        rows.append(
            (*key, _pooled(tonnes), _worst_error(tonnes), _pooled([one["all_calls"] for one in tonnes]),
             f"{100 * missing:.1f} %", f"{100 * near:.0f} %", f"{held:.2f}")
        )  # fmt: skip
    return rows


def _worst(found: Sequence[One]) -> Rows:
    rows: Rows = []
    for key, of in _groups(found):
        cells = [
            (str(one["seed"]), label, cell)
            for one in of
            for label, cell in one["tonnes"]["by_class_and_week"].items()
        ]
        for seed, label, cell in sorted(cells, key=lambda row: -abs(row[2]["relative_error"]))[:WORST]:
            error = f"{100 * cell['relative_error']:+.1f} %"
            rows.append(
                (*key, seed, label, f"{cell['calls']:.0f}", error, "yes" if cell["is_covered"] else "no")
            )
    return rows


def _pooled(cells: Sequence[One]) -> str:
    true = sum(cell["true"] for cell in cells)
    return f"{100 * (sum(cell['found'] for cell in cells) / true - 1):+.1f} %"


def _worst_error(cells: Sequence[One]) -> str:
    return f"{100 * max((cell['relative_error'] for cell in cells), key=abs):+.1f} %"
