r"""Publishes last week's indicators from the AIS messages that were delivered.

It takes the files in, waits until the days of the week are there, follows every ship through the week, counts port
activity, chokepoints, cells and trade, runs the release check, and publishes the week as a release. One run is one ISO
week, Monday to Sunday in UTC; it begins when the week is over.

## An incomplete week
`confirm_days` asks every ten minutes whether each day of the week has messages and a file reaches to the week's end.
36 h after the end (`AIS_INDICATORS_DEADLINE_HOURS`) the run goes with what is there: the log of `confirm_days` warns,
and its row in `ops.runs` names the days. Without any message of the week it fails. A week of the past, as a backfill
runs it, never waits.

## When a task fails
- `ingest_messages`: read its log, which names the file and the fault. Correct or remove the file in `inbox/`,
  clear the task. A file that was taken in already is not taken in twice.
- `confirm_days`: there is no message of the week. Put its files into `inbox/`, clear from `ingest_messages`.
- `track_vessels`, `identify_vessels`, `compute_port_activity`, `compute_chokepoint_activity`,
  `compute_cell_activity`: clear the task. A week that is computed again replaces itself: same input, same rows.
- `assess_coverage`, `assess_interference`, `assess_chokepoints`, `derive_voyages`, `compute_trade_flows`,
  `compute_contributors`, `compute_series`, `measure_quality`: clear the task too.
- `check_release`: a critical check failed and nothing was published; the last release stays served.
  `ops.check_results` has the check and the reason. The task is not retried automatically. Correct the data and
  clear from `ingest_messages`.
- `publish_release`: clear the task. A release is written whole or not at all.

A log that says *another run is using* means that another run holds the lake, a person at the command line
for example: the task is retried automatically (`check_release` is not: clear it).

## Late and corrected files
Put them into `inbox/`; the next run takes them in. To publish earlier weeks again, backfill from the first
week that the files touch, one week after the other:

    airflow backfill create --dag-id weekly_indicators --from-date 2026-11-02 --to-date 2026-11-23 \
        --max-active-runs 1 --reprocess-behavior completed

## A manual run
It takes the week that it is given, in the form of Airflow's page or by `airflow dags trigger weekly_indicators --conf
'{"week": "2026-W47"}'`. Without one it takes the last complete week before its logical date, and without that date the
last complete week before the moment of the request.

Start, connection, pool, alerts: `docs/airflow.md`. Ports are loaded before the first run, by `update_references`
or with `ais-indicators ports load`.
"""

from airflow.sdk import CronDataIntervalTimetable, Param

from ais_indicators.tasks import of_cadence, weekly_order
from dags.common.house import DEADLINE_HOURS, ISO_WEEK, add_steps, house_dag
from dags.common.weeks import WEEK_PATTERN, week_of_run

WEEK = Param(
    None,
    type=["null", "string"],
    pattern=WEEK_PATTERN,
    title="ISO week",
    description="Such as 2026-W47. Empty: the last complete week before the logical date, or before now.",
)

with house_dag(
    "weekly_indicators",
    doc=__doc__,
    schedule=CronDataIntervalTimetable("0 0 * * 1", timezone="UTC"),
    tags=["weekly"],
    hours=DEADLINE_HOURS + 12,
    params={"week": WEEK},
    user_defined_macros={"week_of_run": week_of_run},
) as dag:
    add_steps(
        (*of_cadence("delivery"), *of_cadence("readiness"), *weekly_order()),
        {"delivery": (), "weekly": ("--week", ISO_WEEK)},
    )
