"""Finds outage hours and vessels that are dark, and how much of the week was heard at each place."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("assess_coverage")
