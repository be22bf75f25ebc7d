"""One engine per process and service, made by a factory: nothing connects at import."""

from sqlalchemy import Engine, create_engine


def make_engine(url: str, *, pool_size: int = 10) -> Engine:
    """An engine that checks a pooled connection before use, so that a restarted database is met without an error."""
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=5,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 3},
    )
