"""Machine-readable descriptions of exported CSV files: CSVW, Frictionless, DCAT."""
