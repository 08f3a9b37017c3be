"""Speed and memory of the main job, side by side with the same work in DuckDB SQL and in plain Spark."""
