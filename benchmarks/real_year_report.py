"""The page and the pictures of `benchmarks.real_year`: targets, calls, tonnes next to official ones, and each rest."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import correlation, median
from typing import Any, Final

import matplotlib
from matplotlib.figure import Figure

from benchmarks.real_year_causes import text_of_portland
from benchmarks.real_year_marks import text_of_marks
from benchmarks.real_year_shipments import section
from benchmarks.tables import TARGET_COLUMNS, Target, gigabytes, table, target

matplotlib.use("Agg")

LEAST_LANDED, LEAST_CORRELATION = 0.85, 0.7
LEAST_BARRELS, MOST_BARRELS = 270.0, 410.0
FEWEST_MONTHS: Final = 3
BLUE, ORANGE, GREY = "#1b4965", "#e07a2f", "#999999"
DOTS_PER_INCH: Final = 130
PORTLAND_PICTURE, OIL_PICTURE = "real_year_portland.png", "real_year_oil.png"
HEAD: Final = """# A real half year

{weeks} real weeks ({first} to {last}) of NOAA's AIS data for UTM zone 19 (Boston, Portland, San Juan and others),
taken into an empty lake and computed by one backfill, compared with what is known of the region. The data were rebuilt
from a web application that left out 3 to 8 % of the voyages; {undescribed} have no or few static data,
so they have neither draughts nor classes of new vessels, and no tonnes of them count here. The port file has Boston's
container terminal alone; two areas of its oil berths are added here. There is no register: deadweights are estimated
from length and width.
"""


GAP_COLUMNS: Final = (
    "port", "shipments imported", "tanker calls", "calls without class", "tankers without hull",
    "not counted for trade", "carried, kt", "unloaded, kt", "departures reported", "of these carried, kt",
    "of these unloaded, kt",
)  # fmt: skip
GAPS: Final = """A shipment is one product of one importer, so a vessel brings several. What tankers carried on
arrival is the most that they could have unloaded; barges are not in the data (AIS types 60 to 89). Where crews reported
the departure, nothing is imputed: what is not unloaded there went on to another port, or is water, since a tanker in
heavy ballast lies as deep as one with half a cargo.
"""
ENDS: Final = """
The reported departures by what they say. These ports hardly load oil, so a tanker that leaves as deep as it came, or
deeper, most likely still sends the draught of its arrival, typed in late; some such tankers sail on one shuttle. The
method takes a reported draught as it is.
"""

MONTHS: Final = """Months whose interval ends below the imports, and all months of a port whose correlation is missed.
A reason's bound is what its calls could have landed in addition; the bounds overlap, since which call did so is not
known.
"""


def target_rows(found: Mapping[str, Any]) -> list[Target]:
    """Returns the targets: calls of known services, and tonnes."""
    return [*_call_targets(found), *_crude_targets(found["portland"]), *_oil_targets(found["oil"])]


def _call_targets(found: Mapping[str, Any]) -> list[Target]:
    usual = {kind: _usual(found, kind) for kind in found["calls"]}
    cargo, lost = "cargo vessels at San Juan, median calls a week", _lost_cruises(found)
    at_boston = "container terminal at Boston, median calls a week"
    return [
        target(at_boston, usual["container"], 3.0, is_least=True, digits=1),
        target("tankers at Portland, median calls a week", usual["tanker"], 6.0, is_least=True, digits=1),
        target(cargo, usual["cargo"], 25.0, is_least=True, digits=1),
        target(f"{cargo}, upper bound", usual["cargo"], 28.0, digits=1),
        target("calls of cruise ships at San Juan in class `other`", lost, 0.0, digits=0),
    ]


def _crude_targets(portland: Mapping[str, Any]) -> list[Target]:
    thousand = portland["barrels_per_day"] / 1000.0
    share, landed = "cargo landed by deep tankers at Portland, share", "crude landed at Portland"
    return [
        target(share, portland["landed_share"], LEAST_LANDED, is_least=True),
        target("deep arrivals at Portland flagged as in ballast", portland["is_ballast"], 0.0, digits=0),
        target(f"{landed}, thousand barrels a day", thousand, LEAST_BARRELS, is_least=True, digits=0),
        target(f"{landed}, upper bound", thousand, MOST_BARRELS, digits=0),
    ]


def _oil_targets(oil: Sequence[Mapping[str, Any]]) -> list[Target]:
    below = sum(row["high"] < row["imports_t"] for row in oil)
    name = "correlation with monthly imports"
    of_port = [
        target(f"{name}, {port.title()}", correlation_of(rows), LEAST_CORRELATION, is_least=True)
        for port, rows in _by_port(oil)
    ]
    pooled = target(f"{name}, ports pooled", correlation_of(oil), LEAST_CORRELATION, is_least=True)
    missed = "port-months whose interval ends below the imports"
    return [*of_port, pooled, target(missed, float(below) if oil else None, 0.0, digits=0)]


def _lng(found: Mapping[str, Any]) -> str:
    """Says which vessels are left out, and what the correlations would be with them."""
    with_lng = ((port, correlation_of(rows)) for port, rows in _by_port(found["with_lng"]))
    values = ", ".join(f"{port.title()} {value:.2f}" for port, value in with_lng if value is not None)
    return (
        "Carriers of liquefied natural gas are left out, for the imports have no such gas. AIS calls them tankers; the "
        "EU's MRV data of 2018 and 2019 have the type of those that still sailed then. With them, correlations would "
        f"be: {values or 'not measured'}.\n"
    )


def _missed_ports(oil: Sequence[Mapping[str, Any]]) -> list[str]:
    """Returns the ports whose correlation with the imports is below its target."""
    values = ((port, correlation_of(rows)) for port, rows in _by_port(oil))
    return [port for port, value in values if value is not None and value < LEAST_CORRELATION]


def _by_port(oil: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    ports = sorted({row["port"] for row in oil})
    return [(port, [row for row in oil if row["port"] == port]) for port in ports]


def is_met(found: Mapping[str, Any]) -> bool:
    """Returns whether no target is missed."""
    return all(row[3] != "**no**" for row in target_rows(found))


def _usual(found: Mapping[str, Any], kind: str) -> float:
    """Median calls of the weeks that have static data."""
    pairs = zip(found["weeks"], found["calls"][kind], strict=True)
    return float(median(number for week, number in pairs if week not in found["undescribed"]))


def _lost_cruises(found: Mapping[str, Any]) -> float:
    """Counts calls in class `other` of vessels that ever sent a passenger vessel's AIS type."""
    return float(sum(row["calls"] for row in found["other"] if row["is_cruise"]))


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
    parts = [
        HEAD.format(
            weeks=len(weeks), first=weeks[0], last=weeks[-1], undescribed=", ".join(found["undescribed"]) or "none"
        ),
        "## Targets\n", table(TARGET_COLUMNS, target_rows(found)),
        "\n## Time and memory\n",
        _steps(found),
        "\n## Calls by week\n",
        table(("week", "cargo at Boston's container terminal", "tankers at Portland", "cargo at San Juan",
               "cruise ships at San Juan"), calls),
        "\n## Crude at Portland\n", f"![Draughts of deep tankers at Portland]({PORTLAND_PICTURE})", _landed(portland),
        portland["unseen"], text_of_portland(portland["large_each"], portland["days"]),
        "\n## Oil by port and month\n", f"![Tonnes unloaded and official imports]({OIL_PICTURE})\n",
        "Official imports (U.S. Energy Information Administration) count foreign oil only, so they are a lower bound. "
        "They are scaled to the days of the month that the weeks with static data cover, and converted by product; "
        "calls of the other weeks, and months with fewer than seven such days, are not in the table.\n",
        _lng(found),
        table(("port", "month", "tanker calls", "without tonnes", "unloaded, kt", "90 % interval", "imports, kt"),
              [_month(row) for row in found["oil"]]),
        "\n## Why the oil ports are below the imports\n", GAPS,
        table(GAP_COLUMNS, [_gap(row) for row in found["gaps"]]),
        ENDS, table(("port", "departure draught", "calls", "carried, kt", "unloaded, kt"),
                    [_end(row) for row in found["reported"]]),
        "\n## Months of missed targets, call by call\n", MONTHS, section(found["oil"], _missed_ports(found["oil"])),
        "\n## Vessels without a class\n", _other_causes(found),
        table(("vessel", "port", "calls", "first call", "AIS types ever sent", "reason"),
              [(one["vessel_id"], one["port_locode"], str(one["calls"]), one["first"],
                ", ".join(map(str, one["types"])), _why(one, found)) for one in found["other"]]),
        "", text_of_marks(found["marks"]), "",
    ]  # fmt: skip
    return "\n".join(parts)


def _steps(found: Mapping[str, Any]) -> str:
    if not found["steps"]:
        return "Not measured: the lake was made before."
    rows = [
        (f"`{one['command']}`", f"{one['seconds']:.0f}", gigabytes(one["peak_bytes"]))
        for one in found["steps"]
    ]
    return table(("command", "s", "peak GB"), rows)


def _landed(portland: Mapping[str, Any]) -> str:
    """Describes what deep tankers brought to Portland."""
    thousand = portland["barrels_per_day"] / 1000.0
    at_most = portland["carried_barrels_per_day"] / 1000.0
    return (
        f"\n{portland['calls']} tankers that arrived with 12 m or more and count for trade carried "
        f"{portland['carried_t'] / 1e6:.2f} Mt and landed {portland['landed_t'] / 1e6:.2f} Mt. All "
        f"{portland['large_calls']} calls of tankers of 80,000 t deadweight or more, which carry crude here, landed "
        f"{thousand:.0f} thousand barrels a day ({at_most:.0f} if they had landed all of it). A tonne of crude is "
        "taken as 7.32 barrels (United Nations, Energy Statistics Yearbook); calls and days are those of the weeks "
        "with static data. The bounds are 270 (crude, 2010) and 410 (all oil, 2007). With the 3 to 8 % of the voyages "
        f"that are not in the data it would be {thousand / 0.97:.0f} to {thousand / 0.92:.0f}.\n"
    )


def _end(row: Mapping[str, Any]) -> tuple[str, ...]:
    tonnes = (f"{row[name] / 1e3:,.0f}" for name in ("payload_arrival_t", "tonnes_unloaded"))
    return (row["port"].title(), row["end"], str(row["calls"]), *tonnes)


def _gap(row: Mapping[str, Any]) -> tuple[str, ...]:
    counts = ("shipments", "calls", "unclassed", "without_hull", "not_trade")
    carried, unloaded, of_reported, unloaded_of_reported = (
        f"{row[name] / 1e3:,.0f}"
        for name in ("carried_t", "unloaded_t", "reported_carried_t", "reported_unloaded_t")
    )
    reported = (str(row["reported"]), of_reported, unloaded_of_reported)
    return (row["port"].title(), *(str(row[name]) for name in counts), carried, unloaded, *reported)


def _other_causes(found: Mapping[str, Any]) -> str:
    """Counts calls of vessels without a class by reason."""
    number: dict[str, int] = {}
    for one in found["other"]:
        number[_why(one, found)] = number.get(_why(one, found), 0) + one["calls"]
    return "".join(f"- {calls} calls: {reason}\n" for reason, calls in sorted(number.items()))


def _month(row: Mapping[str, Any]) -> tuple[str, ...]:
    interval = f"{row['low'] / 1e3:,.0f} to {row['high'] / 1e3:,.0f}"
    return (row["port"].title(), str(row["month"]), str(row["calls"]), str(row["missing"]),
            f"{row['tonnes'] / 1e3:,.0f}", interval, f"{row['imports_t'] / 1e3:,.0f}")  # fmt: skip


def _why(one: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    if one["week"] in found["undescribed"]:
        return "first seen while static data are missing"
    return "sent no AIS type of a class, or a contradictory one"


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
