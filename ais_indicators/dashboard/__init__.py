"""Local web page of released values, with a form to choose them. Only reads releases."""
