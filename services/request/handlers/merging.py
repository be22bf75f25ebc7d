"""Two registrations of one household become one: nothing that happened is lost, and everybody hears of it."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from sqlalchemy import update

from services.request.commands.families import MergeFamilies
from services.request.domain.care_request import CareRequest
from services.request.domain.checks import local_day
from services.request.domain.family import Family
from services.request.domain.likeness import folded
from services.request.domain.plan import Plan, Proposal
from services.request.domain.task import TaskKind
from services.request.handlers.care_requests import change, open_requests
from services.request.handlers.families import FamilyKept, index, kept, shared_by, unindex
from services.request.handlers.tasks import close_tasks
from services.request.handlers.visit_states import settled_visits
from services.request.queries.situation import planning
from services.request.tables import (
    care_requests,
    circumstances,
    displacements,
    introduction_waivers,
    met_visits,
    other_care,
    reasons,
    referrals,
    sharing_consents,
    tasks,
)
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, Invalid

# Whose rows say whose family they are about, and nothing else about it.
_SAY_WHOSE = (
    circumstances,
    displacements,
    introduction_waivers,
    met_visits,
    other_care,
    reasons,
    referrals,
    sharing_consents,
    tasks,
)


def merge_families(command: MergeFamilies, uow: UnitOfWork) -> FamilyKept:
    """Keep `family_id`; all that was the other's is its own from now on: children, requests, sharing, history.

    A child that both know under the same first name and birthday is one child: visits ahead are for the one that stays;
    what is past keeps its own id. Raises NotFound, Invalid for a family merged with itself, Conflict when both have a
    part in one agreement to share.
    """
    if command.family_id == command.merged_family_id:
        raise Invalid("These are one and the same family.", pointer="#/merged_family_id")
    first, second = sorted((command.family_id, command.merged_family_id))
    both = {family_id: uow.get(Family, family_id, lock=True) for family_id in (first, second)}
    family, merged = both[command.family_id], both[command.merged_family_id]
    _check_sharing(uow, family, merged)
    requests = open_requests(uow, family_id=merged.family_id)
    same = _same_children(family, merged)
    family.absorb(merged, same)
    uow.session.flush()
    for table in _SAY_WHOSE:
        uow.session.execute(
            update(table).where(table.c.family_id == merged.family_id).values(family_id=family.family_id)
        )
    for child_id, same_id in same.items():
        uow.session.execute(update(other_care).where(other_care.c.child_id == child_id).values(child_id=same_id))
    _take_over_requests(uow, family, merged, requests, same)
    _take_over_sharing(uow, family, merged)
    unindex(uow, merged.family_id)
    index(uow, family)
    for each in (family, merged):
        close_tasks(uow, each.family_id, TaskKind.SAME_FAMILY)
    return kept(family)


def _same_children(family: Family, merged: Family) -> dict[UUID, UUID]:
    known = {(folded(child.first_name), child.born): child.child_id for child in family.children}
    return {
        child.child_id: known[(folded(child.first_name), child.born)]
        for child in merged.children
        if (folded(child.first_name), child.born) in known
    }


def _take_over_requests(
    uow: UnitOfWork, family: Family, merged: Family, requests: list[CareRequest], same: Mapping[UUID, UUID]
) -> None:
    for request in requests:
        request.belong_to(family.family_id)
    uow.session.flush()
    uow.session.execute(
        update(care_requests).where(care_requests.c.family_id == merged.family_id).values(family_id=family.family_id)
    )
    for request in requests:
        terms = replace(request.terms, child_ids=_now(request.terms.child_ids, same))
        planned = planning(uow.session, uow.caller.desk, uow.now, family, terms)
        settled = settled_visits(uow, request)
        kept_visits = {}
        for visit in request.ahead(uow.now, settled):
            place_id, shared_care_id = planned.situation.setting(visit.local_date)
            kept_visits[visit.visit_id] = replace(
                visit.wanted(),
                child_ids=_now(tuple(visit.child_ids), same),
                place_id=place_id if visit.place_id else None,
                shared_care_id=shared_care_id,
            )
        proposal = Proposal(
            terms=terms,
            patterns=request.patterns,
            planned_through=request.planned_through,
            goes_on=request.goes_on,
            plan=Plan(kept=kept_visits),
        )
        # Said again even where nothing of a visit changed: it is another family's now.
        change(uow, request, proposal, planned, settled, what="merged", anyway=frozenset(kept_visits))


def _check_sharing(uow: UnitOfWork, family: Family, merged: Family) -> None:
    own = {shared.shared_care_id for shared in shared_by(uow, family.family_id)}
    if own & {shared.shared_care_id for shared in shared_by(uow, merged.family_id)}:
        raise Conflict(
            "They share a carer with each other: end that agreement first, then merge them.",
            code="share-with-each-other",
        )


def _take_over_sharing(uow: UnitOfWork, family: Family, merged: Family) -> None:
    today = local_day(uow.now, family.zone)
    for shared in shared_by(uow, merged.family_id):
        host_id = shared.terms_on(today).host_family_id
        host = family if host_id == merged.family_id else uow.get(Family, host_id)
        shared.now_of(merged.family_id, family.family_id, place=host.home().facts(), today=today)


def _now(child_ids: tuple[UUID, ...], same: Mapping[UUID, UUID]) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(same.get(child_id, child_id) for child_id in child_ids))
