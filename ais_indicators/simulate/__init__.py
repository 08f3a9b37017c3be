"""A modest simulated sea: files of AIS messages to show the indicators on, without real ships' data.

What it is not: ports are boxes around a point, ships keep one speed a leg and one draught, every message far
out at sea is received, and no table of the truth is written. Its figures say nothing about
real trade.
"""

from ais_indicators.simulate.week import SimulatedSea, simulate_weeks

__all__ = ["SimulatedSea", "simulate_weeks"]
