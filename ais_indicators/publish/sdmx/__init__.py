"""Released tables as SDMX: structures from the contracts, data as SDMX-CSV and SDMX-ML."""
