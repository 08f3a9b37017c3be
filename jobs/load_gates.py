"""Loads a file of the gates of chokepoints."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("load_gates")
