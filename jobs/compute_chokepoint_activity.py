"""Counts transits, ships, payloads and waiting ships by chokepoint, direction, class and week."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("compute_chokepoint_activity")
