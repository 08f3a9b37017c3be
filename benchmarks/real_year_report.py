"""The page and the pictures of `benchmarks.real_year`: targets, calls, tonnes next to official ones, and each rest."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import correlation, median
from typing import Any, Final

import matplotlib
from matplotlib.figure import Figure

from benchmarks.tables import TARGET_COLUMNS, Target, gigabytes, table, target

matplotlib.use("Agg")

NO_STATICS: Final = frozenset({"2009-W06", "2009-W07", "2009-W08"})
"""February: neither speed nor static data."""
LEAST_LANDED, LEAST_CORRELATION = 0.85, 0.7
LEAST_BARRELS, MOST_BARRELS = 270.0, 410.0
ALL_LANDED: Final = 0.85
IN_BALLAST_SHARE: Final = 0.7
"""Draught out to draught in of a laden tanker that has unloaded, at most."""
FEWEST_MONTHS: Final = 3
BLUE, ORANGE, GREY = "#1b4965", "#e07a2f", "#999999"
DOTS_PER_INCH: Final = 130
PORTLAND_PICTURE, OIL_PICTURE = "real_year_portland.png", "real_year_oil.png"
REASONS: Final = {
    "reported": "the crew typed in a departure draught that leaves cargo on board",
    "unchanged": "the draught did not change and counts as true",
    "class_port_mean": "no departure draught; drawn from like calls, of which few are known",
    "own_port_mean": "no departure draught; drawn from the vessel's own calls and like ones",
    "next_arrival": "the draught of the next arrival stands in",
}
HEAD: Final = """# A real half year

{weeks} real weeks ({first} to {last}) of NOAA's AIS data for UTM zone 19 (Boston, Portland, San Juan and others),
taken into an empty lake and computed by one backfill, compared with what is known of the region. The data were rebuilt
from a web application that left out 3 to 8 % of the voyages; W06 to W08 of 2009 have no speed and no static data, so
they have neither draughts nor classes of new vessels. The port file has Boston's container terminal alone; the area of
its oil berths is added here. There is no register: deadweights are estimated from length and width.
"""


def target_rows(found: Mapping[str, Any]) -> list[Target]:
    """Returns the targets: calls of known services, and tonnes."""
    usual = {kind: _usual(found, kind) for kind in found["calls"]}
    portland, oil = found["portland"], found["oil"]
    thousand = portland["barrels_per_day"] / 1000.0
    below = sum(row["high"] < row["imports_t"] for row in oil)
    return [
        target(
            "container terminal at Boston, median calls a week",
            usual["container"],
            3.0,
            is_least=True,
            digits=1,
        ),
        target("tankers at Portland, median calls a week", usual["tanker"], 6.0, is_least=True, digits=1),
        target(
            "cargo vessels at San Juan, median calls a week", usual["cargo"], 25.0, is_least=True, digits=1
        ),
        target("cargo vessels at San Juan, median calls a week, upper bound", usual["cargo"], 28.0, digits=1),
        target("calls of vessels without a class (`other`)", _others(found), 0.0, digits=0),
        target(
            "cargo landed by deep tankers at Portland, share",
            portland["landed_share"],
            LEAST_LANDED,
            is_least=True,
        ),
        target("deep arrivals at Portland flagged as in ballast", portland["is_ballast"], 0.0, digits=0),
        target(
            "crude landed at Portland, thousand barrels a day",
            thousand,
            LEAST_BARRELS,
            is_least=True,
            digits=0,
        ),
        target("crude landed at Portland, upper bound", thousand, MOST_BARRELS, digits=0),
        target(
            "correlation with imports by port and month",
            correlation_of(oil),
            LEAST_CORRELATION,
            is_least=True,
        ),
        target(
            "port-months whose interval ends below the imports", float(below) if oil else None, 0.0, digits=0
        ),
    ]


def is_met(found: Mapping[str, Any]) -> bool:
    """Returns whether no target is missed."""
    return all(row[3] != "**no**" for row in target_rows(found))


def _usual(found: Mapping[str, Any], kind: str) -> float:
    """Median calls of the weeks that have static data."""
    pairs = zip(found["weeks"], found["calls"][kind], strict=True)
    return float(median(number for week, number in pairs if week not in NO_STATICS))


def _others(found: Mapping[str, Any]) -> float:
    return float(sum(row["calls"] for row in found["other"]))


def correlation_of(oil: Sequence[Mapping[str, Any]]) -> float | None:
    """Returns the correlation of tonnes with imports over ports and months; None with too few or no variation."""
    tonnes, imports = [row["tonnes"] for row in oil], [row["imports_t"] for row in oil]
    if len(oil) < FEWEST_MONTHS or len(set(tonnes)) == 1 or len(set(imports)) == 1:
        return None
    return correlation(tonnes, imports)


def text_of(found: Mapping[str, Any]) -> str:
    """Returns the page."""
    weeks, portland = found["weeks"], found["portland"]
    calls = [
        (week, *(str(found["calls"][kind][place]) for kind in ("container", "tanker", "cargo", "cruise")))
        for place, week in enumerate(weeks)
    ]
    landed = (
        f"\n{portland['calls']} tankers that arrived with 12 m or more and count for trade carried "
        f"{portland['carried_t'] / 1e6:.2f} Mt and landed {portland['landed_t'] / 1e6:.2f} Mt. A tonne of crude is "
        "taken as 7.33 barrels (the usual average, as in the Energy Institute's review). The bounds are 270 thousand "
        "barrels a day (crude, 2010) and 410 (all oil, 2007). Tankers that arrive with less are not counted.\n"
    )
    parts = [
        HEAD.format(weeks=len(weeks), first=weeks[0], last=weeks[-1]),
        "## Targets\n", table(TARGET_COLUMNS, target_rows(found)),
        "\n## Time and memory\n",
        table(("command", "s", "peak GB"),
              [(f"`{one['command']}`", f"{one['seconds']:.0f}", gigabytes(one["peak_bytes"]))
               for one in found["steps"]]),
        "\n## Calls by week\n",
        table(("week", "cargo at Boston's container terminal", "tankers at Portland", "cargo at San Juan",
               "cruise ships at San Juan"), calls),
        "\n## Crude at Portland\n", f"![Draughts of deep tankers at Portland]({PORTLAND_PICTURE})", landed,
        "Calls that landed less than 0.85 of their cargo, with the reason:\n", table(
            ("arrived", "vessel", "draught in, m", "draught out, m", "carried, t", "landed, t", "reason"),
            [_rest(one) for one in portland["each"] if one["tonnes_unloaded"] < ALL_LANDED * one["payload_arrival_t"]]),
        "\n## Oil by port and month\n", f"![Tonnes unloaded and official imports]({OIL_PICTURE})\n",
        "Official imports (U.S. Energy Information Administration) count foreign oil only, so they are a lower bound. "
        "They are scaled to the days of the month that the weeks cover, and converted by product.\n",
        table(("port", "month", "tanker calls", "without tonnes", "unloaded, kt", "90 % interval", "imports, kt"),
              [_month(row) for row in found["oil"]]),
        "\n## Vessels without a class\n",
        table(("vessel", "port", "calls", "first call", "reason"),
              [(one["vessel_id"], one["port_locode"], str(one["calls"]), one["first"], _why(one))
               for one in found["other"]]),
        "",
    ]  # fmt: skip
    return "\n".join(parts)


def _rest(one: Mapping[str, Any]) -> tuple[str, ...]:
    onward, came = one["onward_draught_m"], one["arrival_draught_m"]
    reason = REASONS.get(one["onward_draught_code"], one["onward_draught_code"])
    if one["onward_draught_code"] == "reported" and onward < IN_BALLAST_SHARE * came:
        reason = (
            "left in ballast; the length or width that the vessel sent is wrong, so its cargo is not known"
        )
    return (
        one["arrived"], one["vessel_id"], f"{came:.1f}", "" if onward is None else f"{onward:.1f}",
        f"{one['payload_arrival_t']:,.0f}", f"{one['tonnes_unloaded']:,.0f}",
        reason,
    )  # fmt: skip


def _month(row: Mapping[str, Any]) -> tuple[str, ...]:
    interval = f"{row['low'] / 1e3:,.0f} to {row['high'] / 1e3:,.0f}"
    return (row["port"].title(), str(row["month"]), str(row["calls"]), str(row["missing"]),
            f"{row['tonnes'] / 1e3:,.0f}", interval, f"{row['imports_t'] / 1e3:,.0f}")  # fmt: skip


def _why(one: Mapping[str, Any]) -> str:
    is_february = "2009-02-02" <= one["first"] <= "2009-03-01"
    return (
        "first seen while static data are missing"
        if is_february
        else "sent no AIS type of a class, or a contradictory one"
    )


def write_pictures(found: Mapping[str, Any], out: Path) -> None:
    """Writes both pictures as PNG next to the page."""
    out.mkdir(parents=True, exist_ok=True)
    for name, figure in (
        (PORTLAND_PICTURE, _portland(found["portland"]["each"])),
        (OIL_PICTURE, _oil(found["oil"])),
    ):
        figure.savefig(out / name, dpi=DOTS_PER_INCH, metadata={"Software": None})


def _portland(each: Sequence[Mapping[str, Any]]) -> Figure:
    """Draught in and out of each deep tanker; filled circles were reported."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    axes = figure.subplots()
    for place, one in enumerate(each):
        came, left = one["arrival_draught_m"], one["onward_draught_m"]
        is_reported = one["onward_draught_code"] == "reported"
        axes.plot((place, place), (came, left if left is not None else came), color=GREY, linewidth=0.8)
        axes.scatter(place, came, color=BLUE, s=22, label="arrival" if place == 0 else None)
        if left is not None:
            axes.scatter(place, left, s=22, edgecolors=ORANGE, facecolors=ORANGE if is_reported else "white")
    axes.scatter([], [], s=22, color=ORANGE, label="departure, reported")
    axes.scatter([], [], s=22, edgecolors=ORANGE, facecolors="white", label="departure, filled in (mean)")
    axes.set(title="Deep tankers at Portland, in order of arrival", xlabel="call", ylabel="draught, m")
    axes.invert_yaxis()
    axes.legend(loc="upper center", ncols=3, fontsize=8, bbox_to_anchor=(0.5, -0.14), frameon=False)
    return figure


def _oil(oil: Sequence[Mapping[str, Any]]) -> Figure:
    """Tonnes by port and month with their interval, next to the official imports."""
    ports = sorted({row["port"] for row in oil}) or ["no official imports for these weeks"]
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    for axes, port in zip(figure.subplots(1, len(ports), squeeze=False)[0], ports, strict=True):
        rows = [row for row in oil if row["port"] == port]
        places = list(range(len(rows)))
        value = [row["tonnes"] / 1e3 for row in rows]
        below = [(row["tonnes"] - row["low"]) / 1e3 for row in rows]
        above = [(row["high"] - row["tonnes"]) / 1e3 for row in rows]
        axes.bar(
            places, [row["imports_t"] / 1e3 for row in rows], 0.7, color="#c9d6df", label="official imports"
        )
        axes.errorbar(places, value, (below, above), fmt="o", color=ORANGE, capsize=3, label="unloaded, 90 %")
        axes.set_xticks(places, [str(row["month"])[4:] for row in rows])
        axes.set(title=port.title(), xlabel="month of 2009", ylabel="kt")
        axes.legend(fontsize=8, frameon=False)
    return figure
