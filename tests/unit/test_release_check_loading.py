"""How the release check is loaded: without what it does not use, and while other work goes on."""

import importlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import LazyLoader

import pytest
import scipy

from ais_indicators.checks.great_expectations import LeanFinder
from ais_indicators.cli.weeks import CHECK_MODULE, load_check_meanwhile


def test_great_expectations_is_loaded_without_charts_statistics_and_spark() -> None:
    unwanted = ["altair.vegalite", "scipy.stats._stats_py", "pyspark.ml", "boto3"]
    code = (
        "import sys; import ais_indicators.checks.great_expectations; "
        f"sys.exit(', '.join(name for name in {unwanted} if sys.modules.get(name)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


def test_modules_that_were_to_wait_work_when_they_are_asked() -> None:
    assert scipy.stats.norm.cdf(0.0) == 0.5
    assert importlib.import_module("altair").Chart


def test_the_check_is_loaded_while_others_work() -> None:
    load_check_meanwhile().join()
    assert CHECK_MODULE in sys.modules


def test_other_threads_find_what_looks_absent_to_the_check() -> None:
    finder = LeanFinder()
    with pytest.raises(ModuleNotFoundError, match="does not use pyspark"):
        finder.find_spec("pyspark")
    lazy = finder.find_spec("altair", None)
    assert lazy is not None
    assert isinstance(lazy.loader, LazyLoader)
    with ThreadPoolExecutor(1) as another:
        assert another.submit(finder.find_spec, "pyspark").result() is None
        assert another.submit(finder.find_spec, "altair").result() is None


def test_spark_is_loaded_while_the_check_is() -> None:
    code = (
        "from ais_indicators.cli.weeks import load_check_meanwhile; "
        "thread = load_check_meanwhile(); import pyspark.sql; thread.join(); "
        "import ais_indicators.checks.release_check, pyspark.sql.functions"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""
    assert done.returncode == 0
