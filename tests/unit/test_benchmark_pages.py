"""Benchmark pages: measured on a quiet machine only, and stale as soon as the code that they measure changes."""

import argparse
import importlib
import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ais_indicators.errors import ExitCode
from benchmarks import check_pages, code_hash, inputs, machine
from benchmarks.check_pages import stale_pages
from benchmarks.code_hash import hash_modules, hash_python, join_hashes, measured_modules
from benchmarks.pages import PAGES, ROOT, Page, page
from benchmarks.pages import main as make_pages
from benchmarks.provenance import (
    BusyMachineError,
    Provenance,
    begin,
    merged,
    page_text,
    read_commit,
    wait_until_quiet,
    write_page,
)
from benchmarks.tables import target

QUIET = Provenance(
    "", "abc1234", "2026-11-29", 0.31, False, {"memory": "24 GiB"}, "c0de", {"a": "1", "b": "2"}
)
BUSY = replace(QUIET, load_at_start=10.7, is_busy=True)


def loads(*values: float) -> Iterator[float]:
    yield from values


def test_a_machine_at_the_limit_is_quiet_and_one_above_it_is_not() -> None:
    assert wait_until_quiet(False, 0, load=lambda: 0.50) == 0.50
    with pytest.raises(BusyMachineError, match=r"load is 0\.51 .* at most 0\.5 .*--wait-minutes 30.*--busy"):
        wait_until_quiet(False, 0, load=lambda: 0.51)


def test_a_load_that_falls_is_waited_for_and_one_that_does_not_only_so_long() -> None:
    waits: list[float] = []
    falling = loads(3.0, 1.1, 0.4)
    assert wait_until_quiet(False, 1, load=lambda: next(falling), sleep=waits.append) == 0.4
    assert waits == [5.0, 5.0]
    with pytest.raises(BusyMachineError):
        wait_until_quiet(False, 1, load=lambda: 3.0, sleep=waits.append)
    assert sum(waits[2:]) == 60


def test_a_benchmark_that_may_be_busy_does_not_wait() -> None:
    assert wait_until_quiet(True, 1, load=lambda: 10.7, sleep=lambda _: pytest.fail("it waited")) == 10.7


@pytest.mark.parametrize("one", PAGES, ids=lambda one: one.name)
def test_every_benchmark_refuses_a_busy_machine_and_writes_nothing(
    one: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(machine, "load", lambda: 0.51)
    for name in ("MESSAGES", "PORTS"):
        monkeypatch.setattr(inputs, name, tmp_path)
    out = tmp_path / "out"
    program = importlib.import_module(
        one.module if one.name not in ("job", "reliability") else f"{one.module}.__main__"
    )
    with pytest.raises(SystemExit) as ended:
        program.main([*one.arguments, "--wait-minutes", "0", "--out", str(out)])
    assert ended.value.code == ExitCode.NOT_YET
    assert "Not measured: the load is 0.51" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(("load", "is_busy"), [(0.5, False), (0.51, True)])
def test_the_record_says_whether_the_machine_was_busy(
    load: float, is_busy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "load", lambda: load)
    (record,) = begin("decoding", argparse.Namespace(busy=True, wait_minutes=0), cores=1)
    assert (record.load_at_start, record.is_busy) == (load, is_busy)
    assert record.modules == hash_modules(page("decoding").roots)
    assert record.code == join_hashes(record.modules)


def test_the_first_line_of_a_page_says_that_the_machine_was_busy() -> None:
    quiet, busy = (page_text(page("exports"), "# Exports\n\nText.\n", [one]) for one in (QUIET, BUSY))
    assert quiet.startswith("# Exports\n\nText.\n\n## How this page was made\n")
    assert busy.splitlines()[0] == "# Exports (made on a busy machine, load 10.70: times are too long)"
    untimed = page_text(page("accuracy"), "# Accuracy\n", [BUSY])
    assert untimed.splitlines()[0] == "# Accuracy (made on a busy machine, load 10.70: it has no times)"
    assert "| all | 2026-11-29 | `abc1234` | 0.31 | `c0de` |" in quiet
    assert "By `python -m benchmarks.exports`" in quiet


def test_a_page_and_its_values_are_written_with_the_record_and_read_again(tmp_path: Path) -> None:
    write_page("job", tmp_path, {"rows": 7}, "# Job\n", [QUIET])
    values = json.loads((tmp_path / "results.json").read_text())
    assert (values["rows"], Provenance.read(values)) == (7, (QUIET,))
    assert (tmp_path / "README.md").read_text().startswith("# Job\n")
    assert Provenance.read({"rows": 7}) == ()


def test_a_part_that_is_made_again_replaces_its_record_and_leaves_the_others() -> None:
    kills, faults = (replace(QUIET, part=part) for part in ("kills", "faults"))
    newer = replace(kills, commit="def5678", made_on="2026-11-30")
    assert merged([kills, faults], [newer]) == [faults, newer]
    assert merged([kills, faults], [newer], added=["kills"]) == [faults, kills, newer]


def test_only_what_a_program_does_counts() -> None:
    code = 'LIMIT = 3\n"""A limit."""\n\n\ndef f(x: int) -> int:\n    """Adds."""\n    return x + LIMIT\n'
    prose = 'LIMIT = 3  # three\n"""The limit."""\ndef f(x: int) -> int:\n    return (x + LIMIT)\n'
    assert hash_python(code) == hash_python(prose)
    assert hash_python(code) != hash_python(code.replace("3", "4"))
    assert hash_python(code) != hash_python(code.replace("+", "-"))


def test_a_page_changes_with_a_module_behind_it_and_not_with_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roots = page("decoding").roots
    before = hash_modules(roots)
    real = code_hash._source_path
    for module, changed in (
        ("ais_indicators.sources.nmea.reading", {"ais_indicators.sources.nmea.reading"}),
        ("ais_indicators.sources.nmea.payloads", {"ais_indicators.sources.nmea.payloads"}),
        ("ais_indicators.publish.files", set()),
    ):
        edited = tmp_path / f"{module}.py"
        edited.write_text(real(module).read_text(encoding="utf-8") + "\nADDED = 1\n", encoding="utf-8")
        monkeypatch.setattr(
            code_hash, "_source_path", lambda name, m=module, e=edited: e if name == m else real(name)
        )
        after = hash_modules(roots)
        assert {name for name in before | after if before.get(name) != after.get(name)} == changed


def test_thresholds_count_and_their_reasons_do_not(tmp_path: Path) -> None:
    rule = 'rules:\n  limit: {value: 3, unit: km, reason: "Because."}\n'
    texts = {"as_is": rule, "reason": rule.replace("Because", "Since"), "value": rule.replace("3", "4")}
    hashes = {}
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        hashes[name] = code_hash._hash_data(tmp_path / f"{name}.yaml")
    assert hashes["as_is"] == hashes["reason"] != hashes["value"]


def test_measured_modules_are_those_that_do_the_work() -> None:
    modules = set(measured_modules(page("job").roots))
    assert {
        "ais_indicators.fold.kernel",
        "ais_indicators.pipelines.ingest_messages",
        "benchmarks.duckdb_peer",
    } <= modules
    assert not {"benchmarks.provenance", "ais_indicators.dashboard", "ais_simulator"} & modules
    assert {"quality/rules.yaml", "ais_indicators/geo/gates.yaml"} <= set(hash_modules(page("job").roots))
    with pytest.raises(ValueError, match=r"do not exist: ais_indicators\.gone"):
        measured_modules(["ais_indicators.gone"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pages: one of today's code, one of which a module has changed since, one without a record."""
    write_page("exports", tmp_path, {}, "# Exports\n", [QUIET])
    write_page(
        "coverage", tmp_path, {}, "# Outages\n", [replace(QUIET, modules={"a": "0", "b": "2", "gone": "3"})]
    )
    (tmp_path / "accuracy.md").write_text("# Accuracy\n")
    (tmp_path / "accuracy.json").write_text("[]\n")
    return tmp_path


def today(_roots: Sequence[str]) -> dict[str, str]:
    return QUIET.modules


def test_exactly_the_stale_pages_are_listed(folder: Path) -> None:
    pages = [page(name) for name in ("exports", "coverage", "accuracy", "kernel")]
    found = [(one.page, one.why, one.commit, one.changed) for one in stale_pages(folder, pages, today)]
    assert found == [
        ("coverage", "its code has changed", "abc1234", ("a", "gone")),
        ("accuracy", "no record of its code", "", ()),
        ("kernel", "never made", "", ()),
    ]


def test_a_page_of_times_of_a_busy_machine_and_a_single_old_part_are_stale(tmp_path: Path) -> None:
    write_page("exports", tmp_path, {}, "# Exports\n", [BUSY])
    write_page("accuracy", tmp_path, {}, "# Accuracy\n", [BUSY])
    parts = [replace(QUIET, part="kills", modules={"a": "1"}), replace(QUIET, part="faults")]
    write_page("reliability", tmp_path, {}, "# Reliability\n", parts)
    found = stale_pages(tmp_path, [page(name) for name in ("exports", "accuracy", "reliability")], today)
    assert [(one.page, one.part, one.why) for one in found] == [
        ("exports", "", "made on a busy machine"),
        ("reliability", "kills", "its code has changed"),
    ]


def test_the_check_is_a_warning_unless_it_is_strict(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pages = [page("exports"), page("coverage")]
    assert check_pages.main([], folder, pages, today) == 0
    assert capsys.readouterr().out.splitlines() == [
        'Warning: 1 of 2 benchmark pages are stale (make pages ONLY="coverage"):',
        "  coverage: its code has changed, made at abc1234 on 2026-11-29; 2 changed: a, gone",
    ]
    assert check_pages.main(["--strict"], folder, pages, today) == 1
    assert check_pages.main(["--strict"], folder, pages[:1], today) == 0
    capsys.readouterr()
    assert check_pages.main(["--json"], folder, pages, today) == 0
    assert json.loads(capsys.readouterr().out)[0]["command"] == "python -m benchmarks.coverage"


def test_the_commit_is_marked_where_code_was_changed_and_not_where_pages_were(tmp_path: Path) -> None:
    assert read_commit(tmp_path) == "unknown"

    def git(*words: str) -> None:
        names = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        subprocess.run(["git", "-C", str(tmp_path), *names, *words], check=True, capture_output=True)

    (tmp_path / "benchmarks").mkdir()
    for name in ("code.py", "benchmarks/page.md", "benchmarks/page.json"):
        (tmp_path / name).write_text("1\n")
    git("init")
    git("add", ".")
    git("commit", "--message", "first")
    clean = read_commit(tmp_path)
    assert clean.isalnum()
    (tmp_path / "benchmarks" / "page.md").write_text("2\n")
    (tmp_path / "benchmarks" / "page.json").write_text("2\n")
    assert read_commit(tmp_path) == clean
    (tmp_path / "code.py").write_text("2\n")
    assert read_commit(tmp_path) == f"{clean}+changes"


def test_every_page_of_the_folder_has_its_command_and_its_modules() -> None:
    texts = {one.text_in().name for one in PAGES}
    folders = {"benchmarks": {"template.md"}, "studies": {"README.md"}}
    for folder, others in folders.items():
        written = {one.text_in().name for one in PAGES if one.folder == ROOT / folder}
        assert {path.name for path in (ROOT / folder).glob("*.md")} - others <= written
    assert len(texts) == len(PAGES) == len({one.json_in() for one in PAGES})
    for one in PAGES:
        assert len(measured_modules(one.roots)) > 5


def test_chosen_pages_are_made_in_order_each_by_its_own_process_and_documents_after_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    calls: list[list[str]] = []

    def run(command: Sequence[str]) -> int:
        calls.append(list(command[2:]))
        return 5 if "benchmarks.accuracy" in command else 0

    assert make_pages(["accuracy", "long_backfill", "--busy"], run) == 1
    assert calls == [
        ["benchmarks.long_backfill", "--weeks", "13", "52", "--busy"],
        ["benchmarks.accuracy", "--busy"],
        ["benchmarks.values", "--write"],
    ]
    written = capsys.readouterr()
    assert "Not written, or a target was missed: long_backfill, accuracy." in written.err
    assert make_pages(["--list"], run) == 0
    assert len(calls) == 3
    with pytest.raises(SystemExit):
        make_pages(["accuracies"], run)


@pytest.mark.parametrize(
    ("measured", "is_least", "met"),
    [
        (80.0, False, "yes"),
        (80.1, False, "**no**"),
        (80.0, True, "yes"),
        (79.9, True, "**no**"),
        (None, False, ""),
    ],
)
def test_a_target_is_met_up_to_its_limit(measured: float | None, is_least: bool, met: str) -> None:
    assert target("seconds", measured, 80.0, is_least=is_least)[3] == met
