"""Joins each ship's calls to voyages and estimates payloads from draughts."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("derive_voyages")
