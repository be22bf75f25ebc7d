"""What travels between services: the message that carries an event (CloudEvents 1.0, binary mode), and its bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from shared.domain.event import Event

CONTENT_TYPE = "application/json"
LONGEST_ATTRIBUTE = 255
# A broker takes a megabyte with all headers; one it never takes would hold up everything behind it.
LARGEST_BODY = 900_000

E = TypeVar("E", bound=Event)


class Undecodable(Exception):
    """A message whose bytes are not what its type declares; it can never be handled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One event on its way, with where it came from. `origin` names topic, partition and offset, or the outbox row.

    `extensions` are CloudEvents attributes beyond those every message has, such as why a dead letter died.
    """

    message_id: str
    topic: str
    key: str
    type: str
    desk_id: UUID | None
    time: datetime
    correlation_id: str
    body: bytes = field(repr=False)
    origin: str = ""
    extensions: Mapping[str, str] = field(default_factory=dict)

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
        attributes |= {f"ce_{name}": value for name, value in self.extensions.items()}
        return [(name, value.encode()) for name, value in attributes.items()]


def message_from_headers(
    headers: list[tuple[str, bytes]], *, topic: str, key: bytes | None, body: bytes, origin: str
) -> Message:
    """Read a message back from Kafka. Raises Undecodable when its attributes are missing or can't be kept."""
    try:
        attributes = {name: (value or b"").decode() for name, value in headers}
        desk = attributes.get("ce_desk")
        time = datetime.fromisoformat(attributes["ce_time"])
        if time.tzinfo is None or not _YEARS[0] <= time.year <= _YEARS[1]:
            raise ValueError("ce_time has no zone, or is of another century")
        return Message(
            message_id=_kept(attributes["ce_id"]),
            topic=topic,
            key=_kept((key or b"").decode()),
            type=_kept(attributes["ce_type"]),
            desk_id=UUID(desk) if desk else None,
            time=time,
            correlation_id=_kept(attributes.get("ce_correlationid", "")),
            body=body,
            origin=origin,
        )
    except UnicodeDecodeError as error:
        # Not repeated: it holds the whole value, however long.
        raise Undecodable(f"The message at {origin} has an attribute that is not UTF-8.") from error
    except (KeyError, ValueError) as error:
        raise Undecodable(f"The message at {origin} has no usable CloudEvents attributes: {error!r:.300}.") from error


_YEARS = (1970, 2200)


def _kept(value: str) -> str:
    # Bounded, because they are indexed; one that no table can hold would be tried for ever.
    if len(value) > LONGEST_ATTRIBUTE or "\x00" in value:
        raise ValueError(f"an attribute is longer than {LONGEST_ATTRIBUTE} characters or holds NUL")
    return value


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
        # What is wrong and where, never the value: a log line must not hold what a family told us.
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = "/".join(map(str, first["loc"])) or "the whole"
        raise Undecodable(
            f"Not a {event_class.wire_name}: {error.error_count()} errors, first in {where}: {first['type']}."
        ) from error
    return event
