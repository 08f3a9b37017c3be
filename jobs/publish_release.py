"""Publishes values that passed the release check as a release."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("publish_release")
