"""Loads a file of port areas and covers each with H3 cells."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("load_ports")
