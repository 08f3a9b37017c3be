"""Simulated flights with known ground truth: state vectors in OpenSky's columns, and what really happened."""

from ais_simulator.flights.airports import AIRPORTS, write_airports
from ais_simulator.flights.simulation import SimulatedSky, Sky, simulate_flights

__all__ = ["AIRPORTS", "SimulatedSky", "Sky", "simulate_flights", "write_airports"]
