"""A visit's course beside the door: asked about, missing, missed, cancelled, looked at."""

from datetime import timedelta

from sqlalchemy import select

from services.roster.commands.safety import SayNobodyCame
from services.roster.commands.visits import (
    AskComing,
    CancelVisit,
    FlagMissingCheckIn,
    FlagMissingCheckOut,
    MarkMissed,
    NoteSilence,
    SettleReview,
)
from services.roster.domain.alert import AlertKind, Severity
from services.roster.domain.severity import severity_of
from services.roster.domain.visit import Visit
from services.roster.domain.visit_terms import AWAITED, Flag, State
from services.roster.handlers.alerts import raise_alert, settle
from services.roster.handlers.booking import COMING_SILENT
from services.roster.handlers.door import own_visit
from services.roster.handlers.history import remember
from services.roster.handlers.tonight import refresh_tonight
from services.roster.queries.policies import policy_on
from services.roster.tables.visits import visits
from shared.contracts.roster_notices import (
    ComingAsked,
    VisitAtRisk,
)
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, Invalid

# How far ahead a carer who is held somewhere may miss the next visit.
_NEXT_WITHIN = timedelta(hours=6)
_OPEN_BEFORE = (
    AlertKind.MISSING_CHECK_IN,
    AlertKind.CARER_ABSENT,
    AlertKind.NOT_CONFIRMED,
    AlertKind.NEXT_AT_RISK,
)


def cancel_visit(command: CancelVisit, uow: UnitOfWork) -> Visit:
    """A rostered visit will not happen. Raises NotFound, Invalid, Conflict once it has begun or is over."""
    visit = uow.get(Visit, command.visit_id, lock=True)
    visit.cancel(command.by, uow.now)
    remember(uow, visit, "cancelled", by=command.by, reason=command.reason)
    settle(uow, visit.visit_id, *_OPEN_BEFORE, outcome="the visit was cancelled")
    refresh_tonight(uow, visit)
    return visit


def ask_coming(command: AskComing, uow: UnitOfWork) -> None:
    """Before a night the carer is asked whether they still come; silence is noticed in time to find cover."""
    visit = uow.get(Visit, command.visit_id, lock=True)
    if visit.state != State.ROSTERED or visit.coming_at is not None:
        return
    policy = policy_on(uow.session, uow.now.date())
    answer_by = visit.starts_at - timedelta(minutes=policy.coming_silent_minutes)
    uow.record(
        ComingAsked(
            desk_id=visit.desk_id,
            version=visit.version,
            visit_id=visit.visit_id,
            carer_id=visit.carer_id,
            start=visit.starts_at,
            end=visit.ends_at,
            answer_by=answer_by,
        )
    )
    remember(uow, visit, "coming-asked")
    uow.set_timer(COMING_SILENT, visit.visit_id, max(answer_by, uow.now))


def note_silence(command: NoteSilence, uow: UnitOfWork) -> None:
    """The carer did not say that they still come: the desk is told and cover is prepared."""
    visit = uow.get(Visit, command.visit_id, lock=True)
    if visit.coming_at is None and visit.flag(Flag.NOT_CONFIRMED):
        remember(uow, visit, "not-confirmed")
        raise_alert(uow, AlertKind.NOT_CONFIRMED, visit.visit_id, Severity.HIGH, visit=visit)
        _at_risk(visit, "not_confirmed", uow)
        refresh_tonight(uow, visit)


def flag_missing_check_in(command: FlagMissingCheckIn, uow: UnitOfWork) -> None:
    """The visit should have begun: somebody must ring."""
    visit = uow.get(Visit, command.visit_id, lock=True)
    if visit.flag(Flag.MISSING_CHECK_IN):
        remember(uow, visit, "missing-check-in")
        raise_alert(uow, AlertKind.MISSING_CHECK_IN, visit.visit_id, severity_of(visit), visit=visit)
        refresh_tonight(uow, visit)


def flag_missing_check_out(command: FlagMissingCheckOut, uow: UnitOfWork) -> None:
    """The visit should be over: somebody must ring, and the carer's next visit may need another."""
    visit = uow.get(Visit, command.visit_id, lock=True)
    policy = policy_on(uow.session, uow.now.date())
    if uow.now < visit.ends_at + timedelta(minutes=policy.missing_check_out_after_minutes):
        # The carer agreed to stay longer; another timer waits for the new end.
        return
    if visit.flag(Flag.MISSING_CHECK_OUT):
        remember(uow, visit, "missing-check-out")
        raise_alert(uow, AlertKind.MISSING_CHECK_OUT, visit.visit_id, severity_of(visit), visit=visit)
        protect_next(visit, uow)
        refresh_tonight(uow, visit)


def mark_missed(command: MarkMissed, uow: UnitOfWork) -> None:
    """Nobody checked in until long after the end."""
    visit = uow.get(Visit, command.visit_id, lock=True)
    if visit.miss():
        remember(uow, visit, "missed")
        raise_alert(uow, AlertKind.MISSED, visit.visit_id, Severity.HIGH, visit=visit)
        settle(uow, visit.visit_id, *_OPEN_BEFORE, outcome="the visit counts as missed")
        refresh_tonight(uow, visit)


def say_nobody_came(command: SayNobodyCame, uow: UnitOfWork) -> Visit:
    """Nobody has come to take the children over: escalation starts, and the carer's next visit is protected.

    Raises NotFound for another's visit, Conflict while it isn't running.
    """
    visit = own_visit(command.visit_id, command.carer_id, uow)
    if visit.state != State.STARTED:
        raise Conflict("The visit is not running.", code="not-checked-in")
    if visit.flag(Flag.NOBODY_CAME):
        remember(uow, visit, "nobody-came")
    raise_alert(uow, AlertKind.NOBODY_CAME, visit.visit_id, Severity.CRITICAL, visit=visit)
    protect_next(visit, uow)
    refresh_tonight(uow, visit)
    return visit


def protect_next(visit: Visit, uow: UnitOfWork) -> None:
    """A carer who is held at a visit may miss the next one: the desk is told of it, and cover is prepared."""
    following = uow.session.execute(
        select(visits.c.visit_id)
        .where(
            visits.c.carer_id == visit.carer_id,
            visits.c.visit_id != visit.visit_id,
            visits.c.state.in_([state.value for state in AWAITED]),
            visits.c.starts_at >= visit.starts_at,
            visits.c.starts_at <= max(visit.ends_at, uow.now) + _NEXT_WITHIN,
        )
        .order_by(visits.c.starts_at, visits.c.visit_id)
        .limit(1)
    ).scalar_one_or_none()
    if following is None:
        return
    held = uow.get(Visit, following, lock=True)
    if held.flag(Flag.NEXT_AT_RISK):
        remember(uow, held, "next-at-risk", because=str(visit.visit_id))
        facts = {"held_at_visit_id": str(visit.visit_id)}
        raise_alert(uow, AlertKind.NEXT_AT_RISK, held.visit_id, Severity.HIGH, visit=held, facts=facts)
        _at_risk(held, "held_elsewhere", uow)
        refresh_tonight(uow, held)


def settle_review(command: SettleReview, uow: UnitOfWork) -> Visit:
    """Somebody looked at how a visit was told. Raises NotFound, Conflict where nothing waits, Invalid without a word."""
    visit = uow.get(Visit, command.visit_id, lock=True)
    if visit.review is None:
        raise Conflict("Nothing of this visit waits to be looked at.", code="nothing-to-review")
    if not command.note:
        raise Invalid("Say in a few words what you found.", pointer="#/note")
    remember(uow, visit, "reviewed", of=visit.review, note=command.note)
    visit.review = None
    return visit


def _at_risk(visit: Visit, why: str, uow: UnitOfWork) -> None:
    uow.record(
        VisitAtRisk(
            desk_id=visit.desk_id,
            version=visit.version,
            visit_id=visit.visit_id,
            carer_id=visit.carer_id,
            why=why,
        )
    )
