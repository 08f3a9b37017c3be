"""Finds tracks, port calls and transits of all vessels: reads bronze, runs the fold, gives rows of silver."""
