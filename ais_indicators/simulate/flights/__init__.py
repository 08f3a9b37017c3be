"""Simulated flights with a known truth: state vectors as OpenSky has them, and what really happened beside them."""

from ais_indicators.simulate.flights.airports import AIRPORTS, write_airports
from ais_indicators.simulate.flights.simulation import SimulatedSky, Sky, simulate_flights

__all__ = ["AIRPORTS", "SimulatedSky", "Sky", "simulate_flights", "write_airports"]
