"""The one path: every command of a route, a message or a timer runs here, and only here does anything commit."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

import psycopg.errors
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError

from shared.auth.roles import Caller
from shared.clock import CausedIds, Clock, Ids
from shared.db.engine import AWAY
from shared.db.idempotency import Answer, Answered, RequestClaim
from shared.db.inbox import AlreadyDone, TooEarly
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, DomainError
from shared.telemetry import metrics
from shared.telemetry.correlation import correlation_id
from shared.telemetry.logging import log_of

log = log_of(__name__)

C = TypeVar("C", contravariant=True)
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

ATTEMPTS = 8
_LOST_RACES = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)
_ROW_THERE = (psycopg.errors.UniqueViolation, psycopg.errors.ExclusionViolation)


class LostRace(Conflict):
    """Others were faster each time it was tried. Nothing is wrong with the command: the same may succeed later."""

    code = "lost-race"


# Nothing was done and nothing is wrong with what was asked: wait, then try the same again.
TRY_LATER = (*AWAY, LostRace)


class Handler(Protocol[C, R_co]):
    """Does what a command says, touching nothing but the unit of work: it may run twice."""

    def __call__(self, command: C, uow: UnitOfWork, /) -> R_co: ...


class Claim(Protocol):
    """What makes a command happen once: a message, a timer, an account's Idempotency-Key.

    `cause` is asked once it is taken; the ids of the command follow from it, so no two claims may have the same.
    """

    def take(self, session: Session, now: datetime) -> None: ...

    def cause(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs the commands of one service. `on_released` is called after a commit that released parked messages."""

    service: str
    sessions: sessionmaker[Session]
    clock: Clock
    ids: Ids
    on_released: Callable[[], None] = lambda: None

    def run(self, handler: Handler[C, R], command: C, *, caller: Caller, claim: Claim | None = None) -> R:
        """Do a command in one transaction and commit it; a lost race is tried again.

        Raises DomainError (nothing changed; LostRace when trying again didn't help), AlreadyDone or Answered (its
        claim was taken before), TooEarly.
        """
        result: R = self._observed(command, caller, lambda: self._retried(handler, command, caller, claim, None))
        return result

    def answer(
        self,
        handler: Handler[C, R],
        command: C,
        *,
        caller: Caller,
        claim: RequestClaim | None,
        present: Callable[[R], Answer],
        refuse: Callable[[DomainError], Answer],
    ) -> Answer:
        """Do a command for a caller over HTTP; what they are told is kept under their key in the same transaction.

        A refusal is kept as well, so that the same key always gets the same answer; a lost race is not one.
        """
        try:
            told: Answer = self._observed(
                command, caller, lambda: self._retried(handler, command, caller, claim, present)
            )
            return told
        except Answered as before:
            return before.answer
        except DomainError as error:
            refusal = refuse(error)
            if claim is None or isinstance(error, LostRace) or error.reason == "idempotency-key-reused":
                return refusal
            return self._keep_refusal(claim, caller, refusal)

    def _keep_refusal(self, claim: RequestClaim, caller: Caller, refusal: Answer) -> Answer:
        def keep(_: None, uow: UnitOfWork) -> Answer:
            return refusal

        try:
            told: Answer = self._retried(keep, None, caller, claim, lambda answer: answer)
            return told
        except Answered as before:
            return before.answer

    def _retried(
        self,
        handler: Handler[C, R],
        command: C,
        caller: Caller,
        claim: Claim | None,
        present: Callable[[R], Any] | None,
    ) -> Any:
        own_cause = f"command/{self.ids.new()}" if claim is None else ""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._once(handler, command, caller, claim, own_cause, present)
            except (StaleDataError, DBAPIError) as error:
                if not _is_lost_race(error):
                    raise
                if attempt == ATTEMPTS:
                    raise _refusal(error) from error
                time.sleep(0.005 * attempt)
        raise AssertionError("unreachable")

    def _once(
        self,
        handler: Handler[C, R],
        command: C,
        caller: Caller,
        claim: Claim | None,
        own_cause: str,
        present: Callable[[R], Any] | None,
    ) -> Any:
        with self.sessions() as session:
            now = self.clock.now()
            if claim is not None:
                _take(claim, session, now)
            cause = claim.cause() if claim is not None else own_cause
            uow = UnitOfWork(
                session,
                topic=self.service,
                caller=caller,
                now=now,
                ids=CausedIds(cause),
                correlation_id=correlation_id.get() or cause,
            )
            uow.open()
            result: Any = handler(command, uow)
            released = uow.finish()
            if present is not None:
                result = present(result)
            if isinstance(claim, RequestClaim):
                claim.keep(session, result)
            session.commit()
        if released:
            self.on_released()
        return result

    def _observed(self, command: object, caller: Caller, do: Callable[[], Any]) -> Any:
        name = type(command).__name__
        started = time.perf_counter()
        outcome = "broken"
        try:
            result = do()
            outcome = "done"
            return result
        except (AlreadyDone, Answered):
            outcome = "repeated"
            raise
        except (DomainError, TooEarly):
            outcome = "refused"
            raise
        finally:
            seconds = time.perf_counter() - started
            metrics.COMMANDS.labels(self.service, name, outcome).inc()
            metrics.COMMAND_SECONDS.labels(self.service, name).observe(seconds)
            log.info(
                "command",
                service=self.service,
                command=name,
                outcome=outcome,
                desk=str(caller.desk_id),
                role=caller.role,
                ms=round(seconds * 1000, 1),
            )


def _take(claim: Claim, session: Session, now: datetime) -> None:
    try:
        claim.take(session, now)
    except (AlreadyDone, Answered):
        # Nothing was written; after a rollback the connection would have to prepare all its statements again.
        session.commit()
        raise


def _is_lost_race(error: Exception) -> bool:
    """A row another command wrote first, or an order of locks that could not be: the second run sees the first's rows."""
    if isinstance(error, StaleDataError):
        return True
    original = getattr(error, "orig", None)
    return isinstance(original, (*_ROW_THERE, *_LOST_RACES))


def _refusal(error: Exception) -> Conflict:
    # A row that is still in the way after every try is the tables' own no, not bad luck.
    if isinstance(getattr(error, "orig", None), _ROW_THERE):
        return Conflict("Something else already stands where this would go. Look again, then decide.")
    return LostRace("Somebody else changed this at the same moment. Look again, then repeat.")
