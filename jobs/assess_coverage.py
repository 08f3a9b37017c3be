"""Tells outage hours from quiet ones, and how much of the week was heard at each place."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("assess_coverage")
