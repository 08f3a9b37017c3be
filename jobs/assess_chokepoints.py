"""Classifies each chokepoint as open, restricted or closed, or records why that is not known."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("assess_chokepoints")
