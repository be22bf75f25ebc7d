"""What happens to one message, whichever bus brought it: done, parked, buried, or broken and tried again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from threading import Event as Signal
from typing import Any

from sqlalchemy.orm import Session

from shared.auth.roles import desk_itself
from shared.bus.subscriptions import Subscription, Subscriptions
from shared.commands import Runner
from shared.db import dead_letters, inbox
from shared.db.engine import reading
from shared.db.inbox import AlreadyDone, MessageClaim, ParkedClaim, TooEarly
from shared.domain.errors import DomainError
from shared.messages import Message, Undecodable, decode
from shared.telemetry import metrics
from shared.telemetry.correlation import correlation_id
from shared.telemetry.logging import log_of

log = log_of(__name__)


class Outcome(StrEnum):
    DONE = "done"
    REPEATED = "repeated"
    PARKED = "parked"
    DEAD = "dead"
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Hands messages to a service's handlers, each in one transaction with the claim that makes it happen once.

    Whatever isn't listed as an outcome is raised: the database or the code is broken, the message is not done,
    and the bus brings it again.
    """

    runner: Runner
    subscriptions: Subscriptions
    dead_letter_limit: int
    dead_letter_window: timedelta
    parked_limit: timedelta
    released: Signal

    def receive(self, message: Message) -> Outcome:
        """Handle a message that just came. Raises TooManyDeadLetters past the limit."""
        subscription = self.subscriptions.find(message.type)
        if subscription is None:
            return Outcome.NOT_OURS
        outcome = self._handle(message, subscription, MessageClaim(message))
        if self.released.is_set():
            self.handle_waiting()
        return outcome

    def receive_undecodable(self, message: Message, reason: str) -> Outcome:
        """Bury what can't even be read."""
        return self._counted(message, self._bury(message, reason))

    def handle_waiting(self) -> int:
        """Handle parked messages whose time has come, in their order; says how many moved on.

        One that has waited past the limit is buried, with what it waited for. Called on a commit that brought what
        others waited for (`released`), and now and then, for one parked at that very moment.
        """
        moved, tried = 0, set[str]()
        self.released.clear()
        while True:
            found = self._read(lambda session: inbox.next_ready(session, self.runner.clock.now(), tried))
            if found is None:
                return moved
            sequence, message, since = found
            tried.add(message.message_id)
            subscription = self.subscriptions.find(message.type)
            if subscription is None or self.runner.clock.now() - since > self.parked_limit:
                outcome = self._counted(
                    message, self._bury(message, f"It waited too long: {self._waits_for(message)}.")
                )
            else:
                outcome = self._handle(message, subscription, ParkedClaim(message, sequence))
            if outcome is not Outcome.PARKED:
                moved += 1
                tried.clear()

    def replay(self, message: Message) -> Outcome:
        """Handle a dead letter again, as if it had just come."""

        def forget(message_id: str, uow: Any) -> None:
            inbox.forget(uow.session, message_id)
            dead_letters.mark_replayed(uow.session, message_id, uow.now)

        self.runner.run(forget, message.message_id, caller=desk_itself(message.desk_id))
        return self.receive(message)

    def _handle(self, message: Message, subscription: Subscription, claim: MessageClaim | ParkedClaim) -> Outcome:
        token = correlation_id.set(message.correlation_id)
        try:
            event = decode(subscription.event_class, message.body)
            command = subscription.command(event)
            self.runner.run(subscription.handler, command, caller=desk_itself(message.desk_id), claim=claim)
            outcome = Outcome.DONE
        except AlreadyDone:
            outcome = Outcome.REPEATED
        except TooEarly as early:
            outcome = self._park(message, early.waiting_for)
        except Undecodable as error:
            outcome = self._bury(message, str(error))
        except DomainError as error:
            outcome = self._bury(message, error.detail)
        finally:
            correlation_id.reset(token)
        return self._counted(message, outcome)

    def _park(self, message: Message, waiting_for: str) -> Outcome:
        def park(_: str, uow: Any) -> None:
            inbox.park(uow.session, message, waiting_for, uow.now)

        self.runner.run(park, waiting_for, caller=desk_itself(message.desk_id))
        log.info("parked", message=message.message_id, type=message.type, waiting_for=waiting_for)
        return Outcome.PARKED

    def _bury(self, message: Message, reason: str) -> Outcome:
        def bury(_: str, uow: Any) -> None:
            dead_letters.keep(uow.session, self.runner.service, message, reason, uow.now)
            inbox.bury(uow.session, message, uow.now)

        self.runner.run(bury, reason, caller=desk_itself(message.desk_id))
        metrics.DEAD_LETTERS.labels(self.runner.service).inc()
        log.error("dead letter", message=message.message_id, type=message.type, origin=message.origin, reason=reason)
        self._read(
            lambda session: dead_letters.check_limit(
                session, self.runner.clock.now(), limit=self.dead_letter_limit, window=self.dead_letter_window
            )
        )
        return Outcome.DEAD

    def _waits_for(self, message: Message) -> str:
        row = self._read(
            lambda session: session.execute(
                inbox.inbox.select().where(inbox.inbox.c.message_id == message.message_id)
            ).one()
        )
        return str(row.waiting_for)

    def _counted(self, message: Message, outcome: Outcome) -> Outcome:
        metrics.MESSAGES.labels(self.runner.service, message.type, outcome.value).inc()
        return outcome

    def _read(self, query: Callable[[Session], Any]) -> Any:
        with reading(self.runner.sessions) as session:
            return query(session)
