"""Receiving live AIS sentences from an office's own stations into files that `ingest` takes in."""
