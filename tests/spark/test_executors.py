"""The executors run the same work: results, order, progress and errors are those of Spark, with and without a pool."""

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from pyspark.sql import SparkSession

from ais_indicators.errors import AisIndicatorsError, BadInputError, WrongUseError
from ais_indicators.io.local_executor import LocalExecutor
from ais_indicators.io.spark_executor import SparkExecutor
from ais_indicators.io.spread import Executor, open_executor
from ais_indicators.rules import Rules
from ais_indicators.settings import Settings
from tests.subject_rules import PLANE_RULES

PIECES = list(range(7))


@pytest.fixture(scope="module", params=["local-1", "local-2", "spark"])
def executor(
    request: pytest.FixtureRequest, spark: SparkSession, tmp_path_factory: pytest.TempPathFactory
) -> Executor:
    """Work in this process, in two processes, and in Spark's workers."""
    assert spark
    name, _, cores = str(request.param).partition("-")
    folder = tmp_path_factory.mktemp("executor")
    return open_executor(
        Settings(folder, cores=int(cores or 2), executor="spark" if name == "spark" else "local")
    )


def twice(pieces: Iterable[int], names: dict[int, str], last: str) -> Iterator[str]:
    for piece in pieces:
        yield f"{names[piece]} of {last}"
        yield f"{names[piece]} again"


def subjects(pieces: Iterable[int], rules: Rules) -> Iterator[str]:
    for _ in pieces:
        yield rules.subject


def nothing(pieces: Iterable[int]) -> Iterator[int]:
    return iter(piece for piece in pieces if piece < 0)


def refuse_some(pieces: Iterable[int]) -> Iterator[int]:
    for piece in pieces:
        if piece in (3, 5):
            raise BadInputError(f"piece {piece} is bad")
        yield piece


def full_disk(pieces: Iterable[int]) -> Iterator[int]:
    raise OSError(28, f"No space left on device for {list(pieces)}")


def damaged_file(_pieces: Iterable[int]) -> Iterator[int]:
    raise ValueError("not a Parquet file")


def processes(pieces: Iterable[int]) -> Iterator[int]:
    for _ in pieces:
        yield os.getpid()


def kill_own_process(pieces: Iterable[int]) -> Iterator[int]:
    for piece in pieces:
        if piece == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        yield piece


def test_results_come_in_the_order_of_the_pieces_with_the_shared_values(executor: Executor) -> None:
    names = {piece: f"piece {piece}" for piece in PIECES}
    results = executor.run(PIECES, twice, (names, "seven"))
    assert results == [text for n in PIECES for text in (f"piece {n} of seven", f"piece {n} again")]
    other = executor.run(PIECES[:1], twice, ({0: "other"}, "one"))
    assert other == ["other of one", "other again"]


def test_work_without_results_or_pieces_gives_none(executor: Executor) -> None:
    assert executor.run(PIECES, nothing) == []
    assert executor.run([], refuse_some) == []


def test_progress_rises_to_the_total(executor: Executor) -> None:
    counts: list[tuple[int, int]] = []
    executor.run(PIECES, nothing, advance=lambda done, total: counts.append((done, total)))
    assert counts == sorted(counts)
    assert counts[-1] == (7, 7)
    assert {total for _, total in counts} == {7}


def test_workers_get_the_rules_with_their_work(executor: Executor) -> None:
    assert executor.run(PIECES[:2], subjects, (PLANE_RULES,)) == ["planes", "planes"]


def test_the_error_of_the_first_bad_piece_arrives_as_it_was_raised(executor: Executor) -> None:
    with pytest.raises(BadInputError, match=r"^piece 3 is bad$"):
        executor.run(PIECES, refuse_some)
    assert executor.run(PIECES[:3], refuse_some) == [0, 1, 2]


def test_errors_of_the_machine_keep_their_type(executor: Executor) -> None:
    with pytest.raises(OSError, match="No space left") as caught:
        executor.run(PIECES[:1], full_disk)
    assert caught.value.errno == 28
    with pytest.raises(ValueError, match=r"^not a Parquet file$"):
        executor.run(PIECES[:1], damaged_file)


def test_one_core_works_in_this_process_and_two_in_others(tmp_path: Path) -> None:
    alone = LocalExecutor(Settings(tmp_path, cores=1)).run(PIECES, processes)
    assert set(alone) == {os.getpid()}
    pool = LocalExecutor(Settings(tmp_path, cores=2))
    first, second = pool.run(PIECES, processes), pool.run(PIECES, processes)
    assert os.getpid() not in first
    assert 1 <= len({*first, *second}) <= 2  # the second run starts no process


def test_a_killed_worker_is_one_sentence_and_the_next_run_works(tmp_path: Path) -> None:
    pool = LocalExecutor(Settings(tmp_path, cores=2))
    with pytest.raises(
        AisIndicatorsError, match=r"worker process was killed from outside.* run the same command"
    ):
        pool.run(PIECES, kill_own_process)
    assert pool.run(PIECES, nothing) == []
    assert not list(tmp_path.rglob("*.pickle"))


def test_a_forgotten_executor_has_ended_its_workers(tmp_path: Path) -> None:
    executor = LocalExecutor(Settings(tmp_path, cores=2, executor="local"))
    workers = set(executor.run(PIECES, processes))
    del executor
    gc.collect()
    assert not [worker for worker in workers if psutil.pid_exists(worker)]


def test_workers_end_with_a_killed_process(tmp_path: Path) -> None:
    program = (
        "import multiprocessing, os, signal, sys; from pathlib import Path\n"
        "from ais_indicators.io.local_executor import LocalExecutor\n"
        "from ais_indicators.settings import Settings\n"
        "pool = LocalExecutor(Settings(Path(sys.argv[1]), cores=2))\n"
        "pool.run([['a']], sorted)\n"
        "print(*[child.pid for child in multiprocessing.active_children()], flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    workers = [int(pid) for pid in ended.stdout.split()]
    assert workers
    for worker in workers:
        wait_until_gone(worker)


def wait_until_gone(pid: int) -> None:
    with suppress(psutil.NoSuchProcess):
        psutil.Process(pid).wait(timeout=30)


def test_the_local_executor_loads_no_spark(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from ais_indicators.pipelines import ingest_messages, track_vessels\n"
        "from ais_indicators.job import Job\n"
        "from ais_indicators.settings import Settings\n"
        "job = Job(Settings(Path(sys.argv[1]), cores=1, executor=sys.argv[2]))\n"
        "assert job.executor.run([['a']], sorted) if sys.argv[2] == 'local' else job.executor\n"
        "print('pyspark' in sys.modules)\n"
    )

    def loads_spark(name: str) -> str:
        given = [sys.executable, "-c", program, str(tmp_path), name]
        return subprocess.run(given, capture_output=True, text=True, check=True).stdout.strip()

    assert loads_spark("local") == "False"
    assert loads_spark("spark") == "True"


def test_settings_choose_the_executor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIS_INDICATORS_EXECUTOR", raising=False)
    assert isinstance(open_executor(Settings.from_environment(tmp_path)), LocalExecutor)
    assert isinstance(open_executor(Settings.from_environment(tmp_path, profile="cluster")), SparkExecutor)
    monkeypatch.setenv("AIS_INDICATORS_EXECUTOR", "local")
    assert isinstance(open_executor(Settings.from_environment(tmp_path)), LocalExecutor)
    assert isinstance(open_executor(Settings.from_environment(tmp_path, executor="spark")), SparkExecutor)
    with pytest.raises(WrongUseError, match="unknown executor 'dask'; choose auto, spark, local"):
        Settings.from_environment(tmp_path, executor="dask")
    with pytest.raises(WrongUseError, match="the profile cluster needs the executor spark"):
        Settings.from_environment(tmp_path, profile="cluster")
