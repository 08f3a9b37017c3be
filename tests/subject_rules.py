"""Rules of the two subjects, for tests of functions that take them."""

from ais_indicators.rules import Rules

SHIP_RULES = Rules.for_subject("ships")
PLANE_RULES = Rules.for_subject("planes")
