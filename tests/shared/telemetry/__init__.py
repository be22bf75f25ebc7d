"""Metrics, logs and the correlation id, proved."""
