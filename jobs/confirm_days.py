"""Records which UTC days of a week have messages when its run starts."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("confirm_days")
