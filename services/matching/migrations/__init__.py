"""Matching's tables, version by version."""
