"""Raw AIS as receivers write it: NMEA 0183 sentences (`!AIVDM`), their fragments, and the messages in them.

Positions of fixed length (types 1, 2, 3, 18, 27) are decoded by compiled code; pyais decodes the others, each
distinct payload once, and verifies the compiled code in the tests.
"""

from ais_indicators.sources.nmea.reading import LAYOUT, looks_like_nmea, read_nmea

__all__ = ["LAYOUT", "looks_like_nmea", "read_nmea"]
