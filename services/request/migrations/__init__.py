"""The request service's tables over time."""
