"""The whole system on one machine: one process, one private PostgreSQL, no broker."""
