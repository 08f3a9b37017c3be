"""Writes the history of ships under their MMSIs, and how the register knows them."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("identify_vessels")
