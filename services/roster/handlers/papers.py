"""Papers: added, looked at, withdrawn; reminders before they lapse, and what it touches when they do."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update

from services.roster.adapters.rule_packs import rules_on
from services.roster.commands.carers import AddPaper, CheckPaper, RemindOfPaper, TellPaperLapsed, WithdrawPaper
from services.roster.domain.alert import AlertKind, Severity
from services.roster.domain.credential import Paper, check_paper, lapses_at, next_reminder, renewal_due
from services.roster.handlers.alerts import raise_alert, settle
from services.roster.handlers.history import remember_carer
from services.roster.handlers.one_carer import locked_carer, tell_carer
from services.roster.handlers.turns import lock_person
from services.roster.queries.papers import visits_touched
from services.roster.tables.carers import carers, credentials
from services.roster.tables.copies import desks
from shared.contracts.roster_notices import (
    CredentialLapsing,
)
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, Invalid, NotFound

REMIND, LAPSE = "paper-reminder", "paper-lapsed"


def add_paper(command: AddPaper, uow: UnitOfWork) -> UUID:
    """Take a paper down. Raises NotFound, Invalid, Conflict for one that is there already."""
    check_paper(command.paper)
    lock_person(command.carer_id, uow)
    carer = locked_carer(command.carer_id, uow)
    known = uow.session.execute(
        select(credentials.c.credential_id).where(
            credentials.c.carer_id == command.carer_id,
            credentials.c.kind == command.paper.kind,
            credentials.c.number.is_not_distinct_from(command.paper.number),
            credentials.c.valid_from == command.paper.valid_from,
            credentials.c.valid_until.is_not_distinct_from(command.paper.valid_until),
            credentials.c.withdrawn_at.is_(None),
        )
    ).scalar_one_or_none()
    if known is not None:
        raise Conflict("This very paper is there already.", code="already-there")
    credential_id = keep_paper(command.carer_id, command.paper, carer.home["zone"], uow)
    remember_carer(uow, command.carer_id, "paper-added", kind=command.paper.kind, number=command.paper.number)
    if command.paper.checked:
        tell_carer(command.carer_id, uow)
    return credential_id


def check(command: CheckPaper, uow: UnitOfWork) -> UUID:
    """Somebody looked: from now on it counts, or doesn't. Raises NotFound, Conflict for one that was withdrawn."""
    lock_person(command.carer_id, uow)
    carer = locked_carer(command.carer_id, uow)
    paper = _paper(command.carer_id, command.credential_id, uow)
    uow.session.execute(
        update(credentials)
        .where(credentials.c.credential_id == command.credential_id)
        .values(found_good=command.found_good, **_checked(uow))
    )
    what = "paper-found-good" if command.found_good else "paper-found-wanting"
    remember_carer(uow, command.carer_id, what, kind=paper.kind, number=paper.number)
    if command.found_good:
        _watch(command.credential_id, paper.valid_until, carer.home["zone"], uow)
        # A renewal is the end of the alerts about the paper it follows.
        settle(
            uow,
            f"{command.carer_id}/{paper.kind}",
            AlertKind.PAPER_LAPSES,
            AlertKind.PAPER_LAPSED,
            outcome="a paper that follows it was found good",
        )
    tell_carer(command.carer_id, uow)
    return command.credential_id


def withdraw(command: WithdrawPaper, uow: UnitOfWork) -> UUID:
    """It counts no more; that it was there stays. Raises NotFound, Invalid without a reason."""
    if not command.reason:
        raise Invalid("Say why it no longer counts.", pointer="#/reason")
    lock_person(command.carer_id, uow)
    locked_carer(command.carer_id, uow)
    paper = _paper(command.carer_id, command.credential_id, uow)
    uow.session.execute(
        update(credentials).where(credentials.c.credential_id == command.credential_id).values(withdrawn_at=uow.now)
    )
    for timer in (REMIND, LAPSE):
        uow.cancel_timer(timer, command.credential_id)
    remember_carer(
        uow, command.carer_id, "paper-withdrawn", kind=paper.kind, number=paper.number, reason=command.reason
    )
    tell_carer(command.carer_id, uow)
    _alert_if_touched(command.carer_id, paper.kind, uow)
    return command.credential_id


def remind(command: RemindOfPaper, uow: UnitOfWork) -> None:
    """A paper lapses in so many days: the desk and the carer are told, unless a renewal was found good already."""
    paper = uow.one(credentials, credential_id=command.credential_id)
    if paper is None or not _still_matters(paper, uow):
        return
    carer = uow.one(carers, carer_id=paper.carer_id)
    uow.record(
        CredentialLapsing(
            desk_id=uow.caller.desk,
            version=command.days,
            credential_id=paper.credential_id,
            carer_id=paper.carer_id,
            kind=paper.kind,
            valid_until=paper.valid_until,
            days_left=command.days,
        )
    )
    raise_alert(
        uow,
        AlertKind.PAPER_LAPSES,
        f"{paper.carer_id}/{paper.kind}",
        Severity.LOW if command.days > 7 else Severity.MEDIUM,
        carer_id=paper.carer_id,
        facts={"kind": paper.kind, "valid_until": paper.valid_until.isoformat(), "days": command.days},
    )
    _remind_next(paper.credential_id, paper.valid_until, carer.home["zone"], uow)


def tell_lapsed(command: TellPaperLapsed, uow: UnitOfWork) -> None:
    """A paper has lapsed this minute: the desk sees which visits to come it touches."""
    paper = uow.one(credentials, credential_id=command.credential_id)
    if paper is None or not _still_matters(paper, uow):
        return
    remember_carer(uow, paper.carer_id, "paper-lapsed", kind=paper.kind, number=paper.number)
    _alert_if_touched(paper.carer_id, paper.kind, uow, always=True)


def keep_paper(carer_id: UUID, paper: Paper, zone: str, uow: UnitOfWork) -> UUID:
    """Take a paper down, looked at or not; the country may have it renewed sooner than it says itself."""
    credential_id = uow.new_id()
    until = _valid_until(paper, uow)
    uow.session.execute(
        insert(credentials).values(
            credential_id=credential_id,
            desk_id=uow.caller.desk,
            carer_id=carer_id,
            kind=paper.kind,
            number=paper.number,
            issuer=paper.issuer,
            valid_from=paper.valid_from,
            valid_until=until,
            training_hours=paper.training_hours,
            added_at=uow.now,
            **({"found_good": True, **_checked(uow)} if paper.checked else {}),
        )
    )
    if paper.checked:
        _watch(credential_id, until, zone, uow)
    return credential_id


def _watch(credential_id: UUID, valid_until: Any, zone: str, uow: UnitOfWork) -> None:
    if valid_until is None:
        return
    _remind_next(credential_id, valid_until, zone, uow)
    at = lapses_at(valid_until, zone)
    if at > uow.now:
        uow.set_timer(LAPSE, credential_id, at)


def _remind_next(credential_id: UUID, valid_until: Any, zone: str, uow: UnitOfWork) -> None:
    following = next_reminder(valid_until, zone, uow.now)
    if following is not None:
        at, days = following
        uow.set_timer(REMIND, credential_id, at, days=days)


def _still_matters(paper: Any, uow: UnitOfWork) -> bool:
    """Whether it counts and nothing that counts follows it."""
    if not paper.found_good or paper.withdrawn_at is not None:
        return False
    carer = uow.one(carers, carer_id=paper.carer_id)
    if carer is None or carer.left_on is not None:
        return False
    follows = select(credentials.c.credential_id).where(
        credentials.c.carer_id == paper.carer_id,
        credentials.c.kind == paper.kind,
        credentials.c.found_good,
        credentials.c.withdrawn_at.is_(None),
        (credentials.c.valid_until.is_(None)) | (credentials.c.valid_until > paper.valid_until),
    )
    return uow.session.execute(follows.limit(1)).first() is None


def _alert_if_touched(carer_id: UUID, kind: str, uow: UnitOfWork, *, always: bool = False) -> None:
    touched = [each for each in visits_touched(uow.session, carer_id, uow.now) if each.kind == kind]
    if touched or always:
        raise_alert(
            uow,
            AlertKind.PAPER_LAPSED,
            f"{carer_id}/{kind}",
            Severity.HIGH if touched else Severity.LOW,
            carer_id=carer_id,
            facts={"kind": kind, "visit_ids": [str(each.visit_id) for each in touched]},
        )


def _valid_until(paper: Paper, uow: UnitOfWork) -> Any:
    desk = uow.one(desks, desk_id=uow.caller.desk)
    if desk is None:
        return paper.valid_until
    today = uow.now.astimezone(ZoneInfo(desk.zone)).date()
    return renewal_due(paper, rules_on(desk.country, today).renewed_every_years)


def _checked(uow: UnitOfWork) -> dict[str, Any]:
    return {"checked_at": uow.now, "checked_by": uow.caller.account_id, "checked_name": uow.caller.name}


def _paper(carer_id: UUID, credential_id: UUID, uow: UnitOfWork) -> Any:
    paper = uow.session.execute(
        select(credentials)
        .where(credentials.c.credential_id == credential_id, credentials.c.carer_id == carer_id)
        .with_for_update()
    ).one_or_none()
    if paper is None:
        raise NotFound("There is no such paper of this carer.")
    if paper.withdrawn_at is not None:
        raise Conflict("This paper was withdrawn.", code="withdrawn")
    return paper
