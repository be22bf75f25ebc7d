"""Whether each service's database is what its code says, read from PostgreSQL's own catalog."""
