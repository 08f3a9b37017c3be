"""Places: distance, H3 cells, port areas."""
