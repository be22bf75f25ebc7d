"""The golden files: one per event, with a sample, its headers and its schema; tests of who says and who hears it read them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.contracts import billing, identity, matching, request, roster, roster_notices
from shared.domain.event import Event
from shared.messages import Message, decode, encode, message_from_headers
from tests.contracts.made_up import made_up
from tests.contracts.shape import Schema, schema_of

FOLDER = Path(__file__).with_name("golden")
_SAID_AT = datetime(2026, 10, 19, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Golden:
    """An event as its golden file has it."""

    event_class: type[Event]
    headers: Mapping[str, str]
    sample: Mapping[str, Any]
    schema: Schema

    @property
    def topic(self) -> str:
        """The topic it is said on: its producer's name."""
        return topic_of(self.event_class)

    @property
    def message(self) -> Message:
        """The sample as a consumer reads it from Kafka, bytes and headers."""
        return message_from_headers(
            [(name, value.encode()) for name, value in self.headers.items()],
            topic=self.topic,
            key=self.headers["ce_subject"].encode(),
            body=json.dumps(self.sample).encode(),
            origin=f"{self.topic}/0/0",
        )

    @property
    def event(self) -> Event:
        """The sample as its consumer's handler gets it."""
        return decode(self.event_class, json.dumps(self.sample).encode())

    def as_json(self) -> str:
        """The file's text."""
        facts = {"headers": self.headers, "sample": self.sample, "schema": self.schema}
        return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"


def every_event() -> list[type[Event]]:
    """Every event of every contract, by topic, in the order it is declared."""
    modules = (request, matching, roster, roster_notices, billing, identity)
    found = [thing for module in modules for thing in vars(module).values() if isinstance(thing, type)]
    events = [thing for thing in found if issubclass(thing, Event) and thing is not Event]
    return list(dict.fromkeys(events))


def topic_of(event_class: type[Event]) -> str:
    """The topic an event is said on: its producer's name."""
    return event_class.topic()


def path_of(event_class: type[Event]) -> Path:
    """The event's golden file."""
    return FOLDER / topic_of(event_class) / f"{event_class.wire_name}.json"


def golden(event_class: type[Event]) -> Golden:
    """The event as its file has it. Raises FileNotFoundError for one that has none: `python -m tests.contracts`."""
    kept = json.loads(path_of(event_class).read_text(encoding="utf-8"))
    return Golden(event_class, kept["headers"], kept["sample"], kept["schema"])


def as_declared(event_class: type[Event]) -> Golden:
    """The event as its contract declares it now."""
    event = made_up(event_class)
    message = Message(
        message_id=str(UUID(int=1)),
        topic=topic_of(event_class),
        key=event.key,
        type=event.wire_name,
        desk_id=event.desk_id,
        time=_SAID_AT,
        correlation_id="a-call-at-nine",
        body=encode(event),
    )
    headers = {name: value.decode() for name, value in message.headers()}
    return Golden(event_class, headers, json.loads(message.body), schema_of(event_class))
