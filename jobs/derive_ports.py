"""Derives berths and anchorages from where ships stopped, as a port file to edit."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("derive_ports")
