"""What a process may use of the machine, in containers of both kinds, and the settings that fit into it."""

import json
import os
from pathlib import Path

import pytest

from ais_indicators.machine import Choice, choose, expected_bytes, memory_bytes, usable_cores
from tests.caller import Caller

GIB = 2**30
CORES = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("memory_gib", "cores", "chosen"),
    [(4, 2, 2), (4, 1, 1), (4, 16, 2), (3.9, 16, 1), (8, 16, 7), (1, 2, 1), (64, 16, 16)],
)
def test_cores_are_as_many_as_there_are_and_as_memory_has_room_for(
    memory_gib: float, cores: int, chosen: int
) -> None:
    found = choose(int(memory_gib * GIB), cores)
    assert found == Choice(chosen, "1g", expected_bytes(chosen))
    assert found.expected_bytes <= 0.75 * memory_gib * GIB or chosen == 1


def test_a_country_in_four_gib_leaves_a_quarter_to_the_system() -> None:
    assert choose(4 * GIB, 2).expected_bytes < 3 * GIB


@pytest.mark.parametrize(
    ("file", "text", "limit"),
    [
        ("memory.max", str(GIB), GIB),
        ("memory/memory.limit_in_bytes", str(GIB), GIB),
        ("memory.max", "max", None),
        ("memory/memory.limit_in_bytes", "9223372036854771712", None),
    ],
)
def test_memory_is_the_containers_if_it_has_less(
    tmp_path: Path, file: str, text: str, limit: int | None
) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text + "\n", encoding="ascii")
    assert memory_bytes(tmp_path) == (limit or memory_bytes(tmp_path / "nothing"))


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({"cpu.max": "100000 100000"}, 1),
        ({"cpu.max": "50000 100000"}, 1),
        ({"cpu.max": "max 100000"}, CORES),
        ({"cpu/cpu.cfs_quota_us": "100000", "cpu/cpu.cfs_period_us": "100000"}, 1),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, CORES),
        ({"cpu.max": "99000000 100000"}, CORES),
        ({}, CORES),
    ],
    ids=str,
)
def test_cores_are_the_containers_if_it_has_fewer(tmp_path: Path, files: dict[str, str], cores: int) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="ascii")
    assert usable_cores(tmp_path) == cores


def test_the_doctor_prints_settings_for_the_shell_and_for_scripts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = Caller(tmp_path, capsys)
    chosen = choose(memory_bytes(), usable_cores())
    wanted = {"AIS_INDICATORS_CORES": str(chosen.cores), "AIS_INDICATORS_DRIVER_MEMORY": "1g"}
    assert call("doctor", "--settings").out.splitlines() == [f"export {k}={v}" for k, v in wanted.items()]
    assert json.loads(call("doctor", "--settings", "--json").out) == wanted
