"""PostgreSQL: engine, unit of work, outbox, inbox and timers."""
