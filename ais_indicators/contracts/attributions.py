"""Attribution of data that this software made itself."""

from typing import Final

SIMULATED: Final = "Simulated data of ais-indicators: no real ships, port calls or trade."
"""Attribution of simulated data, instead of that of the source whose layout they have."""
