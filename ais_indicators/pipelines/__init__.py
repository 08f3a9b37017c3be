"""One module a task: read, transform, write."""
