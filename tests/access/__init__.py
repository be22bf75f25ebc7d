"""Which role may use which route: one row for each, read by one test."""
