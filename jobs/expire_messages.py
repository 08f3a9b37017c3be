"""Removes raw messages past the retention period of their source."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("expire_messages")
