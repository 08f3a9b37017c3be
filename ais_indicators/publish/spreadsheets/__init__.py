"""Exports for spreadsheet programs: workbooks, and CSV files as a country's spreadsheet program expects them."""
