"""Each event is what its golden file says: a contract changes together with a file that somebody reviews."""

import json
from dataclasses import dataclass, field, make_dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import pytest

from shared.domain.event import Event
from shared.messages import decode, encode
from tests.contracts.golden import FOLDER, as_declared, every_event, golden, path_of
from tests.contracts.shape import breaks, schema_of

EVENTS = pytest.mark.parametrize("event", every_event(), ids=lambda event: event.wire_name)
HOW = "run `make contracts` and review what it changed"


def test_every_event_has_a_golden_file_and_every_file_an_event() -> None:
    assert {path_of(event) for event in every_event()} == set(FOLDER.glob("*/*.json")), HOW


@EVENTS
def test_the_contract_only_grew(event: type[Event]) -> None:
    assert breaks(golden(event).schema, schema_of(event)) == []


@EVENTS
def test_the_golden_file_is_what_the_contract_declares(event: type[Event]) -> None:
    assert path_of(event).read_text(encoding="utf-8") == as_declared(event).as_json(), HOW


@EVENTS
def test_the_sample_comes_back_from_its_bytes_as_it_was(event: type[Event]) -> None:
    kept = golden(event)
    assert json.loads(encode(kept.event)) == kept.sample
    assert kept.event.key == kept.headers["ce_subject"]


def test_wire_names_say_their_version_and_no_two_events_share_one() -> None:
    names = [event.wire_name for event in every_event()]
    assert len(names) == len(set(names))
    assert all(name.rsplit(".", 1)[-1].removeprefix("v").isdigit() for name in names)


def test_the_headers_are_cloudevents_in_kafkas_binary_mode() -> None:
    for event in every_event():
        headers = golden(event).headers
        assert headers["ce_specversion"] == "1.0"
        assert headers["ce_type"] == event.wire_name
        assert headers["ce_source"] == f"/vesper/{path_of(event).parent.name}"
        assert headers["ce_partitionkey"] == headers["ce_subject"] == golden(event).sample[event.key_field]
        assert headers["ce_desk"] == golden(event).sample["desk_id"]
        assert headers["content-type"] == "application/json"
        assert datetime.fromisoformat(headers["ce_time"]).tzinfo == UTC
        assert {name for name in headers if not name.startswith("ce_")} == {"content-type"}


def test_a_message_read_from_kafka_is_the_one_that_was_sent() -> None:
    for event in every_event():
        sent = golden(event).message
        assert dict(sent.headers()) == {name: value.encode() for name, value in golden(event).headers.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    colour: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Event):
    """An event only these tests know."""

    wire_name: ClassVar[str] = "door.opened.v1"
    key_field: ClassVar[str] = "door_id"

    door_id: UUID
    door: Door
    at: datetime
    doors: tuple[Door, ...] = ()
    by: str | None = None


def changed(**fields: Any) -> type[Event]:
    """The same event with these fields instead or besides; None for one it no longer has."""
    base: dict[str, Any] = {
        "door_id": (UUID,),
        "door": (Door,),
        "at": (datetime,),
        "doors": (tuple[Door, ...], ()),
        "by": (str | None, None),
    }
    declared = [
        (name, facts[0], field(default=facts[1]) if len(facts) > 1 else field())
        for name, facts in {**base, **fields}.items()
        if facts is not None
    ]
    return make_dataclass("Opened", declared, bases=(Event,), frozen=True, kw_only=True)


WITH_A_LOCK = make_dataclass("Door", [("colour", str), ("keys", tuple[str, ...], ()), ("lock", str)], kw_only=True)
WITH_A_BELL = make_dataclass(
    "Door", [("colour", str), ("keys", tuple[str, ...], ()), ("bell", bool, True)], kw_only=True
)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (changed(at=None), ["at is gone: who hears it needs it"]),
        (changed(by=None), ["by is gone: who hears it needs it"]),
        (changed(at=(str,)), ["at was string date-time and is string"]),
        (changed(door_id=(int,)), ["door_id was string uuid and is integer"]),
        (changed(by=(str, "")), ["by was null or string and is string"]),
        (
            changed(doors=(tuple[str, ...], ())),
            [
                "doors was list of object and is list of string",
                "doors[].colour is gone: who hears it needs it",
                "doors[].keys is gone: who hears it needs it",
            ],
        ),
        (changed(floor=(int,)), ["floor is new and has no default: messages already sent lack it"]),
        (changed(by=(str | None,)), ["by has no default any more: messages already sent may lack it"]),
        (changed(door=(WITH_A_LOCK,)), ["door.lock is new and has no default: messages already sent lack it"]),
        (
            changed(doors=(tuple[WITH_A_LOCK, ...], ())),  # type: ignore[valid-type]
            ["doors[].lock is new and has no default: messages already sent lack it"],
        ),
    ],
)
def test_a_change_that_breaks_is_told(after: type[Event], said: list[str]) -> None:
    assert breaks(schema_of(Opened), schema_of(after)) == said


@pytest.mark.parametrize(
    "after",
    [
        Opened,
        changed(floor=(int, 0)),
        changed(floor=(int | None, None)),
        changed(door=(WITH_A_BELL,)),
        changed(bell=(WITH_A_LOCK | None, None)),
        changed(at=(datetime, datetime(2026, 1, 1, tzinfo=UTC))),
    ],
)
def test_a_change_that_only_adds_what_may_be_lacking_is_none(after: type[Event]) -> None:
    assert breaks(schema_of(Opened), schema_of(after)) == []


def test_a_message_of_before_is_read_by_a_contract_that_grew() -> None:
    grown = changed(floor=(int, 3))
    old = encode(
        Opened(desk_id=UUID(int=1), version=1, door_id=UUID(int=2), door=Door(colour="red"), at=datetime.now(UTC))
    )
    assert decode(grown, old).floor == 3  # type: ignore[attr-defined]
