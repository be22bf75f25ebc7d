"""What happens to one message, whichever bus brought it: done, parked, buried, or broken and tried again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Event as Signal

from sqlalchemy.exc import DataError

from shared.auth.roles import desk_itself
from shared.bus.subscriptions import Subscription, Subscriptions
from shared.commands import LostRace, Runner
from shared.db import dead_letters, inbox
from shared.db.engine import glancing, reading
from shared.db.inbox import AlreadyDone, MessageClaim, ParkedClaim, TooEarly, Waiting
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import DomainError
from shared.messages import Message, Undecodable, decode
from shared.telemetry import metrics
from shared.telemetry.correlation import correlated
from shared.telemetry.logging import log_of

log = log_of(__name__)

# Whoever handles what waited has other things to do as well: a consumer that doesn't poll is taken for dead.
_MOST_AT_ONCE = 200
_UNSTORABLE = "It holds a value that no table can keep."


class Outcome(StrEnum):
    DONE = "done"
    REPEATED = "repeated"
    PARKED = "parked"
    DEAD = "dead"
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True)
class Park:
    """Keep a message until what it waits for arrives; `since` is when it came, if not just now."""

    message: Message
    waiting_for: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Bury:
    """Keep a message that can never be handled."""

    message: Message
    reason: str


@dataclass(frozen=True, slots=True)
class Exhume:
    """Let a dead message be handled as if it had never come."""

    message_id: str


@dataclass(frozen=True, slots=True)
class NoteReplay:
    """A dead letter was handled after all."""

    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Hands messages to a service's handlers, each in one transaction with the claim that makes it happen once.

    Whatever isn't listed as an outcome is raised: the database or the code is broken (or others were faster each
    time), the message is not done, and the bus brings it again.
    """

    runner: Runner
    subscriptions: Subscriptions
    dead_letter_limit: int
    dead_letter_window: timedelta
    parked_limit: timedelta
    released: Signal

    def receive(self, message: Message) -> Outcome:
        """Handle a message that just came. Raises TooManyDeadLetters past the limit."""
        outcome = self._within_limit(self._take(message))
        if self.released.is_set():
            self.handle_waiting()
        return outcome

    def receive_undecodable(self, message: Message, reason: str) -> Outcome:
        """Bury what can't even be read. Raises TooManyDeadLetters past the limit."""
        return self._within_limit(self._counted(message, self._bury(message, reason)))

    def handle_waiting(self) -> int:
        """Handle parked messages whose time has come, in their order; says how many were settled.

        One that is still too early past the limit is buried, with what it waited for. Called on a commit that brought
        what others waited for (`released`), and now and then, for one parked at that very moment.
        """
        settled = handled = after = 0
        self.released.clear()
        while handled < _MOST_AT_ONCE:
            found = self._next_ready(after)
            if found is None and not self.released.is_set():
                return settled
            if found is None:
                # What was handled brought what earlier ones waited for.
                self.released.clear()
                after = 0
                continue
            handled, after = handled + 1, found.sequence
            if self._handle_waiting_one(found) in (Outcome.DONE, Outcome.DEAD):
                settled += 1
        self.released.set()
        return settled

    def replay(self, message: Message) -> Outcome:
        """Handle a dead letter again, as if it had just come. It stays listed until that has worked."""
        if self.subscriptions.find(message.type) is None:
            return Outcome.NOT_OURS
        desk = desk_itself(message.desk_id)
        self.runner.run(_exhume, Exhume(message.message_id), caller=desk)
        outcome = self._take(message)
        if outcome is not Outcome.DEAD:
            self.runner.run(_note_replay, NoteReplay(message.message_id), caller=desk)
        if self.released.is_set():
            self.handle_waiting()
        return outcome

    def _take(self, message: Message) -> Outcome:
        subscription = self.subscriptions.find(message.type)
        if subscription is None:
            return self._counted(message, Outcome.NOT_OURS)
        return self._handle(message, subscription, MessageClaim(message))

    def _next_ready(self, after: int) -> Waiting | None:
        with glancing(self.runner.sessions) as session:
            return inbox.next_ready(session, self.runner.clock.now(), after)

    def _handle_waiting_one(self, waiting: Waiting) -> Outcome:
        message = waiting.message
        subscription = self.subscriptions.find(message.type)
        if subscription is None:
            return self._counted(message, self._bury(message, f"{message.type} is no longer heard here."))
        outcome = self._handle(message, subscription, ParkedClaim(message, waiting.sequence), waiting)
        return self._within_limit(outcome)

    def _handle(
        self,
        message: Message,
        subscription: Subscription,
        claim: MessageClaim | ParkedClaim,
        waited: Waiting | None = None,
    ) -> Outcome:
        with correlated(message.correlation_id):
            return self._counted(message, self._outcome(message, subscription, claim, waited))

    def _outcome(
        self,
        message: Message,
        subscription: Subscription,
        claim: MessageClaim | ParkedClaim,
        waited: Waiting | None,
    ) -> Outcome:
        try:
            event = decode(subscription.event_class, message.body)
            command = subscription.command(event)
            self.runner.run(subscription.handler, command, caller=desk_itself(message.desk_id), claim=claim)
            return Outcome.DONE
        except AlreadyDone:
            return Outcome.REPEATED
        except TooEarly as early:
            if waited is not None and self.runner.clock.now() - waited.since > self.parked_limit:
                return self._bury(message, f"It waited too long for {early.waiting_for}.")
            return self._park(message, early.waiting_for, waited.since if waited else None)
        except Undecodable as error:
            return self._bury(message, str(error))
        except DataError:
            return self._bury(message, _UNSTORABLE)
        except LostRace:
            # The message is as good as it was: the bus brings it again.
            raise
        except DomainError as error:
            return self._bury(message, error.detail)

    def _park(self, message: Message, waiting_for: str, since: datetime | None) -> Outcome:
        self.runner.run(_park, Park(message, waiting_for, since), caller=desk_itself(message.desk_id))
        log.info(
            "parked",
            service=self.runner.service,
            message=message.message_id,
            type=message.type,
            waiting_for=waiting_for,
        )
        return Outcome.PARKED

    def _bury(self, message: Message, reason: str) -> Outcome:
        with correlated(message.correlation_id):
            if not self.runner.run(_bury, Bury(message, reason), caller=desk_itself(message.desk_id)):
                return Outcome.REPEATED
            metrics.DEAD_LETTERS.labels(self.runner.service).inc()
            log.error(
                "dead letter",
                service=self.runner.service,
                message=message.message_id,
                type=message.type,
                origin=message.origin,
                reason=reason,
            )
        return Outcome.DEAD

    def _within_limit(self, outcome: Outcome) -> Outcome:
        if outcome is Outcome.DEAD:
            with reading(self.runner.sessions) as session:
                dead_letters.check_limit(
                    session, self.runner.clock.now(), limit=self.dead_letter_limit, window=self.dead_letter_window
                )
        return outcome

    def _counted(self, message: Message, outcome: Outcome) -> Outcome:
        metrics.MESSAGES.labels(self.runner.service, message.type, outcome.value).inc()
        return outcome


def _park(command: Park, uow: UnitOfWork) -> None:
    since = command.since or uow.now
    inbox.park(uow.session, command.message, command.waiting_for, uow.now, since=since)


def _bury(command: Bury, uow: UnitOfWork) -> bool:
    if not inbox.bury(uow.session, command.message, uow.now):
        return False
    dead_letters.keep(
        uow.session, uow.topic, command.message, command.reason, uow.now, published_as=f"dead/{uow.new_id()}"
    )
    return True


def _exhume(command: Exhume, uow: UnitOfWork) -> None:
    inbox.forget(uow.session, command.message_id)


def _note_replay(command: NoteReplay, uow: UnitOfWork) -> None:
    dead_letters.mark_replayed(uow.session, command.message_id, uow.now)
