"""A stranger meets the children before the first visit: asked for, skipped with consent or in an emergency, logged."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.request.commands.single_visits import Introduce, SkipIntroduction
from services.request.domain.care_request import CareRequest, RequestState
from services.request.domain.care_terms import Introduction, Mode
from services.request.domain.checks import local_day
from services.request.domain.family import Family
from services.request.domain.hours import Hours
from services.request.domain.introduction import Because, IntroductionState, MeetingTime, meeting_time
from services.request.domain.plan import Plan, Proposal
from services.request.domain.task import TaskKind
from services.request.domain.visit import Visit, VisitDetails, VisitKind, Wanted
from services.request.handlers.care_requests import Opened, change, locked, opened
from services.request.handlers.history import keep_waiver
from services.request.handlers.tasks import close_tasks, raise_task
from services.request.handlers.visit_states import settled_visits
from services.request.queries.changes import check_version
from services.request.queries.situation import Planning, planning
from services.request.tables import introduction_waivers, introductions, visit_progress, visits
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Invalid

INTRODUCE = "introduce"


def look_soon(uow: UnitOfWork, care_request_id: UUID, carer_id: UUID) -> None:
    """Look whether they have to meet once messages are quiet: what they said, in whatever order, is known then."""
    facts = {"care_request_id": str(care_request_id), "carer_id": str(carer_id)}
    uow.set_timer(INTRODUCE, f"{care_request_id}/{carer_id}", uow.now, **facts)


def look_soon_where_asked(uow: UnitOfWork, visit_id: UUID, carer_id: UUID) -> None:
    """A carer no longer has this visit: if a meeting was asked for, look whether it is still needed."""
    asked = uow.session.execute(
        select(introductions.c.care_request_id)
        .join(visits, visits.c.care_request_id == introductions.c.care_request_id)
        .where(visits.c.visit_id == visit_id, introductions.c.carer_id == carer_id)
    ).scalar_one_or_none()
    if asked is not None:
        look_soon(uow, asked, carer_id)


def introduce(command: Introduce, uow: UnitOfWork) -> None:
    """Ask for a first meeting with this carer if one is needed and there is time; call it off if it is needed no more."""
    request = uow.find(CareRequest, command.care_request_id, lock=True)
    if request is None or request.state != RequestState.OPEN:
        return
    family = uow.get(Family, request.family_id)
    strange = _visits_of_stranger(uow, request, command.carer_id)
    known = uow.one(introductions, care_request_id=request.care_request_id, carer_id=command.carer_id)
    meeting = request.visit(known.visit_id) if known is not None and known.visit_id else None
    if not strange or _waived(uow, request, strange, command.carer_id):
        _call_off(uow, request, family, meeting, command.carer_id)
        return
    if meeting is not None and meeting.removed_at is None:
        return
    planned = planning(uow.session, uow.caller.desk, uow.now, family, request.terms)
    when = meeting_time(strange[0].starts_at, uow.now, family.zone, planned.situation.policy)
    if when is None:
        _keep(uow, request, command.carer_id, IntroductionState.NOT_POSSIBLE, None, strange[0].visit_id)
        _ask_the_family(uow, request, command.carer_id, strange[0])
        return
    added = Plan(kept={}, added=[_meeting(family, strange[0], when, command.carer_id)])
    (visit,) = _change(uow, request, planned, added, "introduction")
    _keep(uow, request, command.carer_id, IntroductionState.ASKED, visit.visit_id, strange[0].visit_id)


def skip_introduction(command: SkipIntroduction, uow: UnitOfWork) -> Opened:
    """The family says that no first meeting is needed; who said so, and when, can be read back.

    Raises Conflict when the request changed meanwhile, Invalid for a consent said in the future.
    """
    request = locked(uow, command.care_request_id)
    request.check_open()
    check_version(uow.session, request, command.version)
    if command.said_at > uow.now:
        raise Invalid("A consent can't have been given in the future.", pointer="#/said_at")
    keep_waiver(uow, request, command.carer_id, Because.CONSENT, command.said_by, command.said_at)
    family = uow.get(Family, request.family_id)
    settled = settled_visits(uow, request)
    if command.carer_id is None:
        terms = replace(request.terms, introduction=Introduction.WAIVED)
        kept = {visit.visit_id: _waived_visit(visit) for visit in request.ahead(uow.now, settled)}
    else:
        terms = request.terms
        theirs = _visits_of_stranger(uow, request, command.carer_id)
        kept = {visit.visit_id: _waived_visit(visit) for visit in theirs}
    planned = planning(uow.session, uow.caller.desk, uow.now, family, terms)
    proposal = replace(_as_it_is(request, Plan(kept=kept)), terms=terms)
    change(uow, request, proposal, planned, settled, what="introduction_skipped")
    for carer_id in _met_or_asked(uow, request, command.carer_id):
        look_soon(uow, request.care_request_id, carer_id)
    close_tasks(uow, request.care_request_id, TaskKind.AGREE_INTRODUCTION)
    return opened(request, uow, settled)


def took_place(uow: UnitOfWork, visit_id: UUID) -> None:
    """A visit was completed; if it was a first meeting, they know each other now."""
    uow.session.execute(
        update(introductions)
        .where(introductions.c.visit_id == visit_id)
        .values(state=IntroductionState.TOOK_PLACE, at=uow.now)
    )


def not_found(uow: UnitOfWork, visit_ids: Sequence[UUID]) -> None:
    """No carer takes these visits; where one was a first meeting, the family is asked what to do."""
    rows = uow.session.execute(
        select(introductions).where(
            introductions.c.visit_id.in_(visit_ids), introductions.c.state == IntroductionState.ASKED
        )
    ).all()
    for row in rows:
        request = uow.get(CareRequest, row.care_request_id)
        visit = request.visit(row.for_visit_id)
        if visit is not None:
            _ask_the_family(uow, request, row.carer_id, visit)


def _visits_of_stranger(uow: UnitOfWork, request: CareRequest, carer_id: UUID) -> list[Visit]:
    """The visits still to begin for which this carer is expected, without ever having met the children."""
    expected = set(
        uow.session.execute(
            select(visit_progress.c.visit_id)
            .join(visits, visits.c.visit_id == visit_progress.c.visit_id)
            .where(
                visits.c.care_request_id == request.care_request_id,
                visit_progress.c.assigned,
                visit_progress.c.stranger,
                visit_progress.c.matching_carer_id == carer_id,
            )
        ).scalars()
    )
    found = [
        visit
        for visit in request.visits
        if visit.visit_id in expected
        and visit.kind == VisitKind.CARE
        and visit.removed_at is None
        and visit.starts_at > uow.now
    ]
    return sorted(found, key=lambda visit: (visit.starts_at, visit.visit_id))


def _waived(uow: UnitOfWork, request: CareRequest, strange: Sequence[Visit], carer_id: UUID) -> bool:
    if request.terms.urgency is not None:
        if not _logged(uow, request, carer_id):
            keep_waiver(uow, request, carer_id, Because(request.terms.urgency), "", uow.now)
        return True
    return all(visit.details.introduction == Introduction.WAIVED for visit in strange)


def _logged(uow: UnitOfWork, request: CareRequest, carer_id: UUID) -> bool:
    found = uow.session.execute(
        select(introduction_waivers.c.waiver_id).where(
            introduction_waivers.c.care_request_id == request.care_request_id,
            introduction_waivers.c.carer_id == carer_id,
        )
    ).first()
    return found is not None


def _call_off(uow: UnitOfWork, request: CareRequest, family: Family, meeting: Visit | None, carer_id: UUID) -> None:
    close_tasks(uow, request.care_request_id, TaskKind.AGREE_INTRODUCTION)
    if meeting is None or meeting.removed_at is not None or meeting.starts_at <= uow.now:
        return
    if meeting.visit_id in settled_visits(uow, request):
        return
    planned = planning(uow.session, uow.caller.desk, uow.now, family, request.terms)
    _change(uow, request, planned, Plan(kept={}, removed=[meeting.visit_id]), "introduction_called_off")
    _keep(uow, request, carer_id, IntroductionState.NOT_NEEDED, None, meeting.visit_id)


def _change(uow: UnitOfWork, request: CareRequest, planned: Planning, plan: Plan, what: str) -> list[Visit]:
    settled = settled_visits(uow, request)
    return change(uow, request, _as_it_is(request, plan), planned, settled, what=what)


def _as_it_is(request: CareRequest, plan: Plan) -> Proposal:
    return Proposal(
        terms=request.terms,
        patterns=request.patterns,
        planned_through=request.planned_through,
        goes_on=request.goes_on,
        plan=plan,
    )


def _meeting(family: Family, first: Visit, when: MeetingTime, carer_id: UUID) -> Wanted:
    on = local_day(when.start, family.zone)
    at_carers = first.mode == Mode.CARER_HOME
    return Wanted(
        hours=Hours(on=on, start=when.start, end=when.end, clock_change=False),
        zone=family.zone,
        mode=Mode.FAMILY_HOME.value if first.mode == Mode.EITHER else first.mode,
        child_ids=tuple(first.child_ids),
        skills=(),
        place_id=None if at_carers else family.home_on(on).place_id,
        shared_care_id=None,
        kind=VisitKind.INTRODUCTION,
        details=VisitDetails(
            only_carer_ids=(carer_id,),
            flexible_before_minutes=when.flexible_minutes,
            flexible_after_minutes=when.flexible_minutes,
        ),
    )


def _waived_visit(visit: Visit) -> Wanted:
    wanted = visit.wanted()
    return replace(wanted, details=replace(wanted.details, introduction=Introduction.WAIVED.value))


def _met_or_asked(uow: UnitOfWork, request: CareRequest, carer_id: UUID | None) -> list[UUID]:
    if carer_id is not None:
        return [carer_id]
    rows = uow.session.execute(
        select(introductions.c.carer_id).where(introductions.c.care_request_id == request.care_request_id)
    )
    return sorted(rows.scalars())


def _keep(
    uow: UnitOfWork,
    request: CareRequest,
    carer_id: UUID,
    state: IntroductionState,
    visit_id: UUID | None,
    for_visit_id: UUID,
) -> None:
    values: dict[str, Any] = {"state": state, "visit_id": visit_id, "for_visit_id": for_visit_id, "at": uow.now}
    uow.session.execute(
        upsert(introductions)
        .values(care_request_id=request.care_request_id, carer_id=carer_id, desk_id=uow.caller.desk, **values)
        .on_conflict_do_update(index_elements=["care_request_id", "carer_id"], set_=values)
    )


def _ask_the_family(uow: UnitOfWork, request: CareRequest, carer_id: UUID, visit: Visit) -> None:
    raise_task(
        uow,
        TaskKind.AGREE_INTRODUCTION,
        request.care_request_id,
        family_id=request.family_id,
        care_request_id=request.care_request_id,
        due_on=local_day(visit.starts_at, visit.zone),
        facts={"carer_id": str(carer_id), "visit_id": str(visit.visit_id)},
    )
