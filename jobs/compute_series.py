"""Computes indexes, changes, means and adjusted series of weekly values, and a nowcast."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("compute_series")
