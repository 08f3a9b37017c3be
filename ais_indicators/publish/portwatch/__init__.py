"""Values in the columns of IMF PortWatch, for tools that read that layout."""
