"""How right the indicators are: what was found held against what is known to be true."""
