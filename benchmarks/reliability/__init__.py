"""Reliability of the pipeline under killed runs, faults of the machine, and any order of runs and files."""
