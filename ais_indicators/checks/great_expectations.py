"""Great Expectations as the release check uses it, imported without the parts that the check never runs.

The package imports statistics, charts, notebooks, Spark and cloud libraries when it is loaded: more than half of its
four seconds of processor time. Statistics and charts are loaded on first use; the others appear absent, which the
package supports.
"""

import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from threading import get_ident
from types import ModuleType
from typing import Any, Final

_WHEN_ASKED: Final = frozenset({"altair", "scipy.stats"})
_ABSENT: Final = frozenset({"IPython", "boto3", "botocore", "pyspark"})


class LeanFinder(MetaPathFinder):
    """Finder of modules that, for one thread, hides some modules and delays others until first use.

    Other threads are not affected: while this one loads the check, another can be loading Spark.
    """

    def __init__(self) -> None:
        self._thread = get_ident()

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Finds a module that is to be loaded on first use; leaves all others to the finders after this one.

        Raises:
            ModuleNotFoundError: The module is hidden.
        """
        if get_ident() != self._thread:
            return None
        if fullname in _ABSENT:
            raise ModuleNotFoundError(f"the release check does not use {fullname}", name=fullname)
        spec = PathFinder.find_spec(fullname, path) if fullname in _WHEN_ASKED else None
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec


@contextmanager
def _lean_imports() -> Iterator[None]:
    """Restricts imports in this thread within the block; modules that are already imported stay."""
    finder = LeanFinder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


with _lean_imports():
    import great_expectations as gx
    from great_expectations import expectations as gxe
    from great_expectations.core import ExpectationSuiteValidationResult, RunIdentifier
    from great_expectations.core.batch import Batch
    from great_expectations.execution_engine.execution_engine import ExecutionEngine
    from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
    from great_expectations.expectations.expectation import Expectation
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.metadata_types import FailureSeverity
    from great_expectations.expectations.metrics.metric_provider import MetricProvider
    from great_expectations.expectations.registry import get_metric_kwargs, register_metric
    from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
    from great_expectations.render.view.view import DefaultJinjaPageView
    from great_expectations.validator.validation_statistics import calc_validation_statistics
    from great_expectations.validator.validator import Validator


@contextmanager
def built_once() -> Iterator[None]:
    """Lets each expectation create its configuration once, and each configuration its expectation.

    Within the block, neither changes. Great Expectations would create them at each access: ten thousand times for the
    tables of one week, which is half the work of checking them.
    """
    made: dict[tuple[str, int], tuple[Any, Any]] = {}

    def kept(kind: str, make: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def look(source: Any) -> Any:
            key = (kind, id(source))
            if key not in made:
                made[key] = (
                    source,
                    make(source),
                )  # with its source, so that no other object gets the same id
            return made[key][1]

        return look

    expectation: Any = Expectation
    described: Any = ExpectationConfiguration
    before = expectation.configuration, described.to_domain_obj
    expectation.configuration = property(kept("configuration", before[0].fget))
    described.to_domain_obj = kept("expectation", before[1])
    try:
        yield
    finally:
        expectation.configuration, described.to_domain_obj = before


__all__ = [
    "Batch",
    "DefaultJinjaPageView",
    "ExecutionEngine",
    "ExpectationSuiteValidationResult",
    "FailureSeverity",
    "LeanFinder",
    "MetricProvider",
    "RunIdentifier",
    "UnexpectedRowsExpectation",
    "ValidationResultsPageRenderer",
    "Validator",
    "built_once",
    "calc_validation_statistics",
    "get_metric_kwargs",
    "gx",
    "gxe",
    "register_metric",
]
