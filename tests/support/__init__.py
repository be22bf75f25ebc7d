"""What tests of every part share: PostgreSQL, brokers, waiting."""
