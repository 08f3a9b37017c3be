"""Contracts of the tables, read from `schemas/`."""
