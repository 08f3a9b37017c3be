"""Reads from silver and gold what values of a week are based on apart from events: stations, senders, jamming."""
