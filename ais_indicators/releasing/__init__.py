"""Makes, protects, checks, compares, reproduces and exports releases."""
