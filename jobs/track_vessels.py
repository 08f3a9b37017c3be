"""Folds each ship's fixes into tracks, stops, port calls and transits of straits."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("track_vessels")
