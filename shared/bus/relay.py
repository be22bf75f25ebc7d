"""Publishes the outbox in order, one relay at a time per service, however many copies of the service run."""

from collections.abc import Callable, Sequence
from threading import Event as Signal
from typing import Protocol

from sqlalchemy import Connection, Engine, text

from shared.clock import Clock
from shared.db import outbox
from shared.db.dead_letters import TooManyDeadLetters
from shared.db.engine import ALONE, AWAY
from shared.messages import Message
from shared.telemetry.logging import log_of

log = log_of(__name__)

BATCH = 500
# A wake-up is sent with every commit; this only bounds the wait should one be lost.
POLL_SECONDS = 1.0
_LOCK = "SELECT pg_try_advisory_lock(hashtextextended('vesper-relay', 0))"


class Publisher(Protocol):
    """Where messages go. Returns only once all of them are safely there; raises when any is not."""

    def publish(self, messages: Sequence[Message]) -> None: ...


class Relay:
    """Takes unpublished rows in order, publishes them, then marks them.

    Killed after publishing and before marking, it publishes them again: the inbox of each service knows them by id.
    """

    def __init__(self, engine: Engine, clock: Clock, publisher: Publisher) -> None:
        # Each statement stands by itself: published rows are marked, or they are published again.
        self._engine = engine.execution_options(**ALONE)
        self._clock = clock
        self._publisher = publisher

    def publish_batch(self) -> int:
        """Publish what waits, at most one batch; says how many."""
        with self._engine.connect() as connection:
            return self._publish_batch(connection)

    def _publish_batch(self, connection: Connection) -> int:
        batch = outbox.unpublished(connection, BATCH)
        if batch:
            self._publisher.publish([message for _, message in batch])
            outbox.mark_published(connection, [position for position, _ in batch], self._clock.now())
        return len(batch)

    def run(self, stop: Signal, wake: Signal, beat: Callable[[], None] = lambda: None) -> None:
        """Relay until told to stop. Broker or database away: wait, then go on; nothing is lost, it is in the outbox."""
        waited = 0.2
        while not stop.is_set():
            try:
                with self._engine.connect() as guard:
                    # Out of the pool: the lock goes with its connection, and one given back would keep it.
                    guard.detach()
                    if not guard.execute(text(_LOCK)).scalar_one():
                        beat()
                        stop.wait(1.0)
                        continue
                    self._relay_while_holding(guard, stop, wake, beat)
                waited = 0.2
            except TooManyDeadLetters:
                # On one machine subscribers are called from here; past the limit it stops, as a consumer does.
                raise
            except Exception as error:
                if stop.is_set():
                    return
                kind = "database" if isinstance(error, AWAY) else "bus"
                log.warning("relay waits", because=kind, error=repr(error), seconds=waited)
                beat()
                stop.wait(waited)
                waited = min(waited * 2, 5.0)

    def _relay_while_holding(self, guard: Connection, stop: Signal, wake: Signal, beat: Callable[[], None]) -> None:
        while not stop.is_set():
            wake.clear()
            # On the lock's own connection, which lives as long as the lock: one that died has let another relay in.
            sent = self._publish_batch(guard)
            beat()
            if sent < BATCH:
                wake.wait(POLL_SECONDS)
