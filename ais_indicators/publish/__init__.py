"""Published files."""
