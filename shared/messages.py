"""What travels between services: an event's declaration, and the message that carries it (CloudEvents 1.0, binary mode)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

CONTENT_TYPE = "application/json"

E = TypeVar("E", bound="Event")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The base of every contract event: whose desk it is about, and the version of the aggregate that says it."""

    wire_name: ClassVar[str]
    key_field: ClassVar[str]

    desk_id: UUID
    version: int

    @property
    def key(self) -> str:
        """The aggregate's id: order is promised among events of one key."""
        return str(getattr(self, self.key_field))


class Undecodable(Exception):
    """A message whose bytes are not what its type declares; it can never be handled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One event on its way, with where it came from. `origin` names topic, partition and offset, or the outbox row."""

    message_id: str
    topic: str
    key: str
    type: str
    desk_id: UUID | None
    time: datetime
    correlation_id: str
    body: bytes = field(repr=False)
    origin: str = ""

    def headers(self) -> list[tuple[str, bytes]]:
        """CloudEvents 1.0 attributes as Kafka headers, all UTF-8."""
        attributes = {
            "ce_specversion": "1.0",
            "ce_id": self.message_id,
            "ce_source": f"/vesper/{self.topic}",
            "ce_type": self.type,
            "ce_time": self.time.isoformat(),
            "ce_subject": self.key,
            "ce_partitionkey": self.key,
            "ce_correlationid": self.correlation_id,
            "content-type": CONTENT_TYPE,
        }
        if self.desk_id is not None:
            attributes["ce_desk"] = str(self.desk_id)
        return [(name, value.encode()) for name, value in attributes.items()]


def message_from_headers(
    headers: list[tuple[str, bytes]], *, topic: str, key: bytes | None, body: bytes, origin: str
) -> Message:
    """Read a message back from Kafka. Raises Undecodable when its attributes are missing or malformed."""
    try:
        attributes = {name: value.decode() for name, value in headers}
        desk = attributes.get("ce_desk")
        return Message(
            message_id=attributes["ce_id"],
            topic=topic,
            key=(key or b"").decode(),
            type=attributes["ce_type"],
            desk_id=UUID(desk) if desk else None,
            time=datetime.fromisoformat(attributes["ce_time"]),
            correlation_id=attributes.get("ce_correlationid", ""),
            body=body,
            origin=origin,
        )
    except (KeyError, ValueError) as error:
        raise Undecodable(f"The message at {origin} has no usable CloudEvents attributes: {error!r}.") from error


_adapters: dict[type[Event], TypeAdapter[Any]] = {}


def _adapter(event_class: type[Event]) -> TypeAdapter[Any]:
    # Building one is slow; each event class needs one.
    if event_class not in _adapters:
        _adapters[event_class] = TypeAdapter(event_class)
    return _adapters[event_class]


def encode(event: Event) -> bytes:
    """The event's JSON, as its contract declares it."""
    return _adapter(type(event)).dump_json(event)


def decode(event_class: type[E], body: bytes) -> E:
    """The event in these bytes; fields it doesn't know are ignored, since contracts only grow. Raises Undecodable."""
    try:
        event: E = _adapter(event_class).validate_json(body)
    except ValidationError as error:
        raise Undecodable(
            f"Not a {event_class.wire_name}: {error.error_count()} errors, first {error.errors()[0]}."
        ) from error
    return event
