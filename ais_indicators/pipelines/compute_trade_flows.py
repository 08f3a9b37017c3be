"""Task `compute_trade_flows`: voyages to weekly flows between ports and countries, week by week, in polars."""

import polars as pl

from ais_indicators.contracts.model import load_contract
from ais_indicators.io.delta import active_files, open_delta, read_files
from ais_indicators.io.staging import TableFile
from ais_indicators.periods import Week
from ais_indicators.pipelines.derive_voyages import DRAWS, VOYAGES
from ais_indicators.pipelines.fold_plan import newest_week
from ais_indicators.pipelines.freshness import COVERAGE, is_final, sign, stale_weeks
from ais_indicators.pipelines.gold import read_weeks, replace_rows
from ais_indicators.pipelines.job import Job
from ais_indicators.settings import Settings
from ais_indicators.transforms.trade_flows import covered_flows, trade_flows

FLOWS = "gold.trade_flows_weekly"
SOURCES = (VOYAGES, DRAWS, COVERAGE)


def run(job: Job) -> list[Week]:
    """Computes every week whose voyages changed since; returns those weeks."""
    settings = job.settings
    newest = newest_week(settings)
    files = {table: _by_week(settings, table) for table in SOURCES}
    signatures = _signatures(files, newest)
    stale = stale_weeks(settings, FLOWS, signatures)
    for week in stale:
        voyages, draws = (
            _read(settings, table, files[table].get(week.name, [])) for table in (VOYAGES, DRAWS)
        )
        flows = trade_flows(voyages, draws, is_final(week, newest)).with_columns(week=pl.lit(week.name))
        rows = covered_flows(flows, read_weeks(settings, COVERAGE, [week]))
        replace_rows(settings, FLOWS, rows.to_arrow(), [week], signatures)
    return stale


def stale_flows(settings: Settings) -> list[Week]:
    """Finds the weeks whose flows would be recomputed."""
    files = {table: _by_week(settings, table) for table in SOURCES}
    return stale_weeks(settings, FLOWS, _signatures(files, newest_week(settings)))


def _signatures(files: dict[str, dict[str, list[TableFile]]], newest: Week) -> dict[Week, str]:
    """Signs the files that each week's flows depend on."""
    return {
        week: sign(
            (file.path for of in files.values() for file in of.get(week.name, ())), is_final(week, newest)
        )
        for week in sorted(map(Week.parse, files[VOYAGES]))
    }


def _by_week(settings: Settings, table: str) -> dict[str, list[TableFile]]:
    found: dict[str, list[TableFile]] = {}
    for file in active_files(open_delta(settings, table)):
        found.setdefault(str(file.partition["week"]), []).append(file)
    return found


def _read(settings: Settings, table: str, files: list[TableFile]) -> pl.DataFrame:
    columns = [name for name in load_contract(table).column_names if name != "week"]
    return pl.DataFrame(read_files(settings, table, files, columns))
