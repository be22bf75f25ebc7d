"""The request service: which families ask for what, and what became of it."""
