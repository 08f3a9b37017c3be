"""Lakes that take long to make: built once for all test processes and all runs of the same code, handed out as copies.

A recipe is a function of a module that fills an empty folder and returns what else there is to know, as JSON. Its
result is kept under `build/test-lakes` by its name and by a hash of all code and documents that it may depend on; a
file lock lets a second process wait for the first. `make clean` removes them.
"""

import fcntl
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from tests.release_checks import checking

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "build" / "test-lakes"
FACTS = "facts.json"
SOURCES = (
    "ais_indicators/**/*",
    "ais_simulator/**/*",
    "benchmarks/**/*.py",
    "docs/*.md",
    "quality/*.yaml",
    "requirements.lock",
    "schemas/**/*.yaml",
    "tests/*.py",
)
"""Files that a recipe may depend on; the tests themselves are none of them."""

Recipe = Callable[[Path], Any]


def follow(recipe: Recipe, folder: Path) -> Any:
    """Fills a folder with a copy of what a recipe makes.

    Args:
        recipe: A function of a module; called where its result is not kept yet.
        folder: Where the copy goes; must not exist.

    Returns:
        What the recipe returned.
    """
    name = f"{recipe.__module__}.{recipe.__qualname__}"
    kept = KEPT / f"{name}-{hash_of_sources()[:16]}"
    with _alone(name):
        if not kept.is_dir():
            _build(recipe, name, kept)
        shutil.copytree(kept / "made", folder)
    return json.loads((kept / FACTS).read_text(encoding="utf-8"))


def _build(recipe: Recipe, name: str, kept: Path) -> None:
    """Follows a recipe; a recipe that fails leaves nothing behind that could be taken for its result."""
    for older in KEPT.glob(f"{name}-*"):
        shutil.rmtree(older)
    half_made = KEPT / f"{name}-half"
    (half_made / "made").mkdir(parents=True)
    with checking(lambda _: False):  # whatever test is the first to ask for it
        facts = json.dumps(recipe(half_made / "made"))
    (half_made / FACTS).write_text(facts, encoding="utf-8")
    half_made.rename(kept)


@contextmanager
def _alone(name: str) -> Iterator[None]:
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@cache
def hash_of_sources(root: Path = ROOT) -> str:
    """SHA-256 over the names and contents of all files that recipes may depend on."""
    found = hashlib.sha256()
    for path in sorted(path for pattern in SOURCES for path in root.glob(pattern) if path.is_file()):
        if "__pycache__" not in path.parts:
            found.update(f"{path.relative_to(root)}\0".encode())
            found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()
