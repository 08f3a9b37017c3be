"""The release check."""
