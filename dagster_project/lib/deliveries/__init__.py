"""The municipality's own files: what each kind holds, how one is read, and what the sender is told."""
