"""Expectation suites written in YAML, and what came of running them. Does not load Great Expectations."""
