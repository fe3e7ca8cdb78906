"""The indicator catalogue outside the warehouse: read from the seeds, written as pages."""
