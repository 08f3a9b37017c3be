"""The lake: sessions, Delta tables, references, releases."""
