"""Hashes the code that a benchmark page measures.

Comments, docstrings and layout do not count, so a page becomes stale only where a program can behave differently. The
thresholds, contracts and data files that the measured packages read count as code, without their prose.
"""

import ast
import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import grimp
import yaml

ROOT: Final = Path(__file__).resolve().parents[1]
PRODUCT: Final = ("ais_indicators", "ais_simulator")
PROGRAMS: Final = ("benchmarks", "studies")
DIGITS: Final = 12
DATA_SUFFIXES: Final = frozenset({".yaml", ".gz"})
READ_BY: Final = {
    "quality/rules.yaml": "ais_indicators.rules",
    "quality/checks.yaml": "ais_indicators.checks.model",
    "schemas": "ais_indicators.contracts.model",
}
"""Which module reads the files outside the packages."""
PROSE: Final = frozenset({"description", "reason", "source", "text", "owner", "one_row"})
"""Keys of YAML files that only people read."""


def hash_modules(roots: Iterable[str]) -> dict[str, str]:
    """Returns the hash of each module and data file behind some modules, by its name."""
    modules = measured_modules(roots)
    hashes = {name: _hash_source(_source_path(name)) for name in modules}
    return hashes | {_name(path): _hash_data(path) for path in _data_files(modules)}


def measured_modules(roots: Iterable[str]) -> list[str]:
    """Returns the given modules, and what those of the product import, at any depth.

    Raises:
        ValueError: A given module does not exist.
    """
    graph, wanted = _import_graph(), set(roots)
    missing = sorted(wanted - graph.modules)
    if missing:
        raise ValueError(f"measured modules that do not exist: {', '.join(missing)}")
    of_product = {name for name in wanted if name.partition(".")[0] in PRODUCT}
    return sorted(wanted.union(*(graph.find_upstream_modules(name) for name in of_product)))


def join_hashes(hashes: dict[str, str]) -> str:
    """Returns one hash over all of them."""
    return _digest(json.dumps(hashes, sort_keys=True).encode())


@cache
def _import_graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PRODUCT, *PROGRAMS, cache_dir=None)


def _source_path(module: str) -> Path:
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def _hash_source(path: Path) -> str:
    return hash_python(path.read_text(encoding="utf-8"))


def hash_python(text: str) -> str:
    """Hashes what a program does: its syntax tree without docstrings."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [line for line in node.body if not _is_text(line)]
    return _digest(repr(_plain(tree)).encode())


def _is_text(line: ast.stmt) -> bool:
    """Whether a line is only a string: the docstring of a module, class, function or constant."""
    return (
        isinstance(line, ast.Expr)
        and isinstance(line.value, ast.Constant)
        and isinstance(line.value.value, str)
    )


def _plain(node: Any) -> Any:
    """Converts a tree to tuples; leaves out empty fields, which differ between versions of Python."""
    if isinstance(node, ast.AST):
        fields = ((name, value) for name, value in ast.iter_fields(node) if value not in (None, []))
        return (type(node).__name__, *((name, _plain(value)) for name, value in fields))
    return tuple(map(_plain, node)) if isinstance(node, list) else node


def _data_files(modules: Iterable[str]) -> Iterator[Path]:
    """Yields the data files that belong to the packages of some modules."""
    names = set(modules)
    packages = {name.rpartition(".")[0] for name in names} | names
    for path in sorted(path for package in PRODUCT for path in (ROOT / package).rglob("*")):
        if path.suffix in DATA_SUFFIXES and _package_of(path) in packages:
            yield path
    for place, reader in READ_BY.items():
        if reader in names:
            path = ROOT / place
            yield from sorted(path.glob("*.yaml")) if path.is_dir() else [path]


def _package_of(path: Path) -> str:
    """Returns the package whose folder holds a file, or holds the file's folder."""
    folder = next(folder for folder in path.parents if (folder / "__init__.py").is_file())
    return ".".join(folder.relative_to(ROOT).parts)


@cache
def _hash_data(path: Path) -> str:
    if path.suffix != ".yaml":
        return _digest(path.read_bytes())
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return _digest(json.dumps(_without_prose(content), sort_keys=True, default=str).encode())


def _without_prose(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _without_prose(inner) for name, inner in value.items() if name not in PROSE}
    return [_without_prose(inner) for inner in value] if isinstance(value, list) else value


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:DIGITS]
