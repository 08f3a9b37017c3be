"""How well the pipeline stands killed runs, faults of the machine, and any order of runs and files."""
