"""Finds the data files that describe the pipeline: `schemas/` and `quality/`.

They are at the top of the repository and, in an installed wheel, inside the package.
"""

from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


@cache
def find_folder(name: str) -> Path:
    """Returns the folder of that name, from the checkout or from the installed package.

    Raises:
        FileNotFoundError: Neither place has it.
    """
    for parent in (PACKAGE.parent, PACKAGE):
        if (parent / name).is_dir():
            return parent / name
    raise FileNotFoundError(f"the folder {name}/ is in neither {PACKAGE.parent} nor {PACKAGE}")
