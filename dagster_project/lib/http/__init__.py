"""HTTP clients with bounded retries, request budgets and a ledger over pages."""
