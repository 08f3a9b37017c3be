"""Runs the release check on the values to be published."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("check_release")
