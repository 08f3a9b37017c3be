"""Narrow tables: DataFrame in, DataFrame out."""
