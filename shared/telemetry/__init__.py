"""Logs, metrics and the correlation id that follows a request."""
