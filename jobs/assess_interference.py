"""Counts vessels that were shown where they were not, or without a position, by area and week."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("assess_interference")
