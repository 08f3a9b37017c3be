"""The tasks, one module a task: each reads tables, calls the method and writes tables."""
