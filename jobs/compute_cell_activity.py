"""Counts messages, ships and hours by H3 cell, class and week."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("compute_cell_activity")
