"""Takes in a file of straits' gates."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("load_gates")
