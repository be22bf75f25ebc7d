"""The id that follows one request through Kafka into the last service's log."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")


@contextmanager
def correlated(current: str) -> Iterator[None]:
    """What is logged and said inside this block carries this id."""
    token = correlation_id.set(current)
    try:
        yield
    finally:
        correlation_id.reset(token)
