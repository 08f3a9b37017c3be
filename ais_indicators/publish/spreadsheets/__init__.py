"""Exports for spreadsheet programs: workbooks, and CSV files as a spreadsheet of a country expects them."""
