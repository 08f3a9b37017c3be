"""The released figures as a local web page to choose from. Reads releases only."""
