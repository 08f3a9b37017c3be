"""Counts vessels with false or lost positions, by area and week."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("assess_interference")
