"""The kit's tables and transactions, proved on PostgreSQL."""
