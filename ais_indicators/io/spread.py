"""Interface by which tasks distribute pieces of work over cores, and the choice of its implementation."""

import importlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Protocol, TypeVar

from ais_indicators.settings import ExecutorName, Settings

Piece = TypeVar("Piece")
Result = TypeVar("Result")
Advance = Callable[[int, int], None]
"""Called with the pieces done and the pieces in total."""

IMPLEMENTATIONS: Final[dict[ExecutorName, tuple[str, str]]] = {
    "local": ("ais_indicators.io.local_executor", "LocalExecutor"),
    "spark": ("ais_indicators.io.spark_executor", "SparkExecutor"),
}
"""Module and class of each executor. They are imported by name, so that the local one never loads Spark."""


class Executor(Protocol):
    """Runs pieces of work in parallel; all implementations give the same results in the same order."""

    def __init__(self, settings: Settings) -> None: ...

    @property
    def parallelism(self) -> int:
        """Returns the number of pieces that run at the same time."""

    def run(
        self,
        pieces: Sequence[Piece],
        work: Callable[..., Iterable[Result]],
        shared: Sequence[Any] = (),
        advance: Advance | None = None,
    ) -> list[Result]:
        """Runs `work` once for each piece.

        Args:
            pieces: Picklable descriptions of the work.
            work: Called as `work(pieces, *shared)` with an iterable of pieces; must be importable in the workers.
            shared: Picklable values that all pieces read; each worker gets them once.
            advance: Called with the pieces done and the pieces in total, at the latest when all are done.

        Returns:
            Results of the successful attempts, in the order of the pieces.

        Raises:
            AisIndicatorsError: Raised by a worker, without a retry; or workers were killed.
            OSError: Raised by a worker, for example for a full disk; no retry.
            ValueError: Raised by a worker, for example for a damaged file; no retry.
        """


def open_executor(settings: Settings) -> Executor:
    """Makes the executor that the settings name; it starts no worker before its first run."""
    module, name = IMPLEMENTATIONS[settings.used_executor]
    implementation: type[Executor] = getattr(importlib.import_module(module), name)
    return implementation(settings)
