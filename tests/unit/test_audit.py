"""The audit of packages: what is found, what is accepted, and what is unknown."""

from pathlib import Path
from typing import Any

import pytest

from setup import audit_packages
from setup.audit_packages import ACCEPTED, assess, main, read_accepted


def package(name: str, *vulnerabilities: str) -> dict[str, Any]:
    found = [{"id": v, "aliases": [f"CVE-{v}"], "fix_versions": ["2.0"]} for v in vulnerabilities]
    return {"name": name, "version": "1.0", "vulns": found}


UNKNOWN = {"name": "private", "skip_reason": "not found"}


def test_a_vulnerability_is_found_unless_it_is_accepted_under_any_of_its_names() -> None:
    report = [package("sound"), package("weak", "A-1", "A-2"), UNKNOWN]
    assert assess(report, {}).found == (
        "weak 1.0: A-1, corrected in 2.0",
        "weak 1.0: A-2, corrected in 2.0",
    )
    verdict = assess(report, {"A-1": "no input reaches it", "CVE-A-2": "not used"})
    assert (verdict.found, verdict.accepted, verdict.looked_up, verdict.skipped) == ((), 2, 2, 1)


def test_it_ends_with_1_where_something_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(lambda _: [package("weak", "A-1")]) == 1
    assert "weak 1.0: A-1" in capsys.readouterr().out


@pytest.mark.parametrize("report", [[], [UNKNOWN]])
def test_what_cannot_be_reported_is_said(
    report: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(lambda _: report) == 0
    assert capsys.readouterr().out.count("NOT AUDITED") == len(audit_packages.LOCKS)


def test_what_is_accepted_has_a_reason() -> None:
    assert all(len(reason) > 20 for reason in read_accepted(ACCEPTED).values())


def test_every_lock_file_is_audited() -> None:
    assert {path.name for path in Path(audit_packages.ROOT).glob("*.lock")} == set(audit_packages.LOCKS)
