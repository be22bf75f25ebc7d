"""The id that follows one request through Kafka into the last service's log."""

from contextvars import ContextVar

correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")
