"""At the door: on the way, there, children who come and go, leaving; nothing here stops a carer for being late or offline."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from services.roster.commands.visits import CheckIn, CheckOut, ConfirmComing, NoteChild, SetOut, WriteNote
from services.roster.domain.alert import AlertKind, Severity
from services.roster.domain.attendance import Report, check_not_long_before, graded, reported_at
from services.roster.domain.carer import Mode
from services.roster.domain.visit import Visit
from services.roster.domain.visit_terms import Leaving, State
from services.roster.handlers.alerts import raise_alert, settle
from services.roster.handlers.booking import COMING_SILENT, MISSING_CHECK_OUT
from services.roster.handlers.ending import after_the_end
from services.roster.handlers.history import remember
from services.roster.handlers.presence import too_many_at
from services.roster.handlers.tonight import refresh_tonight
from services.roster.handlers.travel import way_from_last
from services.roster.queries.policies import policy_on
from services.roster.tables.copies import assignments
from services.roster.tables.visits import handover_notes
from shared.contracts.roster import Presence
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, Invalid, NotFound

# A check-in that is older than this was made without a network: the children have long been there.
_OFFLINE = timedelta(minutes=5)
_LONGEST_NOTE = 2000


def confirm_coming(command: ConfirmComing, uow: UnitOfWork) -> Visit:
    """The carer says that they still come. Raises NotFound for another's visit, Conflict for one that isn't awaited."""
    visit = own_visit(command.visit_id, command.carer_id, uow)
    if visit.confirm_coming(uow.now):
        remember(uow, visit, "coming")
        _answered(visit, uow)
    return visit


def set_out(command: SetOut, uow: UnitOfWork) -> Visit:
    """The carer is on the way. Raises NotFound, Conflict; Invalid for a time still to come."""
    visit = own_visit(command.visit_id, command.carer_id, uow)
    policy = policy_on(uow.session, uow.now.date())
    at = reported_at(Report(received_at=uow.now, happened_at=command.happened_at), policy)
    minutes = way_from_last(visit, at, policy, uow).minutes
    if visit.set_out(at, at + timedelta(minutes=minutes)):
        remember(uow, visit, "on-the-way", happened_at=at.isoformat())
        _answered(visit, uow)
        refresh_tonight(uow, visit)
    return visit


def check_in(command: CheckIn, uow: UnitOfWork) -> Visit:
    """The carer is at the door, late, early or offline. The same moment told again changes nothing.

    Raises NotFound for another's visit, Invalid for a time still to come or absurdly early, Conflict for one called off
    or for another check-in, and at a childminder's where too many children would be there (unless they are: `anyway`).
    """
    visit = own_visit(command.visit_id, command.carer_id, uow)
    policy = policy_on(uow.session, uow.now.date())
    report = _report(command, uow)
    at = reported_at(report, policy)
    if visit.started_at is not None and _told_again(command, at, visit.started_at):
        return visit
    visit.check_may_start()
    check_not_long_before(at, visit.starts_at, policy)
    too_many = too_many_at(visit, at, uow) if visit.mode == Mode.CARER_HOME else None
    if too_many is not None and not command.anyway and uow.now - at < _OFFLINE:
        raise Conflict(
            f"With these children there would be {too_many.children} where {too_many.most} are allowed "
            f"({too_many.cap.replace('_', ' ')}). Source: {too_many.source}. Ring the desk; if they are there already, "
            "say so and check in anyway.",
            code="too-many-children",
        )
    how = graded(report, at, visit.starts_at, visit.latitude, visit.longitude, policy)
    visit.start(at, how)
    if too_many is not None:
        facts = {"children": too_many.children, "most": too_many.most, "cap": too_many.cap}
        remember(uow, visit, "too-many-children", **facts)
        raise_alert(uow, AlertKind.TOO_MANY_CHILDREN, visit.visit_id, Severity.CRITICAL, visit=visit, facts=facts)
    late = timedelta(minutes=policy.missing_check_out_after_minutes)
    uow.set_timer(MISSING_CHECK_OUT, visit.visit_id, visit.ends_at + late)
    remember(uow, visit, "checked-in", happened_at=at.isoformat(), **how)
    _to_review(visit, how, "check_in", uow)
    settle(
        uow,
        visit.visit_id,
        AlertKind.MISSING_CHECK_IN,
        AlertKind.MISSED,
        AlertKind.NOT_CONFIRMED,
        AlertKind.NEXT_AT_RISK,
        outcome="the carer checked in",
    )
    refresh_tonight(uow, visit)
    return visit


def check_out(command: CheckOut, uow: UnitOfWork) -> Visit:
    """The carer leaves: the visit is completed with the time really cared. The same moment told again changes nothing.

    Raises NotFound for another's visit, Conflict before a check-in or for another check-out, Invalid for a time before it
    or still to come, or where nobody is named who took the children over.
    """
    visit = own_visit(command.visit_id, command.carer_id, uow)
    policy = policy_on(uow.session, uow.now.date())
    report = _report(command, uow)
    at = reported_at(report, policy)
    if visit.ended_at is not None and _told_again(command, at, visit.ended_at):
        return visit
    how = graded(report, at, visit.ends_at, visit.latitude, visit.longitude, policy)
    presences = _presences(visit, at, command.presences)
    visit.complete(Leaving(at=at, how=how, handed_to=command.handed_to, presences=presences))
    remember(uow, visit, "checked-out", happened_at=at.isoformat(), **how)
    _to_review(visit, how, "check_out", uow)
    if command.note:
        _write(visit, command.note, uow)
    after_the_end(uow, visit, policy)
    refresh_tonight(uow, visit)
    return visit


def note_child(command: NoteChild, uow: UnitOfWork) -> Visit:
    """A child came later, or was fetched earlier, than the visit. Raises NotFound, Invalid, Conflict."""
    if command.what not in ("came", "left"):
        raise Invalid("A child came or left.", pointer="#/what")
    visit = own_visit(command.visit_id, command.carer_id, uow)
    policy = policy_on(uow.session, uow.now.date())
    at = reported_at(Report(received_at=uow.now, happened_at=command.happened_at), policy)
    visit.note_child(command.child_id, command.what, at)
    remember(uow, visit, f"child-{command.what}", child_id=str(command.child_id), happened_at=at.isoformat())
    return visit


def write_note(command: WriteNote, uow: UnitOfWork) -> Visit:
    """A hand-over note for the family and for whoever comes next. Raises NotFound, Conflict before the visit began."""
    visit = own_visit(command.visit_id, command.carer_id, uow)
    if visit.state not in (State.STARTED, State.COMPLETED):
        raise Conflict("A note is written once the visit has begun.", code="not-begun")
    _write(visit, command.text, uow)
    return visit


def own_visit(visit_id: UUID, carer_id: UUID, uow: UnitOfWork) -> Visit:
    """The carer's own visit, held. Raises NotFound; Conflict while it is still being confirmed."""
    visit = uow.find(Visit, visit_id, lock=True)
    if visit is not None and visit.carer_id == carer_id:
        return visit
    assignment = uow.one(assignments, visit_id=visit_id)
    if assignment is not None and assignment.stands and assignment.carer_id == carer_id:
        raise Conflict("This visit is still being confirmed. Try again in a moment.", code="being-confirmed")
    raise NotFound(f"There is no visit {visit_id} of yours.")


def _told_again(command: CheckIn | CheckOut, at: datetime, known: datetime) -> bool:
    """The same moment, as the phone told it or as it was read: within a second where its clock had to be put right."""
    if command.happened_at is None:
        return False
    return command.happened_at == known or (command.sent_at is not None and abs(at - known) < timedelta(seconds=1))


def _answered(visit: Visit, uow: UnitOfWork) -> None:
    uow.cancel_timer(COMING_SILENT, visit.visit_id)
    settle(uow, visit.visit_id, AlertKind.NOT_CONFIRMED, outcome="the carer said that they come")


def _to_review(visit: Visit, how: dict[str, Any], which: str, uow: UnitOfWork) -> None:
    if how["grade"] == "review":
        visit.review = which


def _write(visit: Visit, text: str, uow: UnitOfWork) -> None:
    written = text.strip()
    if not written or len(written) > _LONGEST_NOTE:
        raise Invalid(f"A note has 1 to {_LONGEST_NOTE} characters.", pointer="#/note")
    uow.session.execute(
        insert(handover_notes).values(
            note_id=uow.new_id(),
            desk_id=uow.caller.desk,
            visit_id=visit.visit_id,
            family_id=visit.family_id,
            carer_id=visit.carer_id,
            text=written,
            written_at=uow.now,
        )
    )


def _presences(visit: Visit, at: datetime, told: tuple[Presence, ...]) -> tuple[Presence, ...]:
    """When children were there who came later or left earlier; what is told at the end is the latest word.

    Raises Invalid for another's child, or a time outside the visit.
    """
    if visit.started_at is None:
        return ()
    found = {each.child_id: each for each in visit.presences_between(visit.started_at, at)}
    for number, each in enumerate(told):
        pointer = f"#/presences/{number}"
        if each.child_id not in visit.child_ids:
            raise Invalid("This visit is not for that child.", pointer=f"{pointer}/child_id")
        if not visit.started_at <= each.start < each.end <= at:
            raise Invalid("A child is there between your check-in and your check-out.", pointer=pointer)
        if (each.start, each.end) == (visit.started_at, at):
            found.pop(each.child_id, None)
        else:
            found[each.child_id] = each
    return tuple(found[child_id] for child_id in sorted(found))


def _report(command: CheckIn | CheckOut, uow: UnitOfWork) -> Report:
    report = Report(
        received_at=uow.now,
        happened_at=command.happened_at,
        sent_at=command.sent_at,
        latitude=command.latitude,
        longitude=command.longitude,
        accuracy_metres=command.accuracy_metres,
    )
    if (report.latitude is None) != (report.longitude is None):
        # Half a position is none.
        return replace(report, latitude=None, longitude=None)
    return report
