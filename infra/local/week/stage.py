"""All services under one clock that stands until it is moved: messages first, then what is due, until all is quiet."""

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import count

from sqlalchemy import event
from sqlalchemy.orm import Session

from shared.auth.roles import Caller
from shared.bus.local import LocalPublisher, ShuffledPublisher
from shared.bus.relay import BATCH, Relay
from shared.clock import SetClock
from shared.commands import C, Handler, R
from shared.db.engine import reading
from shared.db.timers import next_due_at
from shared.messages import Message
from shared.service import RunningService


@dataclass(order=True)
class _Planned:
    at: datetime
    key: str
    number: int
    act: Callable[[], None] = field(compare=False)


@dataclass(frozen=True, slots=True)
class _Act:
    """What a person does once: the ids it leads to follow from its place in the play, however messages interleave."""

    opens_at: datetime
    number: int

    def take(self, session: Session, now: datetime) -> None:
        """Nobody else claims it."""

    def cause(self) -> str:
        """What ids follow from."""
        return f"act/{self.opens_at.isoformat()}/{self.number}"


@dataclass
class _Heard:
    """Hears every message as it is published and hands it on."""

    publisher: LocalPublisher | ShuffledPublisher
    messages: list[Message]

    def publish(self, messages: Sequence[Message]) -> None:
        self.publisher.publish(messages)
        self.messages.extend(messages)


class Stage:
    """Runs services without a thread or a wait. People are given as `watch`: told of each message once all is quiet.

    `shuffled` delivers what several topics say in an order of its own choosing, as Kafka may.
    """

    def __init__(
        self, running: Mapping[str, RunningService], clock: SetClock, shuffled: ShuffledPublisher | None = None
    ) -> None:
        self.running = running
        self.clock = clock
        self.watch: Callable[[Message], None] = lambda message: None
        self._shuffled = shuffled
        self._said: list[Message] = []
        self._planned: list[_Planned] = []
        self._numbers = count()
        self._acts = count()
        self._opens_at = clock.now()
        # Looking into every outbox and at every timer after each step would take longer than the week itself.
        self._to_publish = set(running)
        self._due_at: dict[str, datetime | None] = {}
        self._relays = {name: self._relay(name, each) for name, each in running.items()}
        for name, each in running.items():
            event.listen(each.engine, "before_cursor_execute", partial(self._notice, name))

    def run(self, service: str, handler: Handler[C, R], command: C, caller: Caller) -> R:
        """A person's command, on the one path."""
        return self.running[service].runner.run(
            handler, command, caller=caller, claim=_Act(self._opens_at, next(self._acts))
        )

    def plan(self, at: datetime, key: str, act: Callable[[], None]) -> None:
        """Have somebody do something at that time; at the same time, by `key`."""
        heapq.heappush(self._planned, _Planned(max(at, self.clock.now()), key, next(self._numbers), act))

    def play_until(self, until: datetime, progress: Callable[[datetime], None] = lambda now: None) -> None:
        """Move the clock from event to event: what people planned, and what the services set timers for."""
        self.settle()
        while (upcoming := self._next()) is not None and upcoming <= until:
            self.clock.move_to(max(upcoming, self.clock.now()))
            while self._planned and self._planned[0].at <= self.clock.now():
                heapq.heappop(self._planned).act()
                self.settle()
            self.settle()
            progress(self.clock.now())
        self.clock.move_to(max(until, self.clock.now()))
        self.settle()

    def settle(self) -> None:
        """Deliver until nobody says anything more, then run what is due, and again, until nothing is left."""
        while self._deliver() or self._run_timers():
            pass
        # In an order that doesn't depend on how messages were interleaved.
        said = sorted(self._said, key=lambda message: (message.topic, message.key, message.type, message.message_id))
        self._said.clear()
        for message in said:
            self.watch(message)

    def _notice(self, name: str, connection: object, cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO outbox"):
            self._to_publish.add(name)
        elif statement.startswith(("INSERT INTO timers", "UPDATE timers", "DELETE FROM timers")):
            self._due_at.pop(name, None)

    def _deliver(self) -> bool:
        moved = False
        while sum(self._publish(name) for name in self.running) or self._deliver_one():
            moved = True
        return moved

    def _publish(self, name: str) -> int:
        if name not in self._to_publish:
            return 0
        self._to_publish.remove(name)
        sent = self._relays[name].publish_batch()
        if sent == BATCH:
            self._to_publish.add(name)
        return sent

    def _deliver_one(self) -> bool:
        return self._shuffled is not None and self._shuffled.deliver_one()

    def _run_timers(self) -> bool:
        return sum(self._run_due(name) for name in self.running) > 0

    def _run_due(self, name: str) -> int:
        due = self._next_due(name)
        return self.running[name].timers.run_due() if due is not None and due <= self.clock.now() else 0

    def _next(self) -> datetime | None:
        due = [self._planned[0].at] if self._planned else []
        due += [at for name in self.running if (at := self._next_due(name)) is not None]
        return min(due, default=None)

    def _next_due(self, name: str) -> datetime | None:
        if name not in self._due_at:
            with reading(self.running[name].sessions) as session:
                self._due_at[name] = next_due_at(session)
        return self._due_at[name]

    def _relay(self, name: str, running: RunningService) -> Relay:
        publisher = _Heard(self._shuffled or self._local(name), self._said)
        return Relay(running.engine, self.clock, publisher)

    def _local(self, name: str) -> LocalPublisher:
        hears = {n: each.receiver for n, each in self.running.items() if name in each.service.subscriptions.topics}
        return LocalPublisher(hears)
