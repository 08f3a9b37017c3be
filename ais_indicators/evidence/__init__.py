"""Reads from silver and gold what values of a week rest on beside its events: stations, senders, jamming."""
