"""Routes: each builds a command or asks a query."""
