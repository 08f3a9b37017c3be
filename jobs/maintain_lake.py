"""Puts small files together, removes old ones that no release needs, and keeps logs short."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("maintain_lake")
