"""The declaration of a table that is computed week by week, from which both its task and `status` follow."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from ais_indicators.io.delta import active_files, open_delta
from ais_indicators.io.freshness import can_touch, is_final, sign, stale_weeks
from ais_indicators.io.references import port_places
from ais_indicators.io.staging import TableFile
from ais_indicators.io.vessel_registers import KnownHulls, KnownShips, known_hulls, known_ships
from ais_indicators.io.week_rows import replace_rows
from ais_indicators.io.weeks import FoldedWeek, newest_week, read_folded_weeks
from ais_indicators.job import Job
from ais_indicators.periods import Week
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings

Window = Callable[[Week, Rules], tuple[Week, Week]]
"""First and last week of a table that a week rests on."""
Computed = tuple[Sequence[Week], Mapping[str, pl.DataFrame]]
"""Some weeks, and all rows of each table in them."""


def own_week(week: Week, _: Rules) -> tuple[Week, Week]:
    """Takes the week alone."""
    return week, week


@dataclass(frozen=True)
class Input:
    """Files of a table that a week rests on.

    Attributes:
        table: Partitioned by week, or by the week in which events were settled.
        window: The weeks whose files count, or the weeks that the events of a file can touch.
    """

    table: str
    window: Window = own_week


@dataclass(frozen=True)
class FoldedLake:
    """The state of a lake that weekly tables rest on; each part is read when it is first needed.

    Attributes:
        settings: Of the lake.
        rules: Thresholds of the lake's subject.
        assumed_newest: Takes the place of the newest week that holds messages.
    """

    settings: Settings
    rules: Rules
    assumed_newest: Week | None = None
    _files: dict[str, list[TableFile]] = field(default_factory=dict)

    @cached_property
    def folded(self) -> dict[Week, FoldedWeek]:
        """The folded weeks, in order."""
        return dict(sorted(read_folded_weeks(self.settings).items()))

    @cached_property
    def newest(self) -> Week:
        """The newest week that holds messages."""
        return self.assumed_newest or newest_week(self.settings)

    @cached_property
    def ships(self) -> KnownShips:
        """The vessels of the newest register."""
        return known_ships(self.settings)

    @cached_property
    def hulls(self) -> KnownHulls:
        """The sizes of vessels."""
        return known_hulls(self.settings)

    @cached_property
    def places(self) -> pl.DataFrame:
        """Country and place of every port."""
        return port_places(self.settings)

    def is_final(self, week: Week) -> bool:
        """Whether late messages of the week are taken up no more (methodology 13)."""
        return is_final(week, self.newest, self.rules)

    def obs_status(self, week: Week) -> str:
        """Returns `A` for a final week, `P` for a provisional one."""
        return "A" if self.is_final(week) else "P"

    def paths(self, of: Input, week: Week) -> list[str]:
        """Lists the files of an input that a week rests on."""
        if of.table not in self._files:
            self._files[of.table] = active_files(open_delta(self.settings, of.table))
        first, last = of.window(week, self.rules)
        return [file.path for file in self._files[of.table] if can_touch(file, first, last)]


def finality(lake: FoldedLake, week: Week) -> str:
    """Marks whether the week is final."""
    return str(lake.is_final(week))


@dataclass(frozen=True)
class WeeklyTable:
    """Tables that are computed together, for every folded week whose signature changed.

    The signature of a week, which the names of its files carry, is of all that its rows rest on.

    Attributes:
        tables: Their names; a week is computed again if any of them is stale.
        inputs: The files that a week rests on.
        compute: Yields the rows of stale weeks, in order; they are written before the next are asked for.
        references: What else each week rests on, such as versions of reference files.
        mark: What else a week rests on which does not concern the weeks after it, such as `finality`.
        after: Tables of the same task on whose weeks those of these rest.
        rests_on_earlier: Whether a week rests on all weeks before it.
    """

    tables: tuple[str, ...]
    inputs: tuple[Input, ...]
    compute: Callable[[FoldedLake, Sequence[Week]], Iterator[Computed]]
    references: Callable[[FoldedLake], Mapping[Week, Sequence[str]]] | None = None
    mark: Callable[[FoldedLake, Week], str] | None = None
    after: "WeeklyTable | None" = None
    rests_on_earlier: bool = False

    def signatures(self, lake: FoldedLake) -> dict[Week, str]:
        """Signs what each folded week rests on."""
        references = self.references(lake) if self.references else {}
        upstream = self.after.signatures(lake) if self.after else {}
        signatures: dict[Week, str] = {}
        before = ""
        for week in lake.folded:
            own = [path for of in self.inputs for path in lake.paths(of, week)]
            rests_on = sign([before, upstream.get(week, ""), *references.get(week, ()), *own], lake.rules)
            signatures[week] = sign([rests_on, self.mark(lake, week) if self.mark else ""], lake.rules)
            before = rests_on if self.rests_on_earlier else ""
        return signatures

    def stale(self, lake: FoldedLake) -> list[Week]:
        """Finds the weeks that `run` would compute, in order."""
        return self._stale(lake.settings, self.signatures(lake))

    def run(self, job: Job) -> list[Week]:
        """Computes every folded week that is stale; returns those weeks."""
        lake = FoldedLake(job.settings, job.rules)
        signatures = self.signatures(lake)
        stale = self._stale(job.settings, signatures)
        for weeks, tables in self.compute(lake, stale) if stale else ():
            for table, rows in tables.items():
                named = rows if "week" in rows.columns else rows.with_columns(week=pl.lit(weeks[0].name))
                replace_rows(job.settings, table, named.to_arrow(), weeks, signatures)
        return stale

    def _stale(self, settings: Settings, signatures: Mapping[Week, str]) -> list[Week]:
        return sorted({week for table in self.tables for week in stale_weeks(settings, table, signatures)})


def by_week(tables: Iterable[str]) -> tuple[Input, ...]:
    """Makes an input of the week alone of each table."""
    return tuple(map(Input, tables))
