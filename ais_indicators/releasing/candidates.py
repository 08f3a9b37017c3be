"""Candidates: weeks whose values differ from what is served, for a person to review and publish."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from ais_indicators.io.delta import active_files, open_delta, read_rows
from ais_indicators.periods import Week
from ais_indicators.publish.files import RELEASED_TABLES, content_digest
from ais_indicators.releasing.history import ReleaseHistory
from ais_indicators.releasing.observations import observations_of, withdrawn_digests
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings

RESULTS = "ops.check_results"


@dataclass(frozen=True)
class Candidate:
    """A week whose values differ from its served release.

    Attributes:
        week: The week.
        release_id: The release that is served, None if none is.
        check: Last result of the release check for the week: `passed`, `stopped by` and the checks, or `not checked
            yet`.
        withdrawn: The withdrawn release with the same values, None if none has.
    """

    week: Week
    release_id: str | None
    check: str
    withdrawn: str | None

    @property
    def publish_with(self) -> str:
        """Returns the command that publishes it."""
        if self.withdrawn:
            return f"release restore {self.withdrawn}"
        return f"publish --week {self.week}"


def find_candidates(settings: Settings, history: ReleaseHistory, rules: Rules) -> list[Candidate]:
    """Finds the candidates, by week. Reads values only of weeks whose files differ from those published."""
    files: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for table in RELEASED_TABLES:
        for file in active_files(open_delta(settings, table)):
            files[str(file.partition["week"])].setdefault(table, []).append(file.path)
    results = _verdicts(settings)
    found = []
    for name in sorted(files):
        served = history.served.get(name)
        if served is None or served.figure_files != {table: tuple(of) for table, of in files[name].items()}:
            candidate = _candidate(settings, history, Week.parse(name), results, rules)
            found += [candidate] if candidate else []
    return found


def _candidate(
    settings: Settings, history: ReleaseHistory, week: Week, results: dict[str, str], rules: Rules
) -> Candidate | None:
    served, withdrawn = history.served.get(week.name), withdrawn_digests(history, week)
    verdict = results.get(week.name, "not checked yet")
    if served is None and not withdrawn:
        return Candidate(week, None, verdict, None)
    digest = content_digest(observations_of(settings, week, rules))
    if served is not None and served.content_sha256 == digest:
        return None
    return Candidate(week, served.release_id if served else None, verdict, withdrawn.get(digest))


def _verdicts(settings: Settings) -> dict[str, str]:
    """Returns the last result of the release check, by week."""
    rows: list[dict[str, Any]] = read_rows(
        settings, RESULTS, ["week", "check_name", "severity", "passed"]
    ).to_pylist()
    stopped: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        stopped[row["week"]] += [] if row["passed"] or row["severity"] != "critical" else [row["check_name"]]
    return {
        week: f"stopped by {', '.join(sorted(names))}" if names else "passed"
        for week, names in stopped.items()
    }
