"""Files that are published."""
