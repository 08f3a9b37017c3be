"""What a ship carries, read from its draught (methodology 9): arrays in, arrays out.

Under water a ship is a box of length, width and draught, of which the block coefficient is the filled part. It
shrinks with the draught: `Cb_r = 1 - (1 - Cb_d) (d_d / d_r)^(1/3)`. What the water taken up at draught `d_r` weighs
less than at the design draught `d_d`, the ship carries less than its deadweight:
`u = [(Cb_r d_r - Cb_d d_d) L W rho + DWT] / DWT`. The linear method (`linear_payload_t`) is computed in addition, as a
check.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ais_indicators.rules import Rules

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Hulls:
    """Ships' sizes; all arrays of one shape, or of shapes that broadcast with the draughts'.

    Attributes:
        length_m: Length over all.
        width_m: Beam.
        deadweight_t: Deadweight.
        design_draught_m: Design draught.
        block_coefficient: At the design draught.
        has_ballast_rule: Whether the class sails in ballast when empty: tankers and dry bulk.
    """

    length_m: Floats
    width_m: Floats
    deadweight_t: Floats
    design_draught_m: Floats
    block_coefficient: Floats
    has_ballast_rule: Bools

    def waterplane_t_per_m(self, rules: Rules) -> Floats:
        """Returns tonnes of sea water in a metre of the box of length and width."""
        return np.asarray(self.length_m * self.width_m * rules.sea_water_t_per_m3)

    def ballast_draught_m(self, rules: Rules) -> Floats:
        """Returns the draught of the ship without cargo."""
        return np.asarray(rules.ballast_draught_share * self.design_draught_m)

    def of(self, chosen: Any) -> "Hulls":
        """Returns some of the ships, by an index; `(slice(None), None)` makes columns of them."""
        return Hulls(*(getattr(self, field.name)[chosen] for field in fields(self)))


@dataclass(frozen=True)
class Payload:
    """Payloads read from draughts.

    Attributes:
        tonnes: Between 0 and the deadweight.
        is_clipped: Whether the formula gave less than 0 or more than the deadweight.
        is_ballast: Whether the ballast rule made it 0.
    """

    tonnes: Floats
    is_clipped: Bools
    is_ballast: Bools


def block_coefficient(volume_m3: Floats, length_m: Floats, width_m: Floats, draught_m: Floats) -> Floats:
    """Returns the share of the box that the hull fills.

    >>> round(float(block_coefficient(80097.0, 218.75, 32.25, 13.6)), 10)
    0.8348329099
    """
    return volume_m3 / (length_m * width_m * draught_m)


def block_coefficient_at(draught_m: Floats, design_draught_m: Floats, coefficient: Floats) -> Floats:
    """Returns the block coefficient at another draught than the design one.

    >>> round(float(block_coefficient_at(12.48, 13.57, 0.82)), 10)
    0.8149051824
    """
    return 1.0 - (1.0 - coefficient) * np.cbrt(design_draught_m / draught_m)


def utilisation(draught_m: Floats, hulls: Hulls, rules: Rules) -> Floats:
    """Returns the payload as a share of the deadweight, not clipped: 1 at the design draught, less when higher."""
    full = hulls.block_coefficient * hulls.design_draught_m
    now = block_coefficient_at(draught_m, hulls.design_draught_m, hulls.block_coefficient) * draught_m
    share: Floats = ((now - full) * hulls.waterplane_t_per_m(rules) + hulls.deadweight_t) / hulls.deadweight_t
    return share


def is_in_ballast(draught_m: Floats, hulls: Hulls, rules: Rules) -> Bools:
    """Returns whether the ballast rule holds: tankers and dry bulk that lie hardly deeper than in ballast."""
    limit = utilisation(hulls.ballast_draught_m(rules), hulls, rules) + rules.ballast_utilisation_margin
    return np.asarray(hulls.has_ballast_rule & (utilisation(draught_m, hulls, rules) <= limit))


def read_payload(
    draught_m: Floats,
    hulls: Hulls,
    has_cargo: Bools | bool = False,
    design_factor: Floats | float = 1.0,
    *,
    rules: Rules,
) -> Payload:
    """Returns payloads with their flags; NaN if the draught or the hull is.

    Args:
        draught_m: Draughts.
        hulls: The ships.
        has_cargo: Where it is known that the ship is not in ballast, so that the ballast rule does not hold.
        design_factor: By how much the design draught is taken to be wrong; it moves the limit of the ballast rule.
        rules: Rules of the lake's subject.
    """
    share = utilisation(draught_m, hulls, rules)
    is_ballast = is_in_ballast(draught_m / design_factor, hulls, rules) & ~np.asarray(has_cargo)
    is_clipped = ~is_ballast & ((share < 0.0) | (share > 1.0))
    tonnes = np.where(is_ballast, 0.0, np.clip(share, 0.0, 1.0)) * hulls.deadweight_t
    return Payload(tonnes, np.asarray(is_clipped), np.asarray(is_ballast))


def linear_payload_t(draught_m: Floats, hulls: Hulls, rules: Rules) -> Floats:
    """Returns the payload by the linear method: 0 at the ballast draught, the deadweight at the design draught."""
    ballast = hulls.ballast_draught_m(rules)
    share = np.clip((draught_m - ballast) / (hulls.design_draught_m - ballast), 0.0, 1.0)
    return np.asarray(share * hulls.deadweight_t)


def tonnes_per_metre(draught_m: Floats, hulls: Hulls, rules: Rules) -> Floats:
    """Returns by how much the payload rises with a metre of draught."""
    bend = (1.0 - hulls.block_coefficient) * np.cbrt(hulls.design_draught_m / draught_m)
    return np.asarray((1.0 - bend * 2.0 / 3.0) * hulls.waterplane_t_per_m(rules))


def tonnes_per_coefficient(draught_m: Floats, hulls: Hulls, rules: Rules) -> Floats:
    """Returns by how much the payload rises with the block coefficient, whose errors are alike at both ends."""
    bend = np.cbrt(hulls.design_draught_m) * np.cbrt(draught_m) ** 2
    return np.asarray((bend - hulls.design_draught_m) * hulls.waterplane_t_per_m(rules))
