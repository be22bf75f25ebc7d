"""What PostgreSQL on one machine refuses, in words for the person who started it."""


class PostgresError(Exception):
    """PostgreSQL cannot be started or prepared; the message says why and what to do about it."""
