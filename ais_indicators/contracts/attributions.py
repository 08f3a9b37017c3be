"""What publications say of data that no source but this software made."""

from typing import Final

SIMULATED: Final = "Simulated data of ais-indicators: no real ships, port calls or trade."
"""Attribution of simulated data, in place of that of the source whose layout they have."""
