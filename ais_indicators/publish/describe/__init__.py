"""Descriptions for machines that stand beside exported CSV files: CSVW, Frictionless, DCAT."""
