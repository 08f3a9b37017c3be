"""Loads a ship register as a new version."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("load_vessels")
