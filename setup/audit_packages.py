"""Looks the packages of the lock files up in the database of known vulnerabilities (`make audit`).

Accepted vulnerabilities are in `quality/accepted_advisories.yaml`, each with its reason. Where the database cannot be
reached, it says so and lets the rest of the checks go on: a machine without the internet can neither fetch a package
that is not in the lock files, whose hashes bind what is installed.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).resolve().parent.parent
LOCKS: Final = ("requirements.lock", "requirements-airflow.lock", "requirements-bootstrap.lock")
ACCEPTED: Final = ROOT / "quality" / "accepted_advisories.yaml"

Report = Sequence[dict[str, Any]]
"""One element a package, as pip-audit gives it: `name`, `version` and `vulns`, or `name` and `skip_reason`."""


@dataclass(frozen=True)
class Verdict:
    """What the database says of one lock file.

    Attributes:
        looked_up: Packages that it knows.
        skipped: Packages that it could not tell of.
        found: Vulnerabilities that are not accepted, one line each.
        accepted: How many are.
    """

    looked_up: int
    skipped: int
    found: tuple[str, ...]
    accepted: int


def main(ask: "Callable[[Path], Report] | None" = None) -> int:
    """Audits every lock file; ends with 1 where a vulnerability is not accepted."""
    accepted = read_accepted(ACCEPTED)
    verdicts = {name: assess((ask or ask_database)(ROOT / name), accepted) for name in LOCKS}
    for name, verdict in verdicts.items():
        if not verdict.looked_up:
            _say(f"{name}: NOT AUDITED, the database of vulnerabilities cannot be reached from here")
            continue
        _say(
            f"{name}: {verdict.looked_up} packages looked up, {verdict.skipped} unknown, {verdict.accepted} accepted"
        )
        for line in verdict.found:
            _say(f"  {line}")
    return 1 if any(verdict.found for verdict in verdicts.values()) else 0


def ask_database(lock: Path) -> Report:
    """What pip-audit says of the packages of a lock file; nothing where it cannot reach its database."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--requirement",
        str(lock),
        "--require-hashes",
        "--disable-pip",
    ]
    options = ["--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    answer = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    try:
        report: Report = json.loads(answer.stdout)["dependencies"]
    except (ValueError, KeyError):
        return []
    return report


def assess(report: Report, accepted: dict[str, str]) -> Verdict:
    """Sorts a report's vulnerabilities into those that are accepted and others.

    Args:
        report: What the database says.
        accepted: Reason of each accepted vulnerability, by identifier.
    """
    known = [package for package in report if "skip_reason" not in package]
    every = [
        (package, vulnerability, {vulnerability["id"], *vulnerability.get("aliases", ())})
        for package in known
        for vulnerability in package["vulns"]
    ]
    found = tuple(
        f"{package['name']} {package['version']}: {vulnerability['id']}, corrected in "
        f"{', '.join(vulnerability['fix_versions']) or 'no version'}"
        for package, vulnerability, names in every
        if not names & accepted.keys()
    )
    return Verdict(len(known), len(report) - len(known), found, len(every) - len(found))


def read_accepted(path: Path) -> dict[str, str]:
    """Reason of each accepted vulnerability, by identifier."""
    listed: list[dict[str, str]] = yaml.safe_load(path.read_text(encoding="utf-8"))["accepted"] or []
    return {entry["id"]: entry["reason"] for entry in listed}


def _say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")


if __name__ == "__main__":
    sys.exit(main())
