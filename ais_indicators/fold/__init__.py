"""The per-ship fold: arrays in, arrays out."""
