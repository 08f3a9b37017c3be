"""Data files of the package searoute (Apache License 2.0): sea lanes and ports.

The package itself is not imported: it loads networkx, which takes longer than all that is done here with its data.
"""

from importlib.util import find_spec
from pathlib import Path


def searoute_file(name: str) -> Path:
    """Returns the path of a data file of the installed searoute."""
    package = find_spec("searoute")
    assert package is not None, "searoute is a dependency"  # noqa: S101
    (folder,) = package.submodule_search_locations or ("",)
    return Path(folder) / "data" / name
