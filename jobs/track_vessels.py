"""Derives tracks, stops, port calls and chokepoint transits from the fixes of each ship."""

from ais_indicators.runner import job_main

if __name__ == "__main__":
    job_main("track_vessels")
