"""SS 12000: the municipality's school systems by the Swedish standard, stripped of identities at once."""
