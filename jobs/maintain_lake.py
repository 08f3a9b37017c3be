"""Combines small files, removes old ones that no release needs, and shortens logs."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("maintain_lake")
