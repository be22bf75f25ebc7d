"""What the roster reads: rows of one desk, past the aggregates."""
