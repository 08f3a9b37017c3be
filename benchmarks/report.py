"""Writes `benchmarks/README.md` and `benchmarks/results.json` from what was measured."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from string import Template

from benchmarks import agreement
from benchmarks.contract import TITLES
from benchmarks.measure import Outcome, Plan, Run, Section
from benchmarks.provenance import Provenance, write_page
from benchmarks.tables import GB, TARGET_COLUMNS, Target, gigabytes, table, target

TEMPLATE = Path(__file__).with_name("template.md")
PRODUCT, DUCKDB, SPARK = "product", "duckdb_peer", "spark_peer"
MOST_OF_DUCKDB, AIM_OF_DUCKDB = 0.8, "0.7"
MOST_OF_SPARK = 0.2
MOST_TIME_OF_4_DAYS = 3.5
MOST_MEMORY_OF_4_DAYS = 1.05
MOST_MEMORY_GB = 2.5
MOST_RELEASE_S = 3.0


class Report:
    """Tables over the runs of one benchmark."""

    def __init__(self, plan: Plan, outcome: Outcome) -> None:
        self._plan = plan
        self._outcome = outcome

    def write(self, folder: Path, records: Sequence[Provenance]) -> None:
        """Writes the page and its values."""
        write_page("job", folder, self.figures(), self.text(), records)

    def text(self) -> str:
        """The whole README."""
        template = Template(TEMPLATE.read_text(encoding="utf-8"))
        return template.substitute(
            targets=self._targets(),
            repeats=self._plan.repeats,
            memory_repeats=self._plan.memory_repeats,
            input="a tenth of the ships of one real day" if self._plan.is_sample else "one real day",
            rows=f"{self._outcome.rows_in[1]:,}",
            main=self._times("main"),
            stages=self._stages(),
            memory=self._memory(),
            growth=self._growth(),
            time_order=self._times("time_order"),
            agreement=self._agreement(),
            rows_out=self._rows_out(),
        )

    def figures(self) -> dict[str, object]:
        """Returns all measurements, for programs."""
        return {
            "rows_per_second": {
                name: {str(days): self._rate(name, days) for days in self._plan.days}
                for name in self._contestants("growth")
            },
            "main_rows_per_second": {
                name: self._outcome.rows_in[1] / median(self._walls("main", name))
                for name in self._contestants("main")
            },
            "repeats": self._plan.repeats,
            "is_sample": self._plan.is_sample,
            "rows_in_by_days": self._outcome.rows_in,
            "rows_out": self._outcome.rows_out,
            "measured": self._measured(),
            "targets": [dict(zip(TARGET_COLUMNS, row, strict=True)) for row in self._target_rows()],
            "agreement": {n: [asdict(a) for a in self._agreements(n)] for n in self._peers()},
            "runs": [asdict(run) for run in self._outcome.runs],
        }

    def _runs(self, section: Section, contestant: str | None = None, days: int | None = None) -> list[Run]:
        return [
            run
            for run in self._outcome.runs
            if run.section == section and contestant in (None, run.contestant) and days in (None, run.days)
        ]

    def _walls(self, section: Section, contestant: str, days: int | None = None) -> list[float]:
        return [run.wall_s for run in self._runs(section, contestant, days) if run.wall_s is not None]

    def _peak(self, section: Section, contestant: str, days: int | None = None) -> int | None:
        return max(
            (run.peak_bytes for run in self._runs(section, contestant, days) if run.peak_bytes), default=None
        )

    def _ratios(self, section: Section, contestant: str, other: str) -> list[float]:
        pairs = zip(self._walls(section, contestant), self._walls(section, other), strict=False)
        return [mine / theirs for mine, theirs in pairs]

    def _contestants(self, section: Section) -> list[str]:
        present = {run.contestant for run in self._runs(section)}
        return [name for name in TITLES if name in present]

    def _peers(self) -> list[str]:
        return [name for name in self._outcome.counts if name != PRODUCT and PRODUCT in self._outcome.counts]

    def _rate(self, contestant: str, days: int) -> float:
        return self._outcome.rows_in[days] / median(self._walls("growth", contestant, days))

    def _targets(self) -> str:
        return table(TARGET_COLUMNS, self._target_rows())

    def _target_rows(self) -> list[Target]:
        found = self._measured()
        return [
            target("time, as a share of DuckDB's", found["share_of_duckdb"], MOST_OF_DUCKDB, AIM_OF_DUCKDB),
            target("time, as a share of plain Spark's", found["share_of_spark"], MOST_OF_SPARK),
            target("time of 4 days, in times that of 1", found["time_of_4_days"], MOST_TIME_OF_4_DAYS),
            target("memory of 4 days, in times that of 1", found["memory_of_4_days"], MOST_MEMORY_OF_4_DAYS),
            target("peak memory of all processes, GB", found["peak_gb"], MOST_MEMORY_GB),
            target("check and release in the warm session (apart), s", found["release_s"], MOST_RELEASE_S),
        ]

    def _measured(self) -> dict[str, float | None]:
        return {
            "share_of_duckdb": self._median_ratio(DUCKDB),
            "share_of_spark": self._median_ratio(SPARK),
            "time_of_4_days": self._grown(self._middle),
            "memory_of_4_days": self._grown(self._peak_at),
            "peak_gb": self._greatest_peak(),
            "release_s": self._release_seconds(),
        }

    def _release_seconds(self) -> float | None:
        timed = [run for run in self._runs("main", PRODUCT) if run.wall_s is not None]
        seconds = [run.release_s for run in timed if run.release_s is not None]
        return median(seconds) if seconds else None

    def _median_ratio(self, other: str) -> float | None:
        ratios = self._ratios("main", PRODUCT, other)
        return median(ratios) if ratios else None

    def _grown(self, figure: Callable[[str, int], float | None]) -> float | None:
        small, large = figure(PRODUCT, 1), figure(PRODUCT, 4)
        return large / small if small and large else None

    def _middle(self, contestant: str, days: int) -> float | None:
        walls = self._walls("growth", contestant, days)
        return median(walls) if walls else None

    def _peak_at(self, contestant: str, days: int) -> float | None:
        return self._peak("growth", contestant, days)

    def _greatest_peak(self) -> float | None:
        peaks = [
            run.peak_bytes / GB for run in self._outcome.runs if run.contestant == PRODUCT and run.peak_bytes
        ]
        return max(peaks, default=None)

    def _times(self, section: Section) -> str:
        head = (
            "",
            "median s",
            "spread s",
            "rows/s",
            "CPU s",
            "compared with DuckDB",
            "compared with plain Spark",
        )
        return table(head, (self._time_row(section, name) for name in self._contestants(section)))

    def _time_row(self, section: Section, name: str) -> tuple[str, ...]:
        walls = self._walls(section, name)
        cpu = [run.cpu_s for run in self._runs(section, name) if run.wall_s is not None]
        return (
            TITLES[name],
            f"**{median(walls):.2f}**",
            spread(walls),
            f"{self._outcome.rows_in[1] / median(walls):,.0f}",
            f"{median(cpu):.1f}",
            ratio(self._ratios(section, name, DUCKDB)),
            ratio(self._ratios(section, name, SPARK)),
        )

    def _stages(self) -> str:
        head = ("median s of each stage", "ingest", "fold", "gold", "check and release (apart)")
        return table(head, (self._stage_row(name) for name in self._contestants("main")))

    def _stage_row(self, name: str) -> tuple[str, ...]:
        runs = [run for run in self._runs("main", name) if run.wall_s is not None]
        stages = (
            f"{median(run.stages_s.get(stage, 0.0) for run in runs):.2f}"
            for stage in ("ingest", "fold", "gold")
        )
        releases = [run.release_s for run in runs if run.release_s is not None]
        return (TITLES[name], *stages, f"{median(releases):.2f}" if releases else "none")

    def _memory(self) -> str:
        kinds = ("main process", "JVM", "largest worker")
        rows = []
        for name in self._contestants("main"):
            runs = [run for run in self._runs("main", name) if run.peak_bytes]
            largest = (
                max((run.peak_bytes_by_kind.get(kind, 0) for run in runs), default=0) for kind in kinds
            )
            peak = self._peak("main", name)
            rows.append((TITLES[name], gigabytes(peak), *(gigabytes(size) for size in largest)))
        return table(("peak GB", "all processes together", *kinds), rows)

    def _growth(self) -> str:
        head = (
            "",
            "days",
            "rows",
            "median s",
            "spread s",
            "rows/s",
            "time relative to 1 day",
            "peak GB",
            "memory relative to 1 day",
        )
        names = self._contestants("growth")
        return table(head, (self._growth_row(name, days) for name in names for days in self._plan.days))

    def _growth_row(self, name: str, days: int) -> tuple[str, ...]:
        walls, rows = self._walls("growth", name, days), self._outcome.rows_in[days]
        first = self._walls("growth", name, self._plan.days[0])
        peak, first_peak = (self._peak("growth", name, d) for d in (days, self._plan.days[0]))
        return (
            TITLES[name],
            str(days),
            f"{rows:,}",
            f"**{median(walls):.2f}**",
            spread(walls),
            f"{rows / median(walls):,.0f}",
            f"{median(walls) / median(first):.2f}",
            gigabytes(peak),
            f"{peak / first_peak:.2f}" if peak and first_peak else "",
        )

    def _agreement(self) -> str:
        head = ("peer", "indicator", "product", "peer's", "correlation over ports", "in the same port")
        rows = (
            (
                TITLES[name],
                a.indicator,
                f"{a.product:.0f}",
                f"{a.peer:.0f}",
                f"{a.correlation:.4f}",
                f"{a.share_in_same_port:.1%}",
            )
            for name in self._peers()
            for a in self._agreements(name)
        )
        return table(head, rows)

    def _agreements(self, peer: str) -> list[agreement.Agreement]:
        return agreement.compare(self._outcome.counts[PRODUCT], self._outcome.counts[peer])

    def _rows_out(self) -> str:
        rows = (
            (TITLES[n], t, f"{c:,}")
            for n, counts in self._outcome.rows_out.items()
            for t, c in counts.items()
        )
        return table(("contestant", "table", "rows at one day"), rows)


def spread(values: Sequence[float]) -> str:
    """Least and greatest."""
    return f"{min(values):.2f} to {max(values):.2f}"


def ratio(values: Sequence[float]) -> str:
    """Median of pairwise ratios with their spread; empty without pairs."""
    return f"{median(values):.2f} ({spread(values)})" if values else ""
