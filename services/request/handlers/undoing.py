"""Taking back the last change of a request while nothing that can't be taken back has followed."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from services.request.commands.care_requests import UndoChange
from services.request.domain.care_request import CareRequest
from services.request.domain.family import Family
from services.request.domain.plan import Plan, Proposal
from services.request.domain.progress import VisitState
from services.request.domain.visit import Removal, Visit, Wanted, asked_first
from services.request.handlers import plans
from services.request.handlers.care_requests import (
    Opened,
    circumstances_of,
    locked,
    look_again,
    opened,
    placing,
    withdraw,
    written_down,
)
from services.request.handlers.visit_states import settled_visits
from services.request.queries.changes import VersionRead, check_version, versions, wanted_of
from services.request.queries.situation import planning
from services.request.tables import visit_history, visit_progress
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict

# What the program did by itself is not undone; the change of a person before it is no longer the last.
_BY_PEOPLE = ("amended", "withdrawn", "opened", "split", "introduction_skipped", "called_in")
_BEGUN = (VisitState.RUNNING, VisitState.COMPLETED, VisitState.MISSED)


def undo_change(command: UndoChange, uow: UnitOfWork) -> Opened:
    """Make the request what it was before its last change, as a new version; a request just opened is withdrawn.

    Visits that were removed come back under their own id, or, where the roster told their carer already, as new ones
    that are offered to that carer first. Raises NotFound for another family's, Conflict when the change is too long ago,
    was not a person's, or a visit of it has begun.
    """
    request = locked(uow, command.care_request_id, command.family_id)
    check_version(uow.session, request, command.version)
    family = uow.get(Family, request.family_id)
    family.check_here()
    planned = planning(uow.session, uow.caller.desk, uow.now, family, request.terms)
    last, before = _last_two(uow, request, timedelta(minutes=planned.situation.policy.undo_minutes))
    settled = settled_visits(uow, request)
    changed = _changed_in(uow, request, last.version)
    _check_not_begun(uow, changed)
    if before is None:
        withdraw(uow, request, because=Removal.UNDONE)
        return opened(request, uow)
    planned = planning(uow.session, uow.caller.desk, uow.now, family, before.terms)
    plan, replaced = _plan_back(uow, request, changed, settled, last.version)
    proposal = Proposal(
        terms=before.terms,
        patterns=before.patterns,
        planned_through=before.planned_through,
        goes_on=before.goes_on,
        plan=plan,
    )
    known, version = {visit.visit_id for visit in request.visits}, request.version
    placed = placing(uow, family, proposal, circumstances_of(uow, request), referred=request.referrer_id is not None)
    _replaced(uow, request, replaced)
    found = request.restore(proposal, places=planned.places, now=uow.now, new_id=uow.new_id, placing=placed)
    written_down(uow, request, found, known, version, Removal.UNDONE)
    look_again(uow, request, planned.situation)
    plans.watch(uow, request, family, planned.situation.policy)
    return opened(request, uow, settled)


def _last_two(uow: UnitOfWork, request: CareRequest, within: timedelta) -> tuple[VersionRead, VersionRead | None]:
    found = versions(uow.session, request.care_request_id, max(request.version - 2, 0))
    last = found[-1]
    if last.what not in _BY_PEOPLE or last.by_role is None:
        raise Conflict("The last change was not made by a person: there is nothing to undo.", code="nothing-to-undo")
    if last.at + within < uow.now:
        minutes = int(within.total_seconds()) // 60
        raise Conflict(
            f"A change can be undone for {minutes} minutes. Change the request again instead.", code="too-late-to-undo"
        )
    return last, found[-2] if len(found) > 1 else None


def _changed_in(uow: UnitOfWork, request: CareRequest, version: int) -> list[Visit]:
    rows = uow.session.execute(
        select(visit_history.c.visit_id).where(
            visit_history.c.care_request_id == request.care_request_id, visit_history.c.request_version == version
        )
    ).scalars()
    ids = set(rows)
    return [visit for visit in request.visits if visit.visit_id in ids]


def _check_not_begun(uow: UnitOfWork, changed: list[Visit]) -> None:
    begun = uow.session.execute(
        select(visit_progress.c.visit_id).where(
            visit_progress.c.visit_id.in_([visit.visit_id for visit in changed]),
            visit_progress.c.state.in_(_BEGUN),
        )
    ).first()
    if begun is not None or any(visit.starts_at <= uow.now for visit in changed if visit.removed_at is None):
        raise Conflict("A visit of this change has begun: it can't be undone any more.", code="has-begun")


def _plan_back(
    uow: UnitOfWork, request: CareRequest, changed: list[Visit], settled: frozenset[UUID], version: int
) -> tuple[Plan, list[UUID]]:
    """What makes the visits as they were, and those the roster let go, which come back under another id."""
    earlier = _before(uow, request, changed, version)
    carers = _carers_told(uow, changed)
    kept, added, removed, replaced = {}, [], [], []
    for visit in changed:
        wanted = earlier.get(visit.visit_id)
        if wanted is None:
            removed.append(visit.visit_id)
        elif visit.visit_id in settled:
            added.append(asked_first(wanted, carers.get(visit.visit_id)))
            replaced.append(visit.visit_id)
        elif wanted.hours.end > uow.now:
            kept[visit.visit_id] = asked_first(wanted, carers.get(visit.visit_id))
    return Plan(kept=kept, added=added, removed=removed), replaced


def _before(uow: UnitOfWork, request: CareRequest, changed: list[Visit], version: int) -> dict[UUID, Wanted]:
    rows = uow.session.execute(
        select(visit_history)
        .where(
            visit_history.c.visit_id.in_([visit.visit_id for visit in changed]),
            visit_history.c.request_version < version,
        )
        .order_by(visit_history.c.visit_id, visit_history.c.version)
    ).all()
    latest = {row.visit_id: row for row in rows}
    return {visit_id: wanted_of(row) for visit_id, row in latest.items() if row.removed is None}


def _carers_told(uow: UnitOfWork, changed: list[Visit]) -> Mapping[UUID, UUID]:
    rows = uow.session.execute(
        select(visit_progress.c.visit_id, visit_progress.c.roster_carer_id, visit_progress.c.matching_carer_id).where(
            visit_progress.c.visit_id.in_([visit.visit_id for visit in changed])
        )
    )
    return {
        row.visit_id: row.roster_carer_id or row.matching_carer_id
        for row in rows
        if row.roster_carer_id or row.matching_carer_id
    }


def _replaced(uow: UnitOfWork, request: CareRequest, visit_ids: list[UUID]) -> None:
    """A visit that comes back under another id is not counted twice."""
    for visit in request.visits:
        if visit.visit_id in visit_ids:
            visit.removed_because = Removal.REPLACED
