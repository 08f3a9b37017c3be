"""`python -m benchmarks.cluster`: the same backfill on this machine's threads and on a cluster of two workers.

The cluster is Spark's own standalone one (`setup.spark_cluster`), its workers unpack the package that is sent to them,
and the lake lies in a folder that they share, then in an object store. All tables must come out the same, and both
workers must have worked.
"""

import argparse
import json
import os
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from ais_indicators.periods import Week
from ais_indicators.settings import LAKE_URL_VARIABLE, MASTER_VARIABLE, PROFILE_VARIABLE, Settings
from ais_simulator import SimulatedSea, Simulation, simulate_weeks
from benchmarks.long_backfill import FIRST_WEEK, run
from benchmarks.provenance import add_options, begin, write_page
from benchmarks.tables import table
from setup.object_store import running_store
from setup.spark_cluster import running_cluster
from tests.messages import assert_same_content, content

PORT, PAGE_PORT = 17177, 18180
WORKERS = 2
WAYS = ("local", "cluster", "store")
HEAD = """# A cluster compared with one machine

{ships} simulated ships over {weeks} weeks are taken in and
backfilled, once in processes of this machine (`local`), once on Spark's standalone cluster of two workers with a
core each (`cluster`), which get package and jars sent and share the lake's folder, and once more with the tables
in an object store (`store`: moto's, written in Python, by `s3a://`). Master, workers, store and the command run on one
machine of {cores} cores, so nothing is to be won here: what is shown is that the rows are the same, that both workers
work, and what the way over a cluster costs.
"""


def main(arguments: list[str] | None = None) -> int:
    """Measures and writes `cluster.md` and `cluster.json`; ends with 1 where rows differ or a worker was idle."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster", description=__doc__)
    parser.add_argument("--ships", type=int, default=100)
    parser.add_argument("--weeks", type=int, default=4)
    add_options(parser)
    chosen = parser.parse_args(arguments)
    records = begin("cluster", chosen)
    folder = Path(tempfile.mkdtemp(prefix="ais-cluster-"))
    try:
        found = measure(folder, chosen.ships, chosen.weeks)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(found))
    write_page("cluster", chosen.out, found, text_of(found), records)
    return 0 if all(len(workers) == WORKERS for workers in found["tasks_by_worker"].values()) else 1


def measure(folder: Path, ships: int, weeks: int) -> dict[str, Any]:
    """Runs both ways and compares."""
    sea = simulate_weeks(Simulation(FIRST_WEEK, weeks, ships, seed=7), folder / "sea")
    seconds = {"local": complete_way(folder / "local", sea, weeks)}
    wanted = content(Settings(folder / "local"))
    tasks = {}
    with (
        running_store() as store,
        running_cluster(folder / "spark", port=PORT, page_port=PAGE_PORT) as cluster,
    ):
        for way, url in (("cluster", None), ("store", f"{store.url}/lake")):
            events = folder / f"events_{way}"
            with logged_events(folder / f"conf_{way}", events, cluster.master, url):
                seconds[way] = complete_way(folder / way, sea, weeks)
            tasks[way] = dict(sorted(tasks_by_executor(events).items()))
            assert_same_content(content(Settings(folder / way, lake_url=url)), wanted)
    return {
        "ships": ships,
        "weeks": weeks,
        "messages": sea.rows,
        "seconds": seconds,
        "rows": {name: frame.height for name, frame in wanted.items()},
        "tasks_by_worker": tasks,
    }


def complete_way(lake: Path, sea: SimulatedSea, weeks: int) -> dict[str, float]:
    """Takes the messages in and backfills them; seconds of each command."""
    for words in (["ports", "load", sea.ports_file], ["vessels", "load", sea.register_file]):
        run(lake, *words)
    began = time.monotonic()
    run(lake, "ingest", *sea.message_files)
    between = time.monotonic()
    run(lake, "backfill", "--from", FIRST_WEEK, "--to", Week.parse(FIRST_WEEK).plus(weeks - 1).name)
    return {"ingest": round(between - began, 1), "backfill": round(time.monotonic() - between, 1)}


class logged_events:  # noqa: N801 - used like a function
    """While it lasts, commands run on the cluster and Spark writes down which executor did which task."""

    def __init__(self, conf: Path, events: Path, master: str, lake_url: str | None) -> None:
        conf.mkdir()
        events.mkdir()
        text = f"spark.eventLog.enabled true\nspark.eventLog.dir {events.as_uri()}\nspark.eventLog.compress false\n"
        (conf / "spark-defaults.conf").write_text(text, encoding="utf-8")
        self._set = {"SPARK_CONF_DIR": str(conf), PROFILE_VARIABLE: "cluster", MASTER_VARIABLE: master}
        if lake_url:
            self._set[LAKE_URL_VARIABLE] = lake_url

    def __enter__(self) -> None:
        os.environ.update(self._set)

    def __exit__(self, *_: object) -> None:
        for name in self._set:
            del os.environ[name]


def tasks_by_executor(events: Path) -> Counter[str]:
    """How many tasks each executor has ended, over all applications."""
    counts: Counter[str] = Counter()
    for path in sorted(p for p in events.rglob("*") if p.is_file()):
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                if '"SparkListenerTaskEnd"' in line:
                    counts[json.loads(line)["Task Info"]["Executor ID"]] += 1
    return counts


def text_of(found: dict[str, Any]) -> str:
    """The page."""
    seconds = found["seconds"]
    head = HEAD.format(ships=found["ships"], weeks=found["weeks"], cores=os.cpu_count())
    local = seconds["local"]
    times = [
        (
            name,
            *(f"{seconds[way][name]:.1f}" for way in WAYS),
            *(f"{seconds[way][name] / local[name]:.2f}" for way in WAYS[1:]),
        )
        for name in local
    ]
    workers = [
        (f"{way}: worker {name}", f"{count:,}")
        for way, counts in found["tasks_by_worker"].items()
        for name, count in counts.items()
    ]
    rows = f"{len(found['rows'])} tables with {sum(found['rows'].values()):,} rows came out the same, to the last bit."
    return "\n".join(
        [
            head,
            table(
                ("command", *(f"{way} s" for way in WAYS), *(f"{way} to local" for way in WAYS[1:])), times
            ),
            f"\n{found['messages']:,} messages; {rows}\n",
            table(("Spark tasks done by", "number"), workers),
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
