"""Tasks of the pipeline: read, transform, write; most modules are one task."""
