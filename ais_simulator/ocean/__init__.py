"""Simulated ships, ports, cargo and the traffic between them, with the ground truth of what they did."""

from ais_simulator.ocean.face import Ocean
from ais_simulator.ocean.fleet import build_fleet, write_register
from ais_simulator.ocean.harbours import write_ports
from ais_simulator.ocean.truth import Truth

__all__ = ["Ocean", "Truth", "build_fleet", "write_ports", "write_register"]
