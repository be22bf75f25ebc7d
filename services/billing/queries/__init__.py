"""Reads past the aggregates, by what they are about."""
