"""A simulated ocean with a known truth: messages as an office receives them, and what really happened beside them."""

from ais_indicators.simulate.simulation import SimulatedSea, Simulation, simulate_weeks

__all__ = ["SimulatedSea", "Simulation", "simulate_weeks"]
