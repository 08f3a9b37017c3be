"""Writes `benchmarks/README.md` and `benchmarks/results.json` from what was measured."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from string import Template

from benchmarks import agreement
from benchmarks.contract import TITLES
from benchmarks.measure import Outcome, Plan, Run, Section

GB = 1e9
TEMPLATE = Path(__file__).with_name("template.md")
NOT_MEASURED = "Not measured in this run."
PRODUCT, DUCKDB, SPARK = "product", "duckdb_peer", "spark_peer"
TARGET_MEMORY_GB = 3.0
TARGET_GROWTH_TIME = 4.4
TARGET_GROWTH_MEMORY = 1.1


class Report:
    """Tables over the runs of one benchmark."""

    def __init__(self, plan: Plan, outcome: Outcome, facts: dict[str, str]) -> None:
        self._plan = plan
        self._outcome = outcome
        self._facts = facts

    def write(self, folder: Path) -> None:
        """Writes the text and the figures."""
        (folder / "README.md").write_text(self.text(), encoding="utf-8")
        (folder / "results.json").write_text(json.dumps(self.figures(), indent=1) + "\n", encoding="utf-8")

    def text(self) -> str:
        """The whole README."""
        template = Template(TEMPLATE.read_text(encoding="utf-8"))
        return template.substitute(
            machine=table(("", ""), self._facts.items()),
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
        """Everything measured, for programs."""
        return {
            "machine": self._facts,
            "repeats": self._plan.repeats,
            "is_sample": self._plan.is_sample,
            "rows_in_by_days": self._outcome.rows_in,
            "rows_out": self._outcome.rows_out,
            "targets": [
                dict(zip(("target", "wanted", "measured", "met"), row, strict=True))
                for row in self._target_rows()
            ],
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

    def _targets(self) -> str:
        return table(("target", "wanted", "measured", "met"), self._target_rows())

    def _target_rows(self) -> list[tuple[str, str, str, str]]:
        return [
            _judged("time beside DuckDB", "at most 1.0 (aim 0.7)", self._median_ratio(DUCKDB), 1.0),
            _judged("time beside plain Spark", "at most 0.33", self._median_ratio(SPARK), 1 / 3),
            _judged(
                "time at 4 days beside 1",
                f"at most {TARGET_GROWTH_TIME}",
                self._grown(self._middle),
                TARGET_GROWTH_TIME,
            ),
            _judged(
                "memory at 4 days beside 1",
                f"at most {TARGET_GROWTH_MEMORY}",
                self._grown(self._peak_at),
                TARGET_GROWTH_MEMORY,
            ),
            _judged(
                "peak memory, GB", f"under {TARGET_MEMORY_GB:.0f}", self._greatest_peak(), TARGET_MEMORY_GB
            ),
        ]

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
        head = ("", "median s", "spread s", "rows/s", "CPU s", "beside DuckDB", "beside plain Spark")
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
        head = ("median s of each stage", "ingest", "fold", "gold", "gate and release (apart)")
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
            "time beside 1 day",
            "peak GB",
            "memory beside 1 day",
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


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, or a word that there is nothing to show."""
    body = list(rows)
    if not body:
        return NOT_MEASURED
    lines = [head, ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def spread(values: Sequence[float]) -> str:
    """Least and greatest."""
    return f"{min(values):.2f} to {max(values):.2f}"


def ratio(values: Sequence[float]) -> str:
    """Median of pairwise ratios with their spread; empty without pairs."""
    return f"{median(values):.2f} ({spread(values)})" if values else ""


def gigabytes(size: float | None) -> str:
    """Bytes in GB; empty without any."""
    return f"{size / GB:.2f}" if size else ""


def _judged(target: str, wanted: str, measured: float | None, limit: float) -> tuple[str, str, str, str]:
    if measured is None:
        return target, wanted, "not measured", ""
    return target, wanted, f"{measured:.2f}", "yes" if measured <= limit else "**no**"
