"""Publishes what passed the gate as a release."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("publish_release")
