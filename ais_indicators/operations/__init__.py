"""Describes a lake: its status, the plan of a backfill, and its evaluation on simulated data."""
