"""Routes: each builds a command or asks a query, and says by its signature who may call it."""
