"""Trends: what a series says, with its test, and what it does not."""
