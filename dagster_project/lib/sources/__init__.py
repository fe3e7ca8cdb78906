"""The public sources: what each offers, and a client that fetches it whole."""
