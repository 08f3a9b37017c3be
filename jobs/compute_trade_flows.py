"""Aggregates voyages to trade flows by port, country, lane, class and week."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("compute_trade_flows")
