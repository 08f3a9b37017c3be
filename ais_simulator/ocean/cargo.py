"""What ships carry, and how deep they lie with it: the method's utilisation turned round (methodology 9).

The method reads a payload from a draught; the simulation knows the payload and needs the draught that a crew would
report. Both use `u = [(Cb_r d_r - Cb_d d_d) L W rho + DWT] / DWT` with `Cb_r = 1 - (1 - Cb_d) (d_d / d_r)^(1/3)`.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SEA_WATER_T_PER_M3: Final = 1.025
BLOCK_COEFFICIENT: Final = {
    "container": 0.638, "dry_bulk": 0.785, "general_cargo": 0.711, "roro": 0.596, "passenger": 0.596,
    "tanker": 0.823, "other": 0.633,
}  # fmt: skip
"""Class means of methodology 9."""
BALLAST_SHARE: Final = 0.55
"""Draught in ballast as a share of the design draught (methodology 9)."""
NEWTON_STEPS: Final = 12  # the function is convex and the start lies beyond the root: it has long converged


def draught_of_payload(
    payload_t: Floats, length_m: Floats, width_m: Floats, deadweight_t: Floats,
    design_draught_m: Floats, block_coefficient: Floats,
) -> Floats:  # fmt: skip
    """Returns draughts in metres at which the method reads these payloads.

    `Cb_r d_r` is `d_r - (1 - Cb_d) d_d^(1/3) d_r^(2/3)`: rising and convex where ships float, so Newton's steps from
    the design draught, where the payload is full, come down to the root without passing it.
    """
    waterplane = length_m * width_m * SEA_WATER_T_PER_M3
    goal = block_coefficient * design_draught_m + (payload_t - deadweight_t) / waterplane
    bend = (1.0 - block_coefficient) * np.cbrt(design_draught_m)
    draught = np.array(design_draught_m, dtype=np.float64)
    for _ in range(NEWTON_STEPS):
        root = np.cbrt(draught)
        draught = draught - (draught - bend * root**2 - goal) / (1.0 - bend * 2.0 / 3.0 / root)
    return draught
