"""Says how a lake stands: its status, the plan of a backfill, and its evaluation on simulated data."""
