"""Counts arrivals, departures, ships and hours by port, class and week."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("compute_port_activity")
