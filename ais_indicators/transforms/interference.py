"""Finds clusters of displaced stretches: several vessels shown in one area on one day where none of them can be.

Source: methodology 8.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import polars as pl
from h3.api import basic_int as h3

from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.transforms.crowded_areas import (
    CrowdedArea,
    connected_areas,
    crowded_areas,
    followed_until,
    is_in,
    positions_of,
    watched_cells,
)
from ais_indicators.transforms.lasting_areas import FoundPlaces, lasting_areas
from ais_indicators.transforms.shapes import JAMMING, Shape, outline_of
from ais_indicators.transforms.shown_vessels import FalseRun
from ais_indicators.units import (
    FIRST_MONDAY_SECOND,
    SECONDS_PER_DAY,
    SECONDS_PER_HOUR,
    SECONDS_PER_MINUTE,
    SECONDS_PER_WEEK,
)

BELIEVED: Final = -1
"""Number of a stretch that is no false position: it is the return from one."""

STRETCH_SCHEMA: Final[dict[str, Any]] = {
    "mmsi": pl.Int64,
    "began": pl.Int64,
    "day": pl.Int64,
    "first_second": pl.Int64,
    "last_second": pl.Int64,
    "fixes": pl.Int64,
    "sailed_off": pl.Boolean,
    "false_kind": pl.Int64,
    "to_h3_res4": pl.Int64,
    "jump_km": pl.Float64,
    "run_began": pl.Int64,
    "run_until": pl.Int64,
    "run_h3_res4": pl.Int64,
    "sample_latitude": pl.List(pl.Float64),
    "sample_longitude": pl.List(pl.Float64),
    "sample_second": pl.List(pl.Int64),
}
"""What clusters rest on: one row is one stretch on one UTC day. `day` is the number of the day since 1970, `false_kind`
what the stretch was found to be in an earlier week, the run the vessel's fixes since it was first heard or moved far
unseen, if they began shortly before the stretch (null otherwise), and the samples are some of the stretch's fixes."""


@dataclass(frozen=True)
class FalsePositions:
    """Positions that were found to be false.

    Attributes:
        stretches: Number of the kind of each stretch by week, MMSI and the second in which it began; `BELIEVED` for
            returns from false runs.
        runs: The false runs of each week.
    """

    stretches: dict[tuple[Week, int, int], int] = field(default_factory=dict)
    runs: dict[Week, tuple[FalseRun, ...]] = field(default_factory=dict)

    def of_numbers(self, numbers: Collection[int]) -> "FalsePositions":
        """Returns the false positions of some MMSIs."""
        runs = {week: tuple(run for run in of if run.mmsi in numbers) for week, of in self.runs.items()}
        return FalsePositions(
            {key: kind for key, kind in self.stretches.items() if key[1] in numbers},
            {week: of for week, of in runs.items() if of},
        )


Known = Mapping[tuple[int, int], int]
"""The kind of a false stretch by MMSI and first second."""

Shown = Mapping[Week, Sequence[FalseRun]]
"""Fixes, by week, of vessels that were shown where they could have been, as `shown_runs` finds them."""


def find_false_positions(rows: pl.DataFrame, shown: Shown | None = None, *, rules: Rules) -> FalsePositions:
    """Finds the stretches that are false, by week.

    A stretch of a cluster is false on all of its days in the cluster's week, and from then on until it ends. A cluster
    lasts while some of its vessels are shown there, though they are too few for another one.

    Args:
        rows: Columns of `STRETCH_SCHEMA` of consecutive weeks.
        shown: Runs that are false where they lie in a cluster; their vessels count for it.
        rules: Rules of the lake's subject.
    """
    known: dict[tuple[int, int], int] = {}
    found = FalsePositions()
    number = (pl.col("day") * SECONDS_PER_DAY - FIRST_MONDAY_SECOND) // SECONDS_PER_WEEK
    ordered = rows.sort("day", "mmsi", "began").with_columns(week=number)
    for _, of_week in ordered.group_by("week", maintain_order=True):
        week = Week.of_second(of_week["day"][0] * SECONDS_PER_DAY)
        carried = of_week.filter(pl.col("false_kind") != 0).select("mmsi", "began", "false_kind")
        known |= {(mmsi, began): kind for mmsi, began, kind in carried.iter_rows()}
        before, of_this_week, runs = dict(known), dict[tuple[int, int], int](), dict[FalseRun, None]()
        of_shown, places = (shown or {}).get(week, ()), FoundPlaces()
        for (day,), of_day in of_week.group_by("day", maintain_order=True):
            of_day_shown = [run for run in of_shown if _is_on(run, int(day))]
            kinds, of_runs = _assess_day(of_day, known, of_day_shown, places, rules)
            for key, kind in kinds.items():
                of_this_week.setdefault(key, kind)
                known[key] = of_this_week[key]
            runs |= dict.fromkeys(of_runs)
        for key in dict.fromkeys(of_week.select("mmsi", "began").iter_rows()):
            kind = of_this_week.get(key, before.get(key, 0))
            if kind:
                found.stretches[week, key[0], key[1]] = known[key] = kind
        if runs:
            start = week.start_second
            found.runs[week] = tuple(
                run._replace(began=max(run.began, start)) for run in runs if run.until > start
            )
    return found


def find_shapes(rows: pl.DataFrame, found: FalsePositions, rules: Rules) -> list[Shape]:
    """Returns where vessels jump to in one week, though they may be too few for a cluster, in a total order.

    A vessel that came to the place unseen and jumps away counts too, but not without others that do.

    A vessel that later sails to the place goes on with its stretch: where it was after the shape's time, its way there
    and its anchorage, is not where vessels are shown.

    Args:
        rows: Columns of `STRETCH_SCHEMA` of the week.
        found: What is known to be false of it.
        rules: Rules of the lake's subject.
    """
    week = Week.of_second(int(rows["day"].min()) * SECONDS_PER_DAY)  # type: ignore[arg-type]
    known = {(mmsi, began): kind for (at, mmsi, began), kind in found.stretches.items() if at == week}
    cells, evidence = set[int](), list[pl.DataFrame]()
    for _, of_day in rows.sort("day", "mmsi", "began").group_by("day", maintain_order=True):
        displaced = _displaced(of_day, known, (), rules)
        cells |= watched_cells(displaced.evidence, _left(displaced, rules), rules)
        evidence.append(displaced.evidence)
    shapes = []
    for of_area in connected_areas(cells):
        jumps = pl.concat(evidence).filter(pl.col("to_h3_res4").is_in(sorted(of_area)))
        vessels = frozenset(jumps["mmsi"].to_list())
        many = max(2, min(rules.interference_watched_vessels, len(vessels) // 2))
        span = _time_of_many(jumps, many)
        outline = outline_of(*positions_of(jumps, span), rules=rules)
        until = followed_until(jumps, outline, span[1], rules)
        shapes.append(Shape(week, outline, span[0], until, vessels))
    return shapes


def _left(displaced: "_Displaced", rules: Rules) -> Iterator[tuple[int, int]]:
    """Yields vessels that jump away from where nobody saw them come, with the cell: either side may be false."""
    shown_s = pl.col("run_until") - pl.col("run_began")
    is_sized = shown_s >= float(rules.interference_min_minutes) * SECONDS_PER_MINUTE
    yield from (
        displaced.recent.filter(displaced.is_doubtful, is_sized).select("mmsi", "run_h3_res4").iter_rows()
    )


def _time_of_many(jumps: pl.DataFrame, least: int) -> tuple[int, int]:
    """Returns the first and the last second in which so many vessels are shown at once.

    A vessel that later comes to the place itself goes on with its stretch, so the last fix of all says little. Where
    vessels are heard too seldom to be shown at once, the time is that of all their fixes.
    """
    ends = [(second, 0) for second in jumps["first_second"]] + [
        (second, 1) for second in jumps["last_second"]
    ]
    shown, first, last = 0, None, None
    for second, is_end in sorted(ends):
        if shown + (not is_end) >= least:
            first, last = second if first is None else first, second
        shown += -1 if is_end else 1
    return (min(ends)[0], max(ends)[0]) if first is None or last is None else (first, last)


def _is_on(run: FalseRun, day: int) -> bool:
    return run.began // SECONDS_PER_DAY <= day <= (run.until - 1) // SECONDS_PER_DAY


def _assess_day(
    rows: pl.DataFrame, known: Known, shown: Sequence[FalseRun], places: FoundPlaces, rules: Rules
) -> tuple[dict[tuple[int, int], int], list[FalseRun]]:
    """Returns the kinds of the stretches of one day that lie in a cluster, or return from one, and the false runs.

    Adds the places of those that are found to `places`.
    """
    displaced = _displaced(rows, known, shown, rules)
    areas = crowded_areas(displaced.evidence, shown=shown, rules=rules)
    stays = displaced.recent.filter(~pl.col("sailed_off"), ~displaced.believed)
    stretches = stays.select("mmsi", "to_h3_res4", "began", "known").rows()
    for mmsi, cell, began, kind in stretches:
        if kind:
            places.add((mmsi, cell), kind, began)
    at = [(mmsi, cell) for mmsi, cell, *_ in stretches] + [(run.mmsi, run.cell) for run in shown]
    again = places.found_again(at)
    areas += lasting_areas(again, areas, rules)
    kinds = {cell: area.kind for area in areas for cell in area.cells}
    found, runs = dict[tuple[int, int], int](), list[FalseRun]()
    for mmsi, cell, began, _ in stretches:
        if kind := kinds.get(cell) or again.get((mmsi, cell)):
            found[mmsi, began] = kind
            places.add((mmsi, cell), kind, began)
    for run in shown:
        if kind := kinds.get(run.cell) or again.get((run.mmsi, run.cell)):
            runs.append(run._replace(kind=kind))
            places.add((run.mmsi, run.cell), kind, run.began)
    first = places.first_second
    back = [run for area in areas for run in _returns(displaced, area, areas, first(area), rules)]
    found.update({(run.mmsi, run.until): BELIEVED for run in back})
    return found, back + runs


def _returns(
    displaced: "_Displaced", area: CrowdedArea, areas: Sequence[CrowdedArea], first_second: int, rules: Rules
) -> list[FalseRun]:
    """Returns the fixes in an area from which vessels jump back.

    A vessel that came there before others were shown is there, unless it was first heard less than a day before.
    """
    slack_s = float(rules.interference_min_minutes) * SECONDS_PER_MINUTE
    is_meanwhile = displaced.is_doubtful | (pl.col("run_began") >= first_second - slack_s)
    back = displaced.recent.filter(
        is_in("run_h3_res4", [area]), ~is_in("to_h3_res4", areas), is_meanwhile
    ).select("mmsi", "run_began", "began", pl.lit(area.kind), "run_h3_res4", "to_h3_res4", "jump_km")
    return [FalseRun(*row) for row in back.iter_rows()]


class _Displaced(NamedTuple):
    """The stretches of one day.

    Attributes:
        recent: Those that may count.
        evidence: Those that are evidence.
        believed: Whether a stretch leads back to a true place.
        is_doubtful: Whether the vessel was first heard, or moved far unseen, shortly before it.
    """

    recent: pl.DataFrame
    evidence: pl.DataFrame
    believed: pl.Expr
    is_doubtful: pl.Expr


def _displaced(rows: pl.DataFrame, known: Known, shown: Sequence[FalseRun], rules: Rules) -> _Displaced:
    """Sorts the stretches of one day.

    Of a vessel that was first heard, or moved far unseen, less than a day before the jump, either side may be the false
    one. Where other vessels are displaced to the place before the jump, that one is. Where many vessels jump from one
    place to another together, and no others are displaced, nobody knows: their stretches are no evidence. Those of a
    vessel that is shown elsewhere are its returns, and no evidence either.
    """
    recent = _recent(rows, known, rules)
    sure_s = rules.interference_sure_home_hours * SECONDS_PER_HOUR
    is_doubtful = (pl.col("run_until") - pl.col("run_began") < sure_s).fill_null(False)
    sized = recent.filter(~pl.col("sailed_off")).filter(_is_sized(rules))
    sure = crowded_areas(sized.filter(~is_doubtful), rules=rules)
    crowds = crowded_areas(recent.filter(is_doubtful), "run_h3_res4", rules=rules)
    believed = is_in("run_h3_res4", sure) & ~is_in("to_h3_res4", sure)
    evidence = sized.filter(~believed, ~(is_doubtful & is_in("run_h3_res4", crowds)))
    if shown:
        own = pl.DataFrame(
            sorted({(run.mmsi, run.cell) for run in shown}),
            schema={"mmsi": pl.Int64, "to_h3_res4": pl.Int64},
            orient="row",
        )
        others = evidence.join(own, on="mmsi", how="anti")
        evidence = pl.concat([others, evidence.join(own, on=own.columns, how="semi")]).sort("mmsi", "began")
    return _Displaced(recent, evidence, believed, is_doubtful)


def _recent(rows: pl.DataFrame, known: Known, rules: Rules) -> pl.DataFrame:
    """Leaves out returns, and stretches that began long ago and were in no cluster."""
    kinds = pl.Series([known.get(key, 0) for key in rows.select("mmsi", "began").iter_rows()], dtype=pl.Int64)
    fresh_since = pl.col("day") * SECONDS_PER_DAY - rules.interference_fresh_days * SECONDS_PER_DAY
    return rows.with_columns(known=kinds).filter(
        pl.col("known") >= 0, (pl.col("began") >= fresh_since) | (pl.col("known") > 0)
    )


def _is_sized(rules: Rules) -> pl.Expr:
    """Returns whether a stretch has the fixes and the time of evidence."""
    lasted = pl.col("last_second") - pl.col("first_second")
    is_long = lasted >= float(rules.interference_min_minutes) * SECONDS_PER_MINUTE
    return (pl.col("fixes") >= rules.interference_min_fixes) & is_long


def weekly_interference(
    displacements: pl.DataFrame, losses: pl.DataFrame, jammed: pl.DataFrame
) -> pl.DataFrame:
    """Returns the areas of interference of one week.

    Args:
        displacements: Rows of `silver.displacements` of the week.
        losses: Rows of `silver.position_losses` of the week.
        jammed: Columns `h3_res3` and `hour_utc` of the hours in which a cell was jammed.

    Returns:
        Columns of `gold.interference_weekly` but for the week and the statuses.
    """
    parts = [pl.DataFrame(schema=_AREA_SCHEMA)]
    for code, kind, rows in _areas_with_hours(displacements, losses, jammed):
        counts = rows.select(
            pl.col("vessel_id").n_unique().alias("vessels"),
            pl.col("hours").sum().alias("vessel_hours"),
            pl.col("day").n_unique().alias("days"),
        )
        parts.append(_area(code, kind, counts))
    return pl.concat(parts).sort("area_code", "kind")


def interference_by_vessel(
    displacements: pl.DataFrame, losses: pl.DataFrame, jammed: pl.DataFrame
) -> pl.DataFrame:
    """Returns the hours of each vessel in each area of interference; arguments of `weekly_interference`.

    Returns:
        Columns `area_code`, `kind`, `vessel_id`, `vessels` (1) and `vessel_hours`.
    """
    schema: dict[str, Any] = {
        "area_code": pl.String, "kind": pl.String, "vessel_id": pl.String, "vessel_hours": pl.Int64,
    }  # fmt: skip
    parts = [pl.DataFrame(schema=schema)]
    for code, kind, rows in _areas_with_hours(displacements, losses, jammed):
        hours = rows.group_by(pl.col("vessel_id").cast(pl.String)).agg(vessel_hours=pl.col("hours").sum())
        named = hours.with_columns(area_code=pl.lit(f"{code:x}"), kind=pl.lit(kind))
        parts.append(named.select(pl.col(name).cast(of) for name, of in schema.items()))
    return pl.concat(parts).with_columns(vessels=1).sort("area_code", "kind", "vessel_id")


def _areas_with_hours(
    displacements: pl.DataFrame, losses: pl.DataFrame, jammed: pl.DataFrame
) -> Iterable[tuple[int, str, pl.DataFrame]]:
    """Yields the cell and kind of each area with its `vessel_id`, `day` and `hours`; of jamming, MMSIs."""
    for (kind,), rows in displacements.drop_nulls("false_position_kind").group_by("false_position_kind"):
        for cells in connected_areas(rows["to_h3_res4"]):
            of_area = rows.filter(pl.col("to_h3_res4").is_in(sorted(cells)))
            vessels = of_area.group_by("to_h3_res4").agg(pl.col("vessel_id").n_unique())
            [code, *_] = vessels.sort("vessel_id", "to_h3_res4", descending=[True, False])["to_h3_res4"]
            yield code, str(kind), shown_hours(of_area, "vessel_id")
    in_jammed = losses.join(jammed.select("h3_res3", "hour_utc"), on=["h3_res3", "hour_utc"], how="inner")
    for (code,), rows in in_jammed.group_by("h3_res3"):
        hours = rows.select(vessel_id="mmsi", day=pl.col("hour_utc").dt.date(), hours=pl.lit(1, pl.Int64))
        yield int(code), JAMMING, hours


def shown_hours(displacements: pl.DataFrame, vessel: str) -> pl.DataFrame:
    """Counts the hours of each day in which a vessel was shown elsewhere.

    Several rows may be in one hour: the sum of their hours counts it more than once, and the hours from the first fix
    to the last of each row include those without a fix. The smaller number is nearer to the truth.

    Args:
        displacements: Columns `first_at_utc`, `last_at_utc` and `hours` of `silver.displacements`, and of the vessel.
        vessel: Column that identifies the vessel.

    Returns:
        The column of the vessel, `day` and `hours`, one row per vessel and day.
    """
    spans = pl.datetime_ranges(
        pl.col("first_at_utc").dt.truncate("1h"), pl.col("last_at_utc").dt.truncate("1h"), "1h"
    )
    rows = displacements.select(vessel, "hours", day=pl.col("first_at_utc").dt.date(), hour=spans)
    spanned = rows.explode("hour").group_by(vessel, "day").agg(pl.col("hour").n_unique().cast(pl.Int64))
    both = rows.group_by(vessel, "day").agg(pl.col("hours").sum()).join(spanned, on=[vessel, "day"])
    return both.select(vessel, "day", hours=pl.min_horizontal("hours", "hour"))


_AREA_SCHEMA: Final[dict[str, Any]] = {
    "area_code": pl.String,
    "kind": pl.String,
    "vessels": pl.Int64,
    "vessel_hours": pl.Int64,
    "days": pl.Int64,
    "latitude": pl.Float64,
    "longitude": pl.Float64,
}


def _area(cell: int, kind: str, counts: pl.DataFrame) -> pl.DataFrame:
    latitude, longitude = h3.cell_to_latlng(cell)
    named = counts.with_columns(
        area_code=pl.lit(f"{cell:x}"),
        kind=pl.lit(kind),
        latitude=pl.lit(latitude),
        longitude=pl.lit(longitude),
    )
    return named.select(pl.col(name).cast(of) for name, of in _AREA_SCHEMA.items())
