"""Receives live AIS sentences of an office's own stations and writes files for `ingest`."""
