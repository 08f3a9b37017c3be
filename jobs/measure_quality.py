"""Computes the quality indicators of every release."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("measure_quality")
