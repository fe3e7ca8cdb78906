"""Education-equity warehouse for Swedish municipalities."""
