"""Figures in the columns of IMF PortWatch, for tools that read those."""
