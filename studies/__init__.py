"""Studies that answered a question once; benchmarks keep measuring speed and accuracy."""
