"""Live pages: what the services say becomes hints to the browsers concerned, which then re-read what they show.

A hint names a service, an id and a version, never a fact. A stream that breaks goes on from where it was; where that
can't be, the browser is told to re-read everything.
"""

import asyncio
import json
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event as Signal
from typing import Any
from uuid import UUID, uuid4

from kafka.errors import KafkaError

from services.web.settings import WebSettings
from shared.auth.roles import Role
from shared.bus.kafka import open_tail
from shared.messages import Message, Undecodable, message_from_headers
from shared.telemetry.logging import log_of

log = log_of(__name__)

TOPICS = ("request", "matching", "roster", "billing")
REMEMBERED = 2_000
# A browser that has this many hints waiting has been away; one "re-read everything" tells it as much.
MOST_WAITING = 100
_DESK_ROLES: Mapping[Role, frozenset[str]] = {
    Role.DISPATCHER: frozenset({"request", "matching", "roster"}),
    Role.CLERK: frozenset({"billing"}),
}
# Billing says nothing of a new charge; it follows from these.
_ALSO: Mapping[Role, frozenset[str]] = {Role.CLERK: frozenset({"visit.completed.v1", "visit.corrected.v1"})}
_PERSON_FIELDS: Mapping[Role, tuple[str, ...]] = {
    Role.CARER: ("carer_id", "from_carer_id", "to_carer_id"),
    Role.FAMILY: ("family_id",),
}
RESET = "event: reset\ndata: {}\n\n"
HEARTBEAT = ": still here\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Something changed: which service to ask, about what. `people` are the carers and families it is about."""

    place: str
    offset: int
    desk_id: UUID
    service: str
    type: str
    id: str
    version: int
    people: frozenset[str]


@dataclass(eq=False, slots=True)
class Browser:
    """One open page: whose it is, and what waits to be sent to it. Used from its own event loop only."""

    desk_id: UUID
    role: Role
    person_id: UUID | None
    loop: asyncio.AbstractEventLoop
    waiting: deque[str] = field(default_factory=deque)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def concerned(self, hint: Hint) -> bool:
        if hint.desk_id != self.desk_id:
            return False
        if self.role in _DESK_ROLES:
            return hint.service in _DESK_ROLES[self.role] or hint.type in _ALSO.get(self.role, ())
        return self.role in _PERSON_FIELDS and str(self.person_id) in hint.people

    def push(self, event: str) -> None:
        if len(self.waiting) >= MOST_WAITING:
            self.waiting.clear()
            event = RESET
        if not (event == RESET and self.waiting and self.waiting[-1] == RESET):
            self.waiting.append(event)
        self.woken.set()


class Hub:
    """Takes messages from the bus, on any thread, and passes them as hints to the browsers concerned."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._lock = threading.Lock()
        self._browsers: set[Browser] = set()
        self._recent: deque[Hint] = deque(maxlen=remembered)
        # Of each place (a topic's partition, or this machine's outboxes): the last offset heard, and the last forgotten.
        self._heard: dict[str, int] = {}
        self._forgotten: dict[str, int] = {}
        self._own_place = f"here-{uuid4().hex[:8]}"
        self._own_count = 0
        self.closed = False

    def hint(self, message: Message) -> None:
        """Tell the browsers that this message concerns them. Never raises: a page is not worth a lost message."""
        try:
            told = json.loads(message.body)
            version = int(told.get("version", 0))
            people = {str(told[name]) for names in _PERSON_FIELDS.values() for name in names if told.get(name)}
        except (ValueError, TypeError, AttributeError):
            log.warning("no hint from an unreadable message", message_id=message.message_id, type=message.type)
            return
        if message.desk_id is None:
            return
        with self._lock:
            place, offset = self._position(message.origin)
            if offset <= self._heard.get(place, -1):
                return
            hint = Hint(
                place=place,
                offset=offset,
                desk_id=message.desk_id,
                service=message.topic,
                type=message.type,
                id=message.key,
                version=version,
                people=frozenset(people),
            )
            self._remember(hint)
            event = self._event(hint)
            concerned = [browser for browser in self._browsers if browser.concerned(hint)]
        _push_each(concerned, event)

    def begin_at(self, offsets: Mapping[str, int]) -> None:
        """The bus is read from these offsets on; whoever was told less must re-read everything."""
        with self._lock:
            self._recent.clear()
            self._heard = {place: offset - 1 for place, offset in offsets.items()}
            self._forgotten = dict(self._heard)
            everyone = list(self._browsers)
        _push_each(everyone, RESET)

    def join(self, browser: Browser, last_event_id: str | None) -> None:
        """From now on this browser is told; first what it missed since `last_event_id`, if we still know it."""
        with self._lock:
            self._browsers.add(browser)
            if last_event_id is None:
                browser.push(f"id: {self.vector}\nevent: hello\ndata: {{}}\n\n")
                return
            missed = self._since(last_event_id)
            if missed is None:
                browser.push(f"id: {self.vector}\n{RESET}")
                return
            vector = self.vector
            for hint in missed:
                if browser.concerned(hint):
                    browser.push(f"id: {vector}\n{_data(hint)}")

    def leave(self, browser: Browser) -> None:
        with self._lock:
            self._browsers.discard(browser)

    def close(self) -> None:
        """End every stream, so that the server that carries them can stop."""
        with self._lock:
            self.closed = True
            everyone = list(self._browsers)
        _push_each(everyone, HEARTBEAT)

    @property
    def open_pages(self) -> int:
        """How many browsers listen."""
        return len(self._browsers)

    def _position(self, origin: str) -> tuple[str, int]:
        topic, _, rest = origin.partition("/")
        partition, _, offset = rest.partition("/")
        if topic != "outbox" and partition.isdigit() and offset.isdigit():
            return f"{topic}/{partition}", int(offset)
        # Outbox rows may be published out of the order of their numbers, so on one machine we count them ourselves.
        self._own_count += 1
        return self._own_place, self._own_count

    def _remember(self, hint: Hint) -> None:
        if len(self._recent) == self._recent.maxlen:
            oldest = self._recent[0]
            self._forgotten[oldest.place] = oldest.offset
        self._recent.append(hint)
        self._heard[hint.place] = hint.offset

    @property
    def vector(self) -> str:
        """How far every topic was heard, as a stream's id says it."""
        heard = self._heard or {self._own_place: 0}
        return ",".join(f"{place}:{offset}" for place, offset in sorted(heard.items()))

    def _since(self, vector: str) -> list[Hint] | None:
        try:
            known = {place: int(offset) for place, _, offset in (part.rpartition(":") for part in vector.split(","))}
        except ValueError:
            return None
        ours = set(self._heard) or {self._own_place}
        if set(known) != ours or any(known[place] < self._forgotten.get(place, -1) for place in known):
            return None
        return [hint for hint in self._recent if hint.offset > known[hint.place]]

    def _event(self, hint: Hint) -> str:
        return f"id: {self.vector}\n{_data(hint)}"


def _data(hint: Hint) -> str:
    facts = json.dumps({"service": hint.service, "id": hint.id, "version": hint.version})
    return f"event: hint\ndata: {facts}\n\n"


def _push_each(browsers: Iterable[Browser], event: str) -> None:
    for browser in browsers:
        try:
            browser.loop.call_soon_threadsafe(browser.push, event)
        except RuntimeError:
            # Its event loop has ended, and the browser's connection with it.
            continue


async def stream(hub: Hub, browser: Browser, last_event_id: str | None, settings: WebSettings) -> AsyncIterator[str]:
    """The server-sent events of one page until it closes or its time is over: one coroutine each, no thread."""
    hub.join(browser, last_event_id)
    ends = browser.loop.time() + settings.stream_seconds
    try:
        yield "retry: 2000\n\n"
        while browser.loop.time() < ends and not hub.closed:
            while browser.waiting:
                yield browser.waiting.popleft()
            browser.woken.clear()
            try:
                await asyncio.wait_for(browser.woken.wait(), settings.heartbeat_seconds)
            except TimeoutError:
                yield HEARTBEAT
    finally:
        hub.leave(browser)


def follow_kafka(hub: Hub, bootstrap_servers: str, stop: Signal, topics: Sequence[str] = TOPICS) -> None:
    """Read the topics from their ends and hint, until told to stop; while the broker is away, wait and begin anew."""
    waited = 0.5
    while not stop.is_set():
        try:
            tail = open_tail(bootstrap_servers, f"web-{uuid4().hex[:8]}", topics)
        except KafkaError as error:
            log.warning("live pages wait for the bus", error=repr(error), seconds=waited)
            stop.wait(waited)
            waited = min(waited * 2, 5.0)
            continue
        waited = 0.5
        try:
            if not tail.assignment():
                raise KafkaError("there are no topics yet")
            positions = {p: tail.position(p) for p in tail.assignment()}
            hub.begin_at({f"{p.topic}/{p.partition}": offset for p, offset in positions.items()})
            _read(hub, tail, stop)
        except KafkaError as error:
            log.warning("live pages lost the bus", error=repr(error))
            stop.wait(waited)
        finally:
            tail.close()


def _read(hub: Hub, tail: Any, stop: Signal) -> None:
    while not stop.is_set():
        for records in tail.poll(timeout_ms=500).values():
            for record in records:
                origin = f"{record.topic}/{record.partition}/{record.offset}"
                try:
                    hub.hint(
                        message_from_headers(
                            record.headers, topic=record.topic, key=record.key, body=record.value or b"", origin=origin
                        )
                    )
                except Undecodable as error:
                    log.info("no hint from an unreadable message", origin=origin, error=str(error))
