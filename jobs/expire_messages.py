"""Removes raw messages that their source may be kept no longer."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("expire_messages")
