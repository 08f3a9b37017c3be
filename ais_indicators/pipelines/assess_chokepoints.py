"""Task `assess_chokepoints`: transits and coverage to the weekly status of every chokepoint."""

from typing import Final

import polars as pl

from ais_indicators.io.delta import active_files, open_delta
from ais_indicators.io.gate_references import gate_areas
from ais_indicators.periods import Week
from ais_indicators.pipelines.fold_plan import FoldedWeek, newest_week, read_folded_weeks
from ais_indicators.pipelines.freshness import COVERAGE, is_final, paths_by_week, sign, stale_weeks
from ais_indicators.pipelines.gold import read_weeks, replace_rows
from ais_indicators.pipelines.job import Job
from ais_indicators.rules import rule
from ais_indicators.settings import Settings
from ais_indicators.transforms.chokepoint_status import TABLE, chokepoint_status

STATUS: Final = TABLE
_TRANSITS: Final = "gold.chokepoint_transits_weekly"


def run(job: Job) -> list[Week]:
    """Assesses every folded week whose transits or coverage changed since; returns those weeks."""
    settings = job.settings
    folded, newest = read_folded_weeks(settings), newest_week(settings)
    signatures = _signatures(settings, folded, newest)
    stale = stale_weeks(settings, STATUS, signatures)
    for week in stale:
        gates = pl.DataFrame(gate_areas(settings, folded[week].gate_version))["gate_code"].unique().to_list()
        transits, coverage = (read_weeks(settings, table, [week]) for table in (_TRANSITS, COVERAGE))
        before = read_weeks(settings, STATUS, _look_back(settings, week))
        status = "A" if is_final(week, newest) else "P"
        rows = chokepoint_status(gates, transits, coverage, before, status)
        replace_rows(
            settings, STATUS, rows.with_columns(week=pl.lit(week.name)).to_arrow(), [week], signatures
        )
    return stale


def stale_chokepoints(settings: Settings) -> list[Week]:
    """Finds the weeks whose status would be recomputed."""
    signatures = _signatures(settings, read_folded_weeks(settings), newest_week(settings))
    return stale_weeks(settings, STATUS, signatures)


def _look_back(settings: Settings, week: Week) -> list[Week]:
    """Returns the existing earlier weeks that can be usual ones, in order."""
    known = {Week.parse(str(f.partition["week"])) for f in active_files(open_delta(settings, STATUS))}
    wanted = (week.plus(-n) for n in range(int(rule("chokepoint_look_back_weeks")), 0, -1))
    return [one for one in wanted if one in known]


def _signatures(settings: Settings, folded: dict[Week, FoldedWeek], newest: Week) -> dict[Week, str]:
    """Signs each week's status: its transits, coverage and gates, and those of all earlier weeks.

    Usual weeks exclude closed ones, which depend on their own usual weeks.
    """
    paths = [paths_by_week(settings, table) for table in (_TRANSITS, COVERAGE)]
    signatures: dict[Week, str] = {}
    before = ""
    for week in sorted(folded):
        own = [path for of_table in paths for path in of_table[week.name]]
        before = sign([before, folded[week].gate_version, *own], False)
        signatures[week] = sign([before], is_final(week, newest))
    return signatures
