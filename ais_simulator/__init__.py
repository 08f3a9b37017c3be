"""Simulated data sets with known ground truth: messages as an office receives them, and what really happened."""

from ais_simulator.simulation import SimulatedSea, Simulation, simulate_weeks

__all__ = ["SimulatedSea", "Simulation", "simulate_weeks"]
