"""Ingests files of AIS messages, each in one atomic commit."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("ingest_messages")
