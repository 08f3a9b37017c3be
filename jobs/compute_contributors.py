"""Counts the ships behind each cell of the released tables, for disclosure control."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("compute_contributors")
