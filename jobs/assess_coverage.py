"""Finds outage hours and dark vessels, and the coverage of each place in the week."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("assess_coverage")
