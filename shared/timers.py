"""Runs a service's due timers: each becomes a command on the one path."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event as Signal
from typing import Any
from uuid import UUID

from shared.auth.roles import desk_itself
from shared.commands import TRY_LATER, Handler, LostRace, Runner
from shared.db import timers as rows
from shared.db.engine import AWAY, glancing
from shared.db.inbox import AlreadyDone
from shared.db.timers import Due, TimerClaim
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import DomainError
from shared.telemetry.correlation import correlated
from shared.telemetry.logging import log_of

log = log_of(__name__)

BATCH = 50
# A wake-up comes with every timer set; this only bounds the wait should one be lost.
POLL_SECONDS = 5.0
RETRY_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class _Entry:
    handler: Handler[Any, Any]
    command: Callable[[Due], Any]


@dataclass(frozen=True, slots=True)
class DropTimer:
    """A timer whose command was refused has nothing left to do."""

    timer_id: UUID


@dataclass(frozen=True, slots=True)
class PostponeTimer:
    """A timer whose command broke is tried again later."""

    timer_id: UUID


class Timers:
    """What a service does when its time comes, by kind of timer."""

    def __init__(self) -> None:
        self._by_kind: dict[str, _Entry] = {}

    def on(self, kind: str, handler: Handler[Any, Any], command: Callable[[Due], Any]) -> None:
        """When a timer of this kind is due, run the command made of it."""
        if kind in self._by_kind:
            raise ValueError(f"There are two answers to the timer {kind}.")
        self._by_kind[kind] = _Entry(handler, command)

    def find(self, kind: str) -> _Entry | None:
        return self._by_kind.get(kind)


class TimerRunner:
    """Claims due timers one by one; another process's are left to it."""

    def __init__(self, runner: Runner, timers: Timers) -> None:
        self._runner = runner
        self._timers = timers

    def run_due(self) -> int:
        """Run what is due now, earliest first; says how many ran. One that breaks is postponed, one refused dropped."""
        return self._run_due()[0]

    def run(self, stop: Signal, wake: Signal, beat: Callable[[], None] = lambda: None) -> None:
        """Run due timers until told to stop."""
        while not stop.is_set():
            wake.clear()
            wait = POLL_SECONDS
            try:
                _, wait = self._run_due()
            except TRY_LATER as error:
                log.warning("timers wait", error=repr(error))
                stop.wait(1.0)
            beat()
            wake.wait(wait)

    def _run_due(self) -> tuple[int, float]:
        """How many ran, and in how many seconds the next is due, as far as is known."""
        ran = 0
        while True:
            now = self._runner.clock.now()
            with glancing(self._runner.sessions) as session:
                upcoming = rows.upcoming_timers(session, now, BATCH)
            due = [timer for timer in upcoming if timer.due_at <= now]
            moved = sum(self._run_one(timer) for timer in due)
            ran += moved
            if len(due) == BATCH and moved:
                continue
            if moved < len(due):
                # Another process holds it, or it broke: it may be there again in a moment.
                return ran, RETRY_SECONDS
            next_at = next((timer.due_at for timer in upcoming if timer.due_at > now), None)
            seconds = (next_at - self._runner.clock.now()).total_seconds() if next_at else POLL_SECONDS
            return ran, min(max(seconds, 0.0), POLL_SECONDS)

    def _run_one(self, due: Due) -> int:
        with correlated(due.correlation_id):
            return self._run_correlated(due)

    def _run_correlated(self, due: Due) -> int:
        entry = self._timers.find(due.kind)
        caller = desk_itself(due.desk_id)
        try:
            if entry is None:
                raise LookupError(f"No answer to the timer {due.kind}.")
            self._runner.run(entry.handler, entry.command(due), caller=caller, claim=TimerClaim(due))
            return 1
        except AlreadyDone:
            return 0
        except AWAY:
            raise
        except LostRace as error:
            log.warning("timer lost a race", kind=due.kind, key=due.key, reason=error.detail)
            self._runner.run(_postpone, PostponeTimer(due.timer_id), caller=caller)
            return 0
        except DomainError as error:
            log.warning("timer refused", kind=due.kind, key=due.key, reason=error.detail)
            self._runner.run(_drop, DropTimer(due.timer_id), caller=caller)
            return 1
        except Exception as error:
            log.error("timer broke", kind=due.kind, key=due.key, exc_info=error)
            self._runner.run(_postpone, PostponeTimer(due.timer_id), caller=caller)
            return 0


def _drop(command: DropTimer, uow: UnitOfWork) -> None:
    rows.drop(uow.session, command.timer_id)


def _postpone(command: PostponeTimer, uow: UnitOfWork) -> None:
    rows.postpone(uow.session, command.timer_id, uow.now)
