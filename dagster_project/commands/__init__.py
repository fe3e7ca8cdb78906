"""What the `equity` command does, one module per subject. Dagster is imported only where it is needed."""
