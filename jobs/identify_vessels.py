"""Writes the history of ships by MMSI, with their match in the register."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("identify_vessels")
