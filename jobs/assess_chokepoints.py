"""Says of each chokepoint whether it is open, restricted or closed, or why that is not known."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("assess_chokepoints")
