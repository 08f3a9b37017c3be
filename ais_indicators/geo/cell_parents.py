"""Coarser H3 cells that hold finer ones, by the bits of their indexes.

Source: the H3 documentation, "H3 index bit layout": four bits of resolution from bit 52 on, then three bits a
digit from resolution 1 on; digits beyond the resolution are all ones.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

FINEST: Final = 15
_RESOLUTION_BIT: Final = 52
_BITS_A_DIGIT: Final = 3
_RESOLUTION_MASK: Final = np.int64(0b1111 << _RESOLUTION_BIT)


def parent_cells(cells: NDArray[np.int64], resolution: int) -> NDArray[np.int64]:
    """Returns the cells of a coarser resolution that hold the given ones.

    Args:
        cells: H3 indexes, none coarser than the resolution.
        resolution: 0 to 15.

    Returns:
        One index a cell.
    """
    unused = np.int64((1 << (_BITS_A_DIGIT * (FINEST - resolution))) - 1)
    return (cells & ~_RESOLUTION_MASK) | np.int64(resolution << _RESOLUTION_BIT) | unused


def cell_resolutions(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """Reads the resolution of each cell; 0 for 0, which is not a cell."""
    return (cells & _RESOLUTION_MASK) >> np.int64(_RESOLUTION_BIT)
