"""The formats in which a day of messages can be written: one file a UTC day, named so that they sort by date."""
