"""What a request would be when it is opened or changed: used to look at it, and to do it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.request.commands.care_requests import AmendCareRequest, OpenCareRequest
from services.request.domain.care_request import CareRequest
from services.request.domain.care_terms import CareTerms, Introduction, check_terms
from services.request.domain.circumstances import Circumstances
from services.request.domain.family import Family
from services.request.domain.limits import with_last_lawful_day
from services.request.domain.plan import Proposal
from services.request.domain.planning import Change, amending, opening
from services.request.queries.situation import Planning, planning
from shared.domain.errors import Invalid


def opened(
    session: Session, desk_id: UUID, now: datetime, command: OpenCareRequest, family: Family
) -> tuple[Proposal, Planning]:
    """What a new request would be. Raises NotFound for a family that is gone, Invalid for what can't be right."""
    family.check_here()
    child_ids = tuple(family.children_named(command.child_ids))
    terms = CareTerms(child_ids=child_ids, mode=command.mode, **command.terms)
    checked_terms(terms, family)
    _check_skipped(terms, command, now)
    planned = planning(session, desk_id, now, family, terms)
    patterns = command.asked.patterns or ()
    first = min((pattern.starts_on for pattern in patterns), default=planned.situation.today)
    terms = with_last_lawful_day(terms, patterns, max(first, planned.situation.today), planned.limits)
    return opening(terms, command.asked, planned.situation), planned


def amended(
    session: Session,
    desk_id: UUID,
    now: datetime,
    command: AmendCareRequest,
    request: CareRequest,
    family: Family,
    settled: frozenset[UUID],
    carers: Mapping[UUID, UUID],
) -> tuple[Proposal, Planning]:
    """What a request would be after this change. Raises Conflict, Invalid for what can't be right."""
    changes = dict(command.terms)
    if "child_ids" in changes:
        changes["child_ids"] = tuple(family.children_named(changes["child_ids"]))
    terms = replace(request.terms, **changes)
    checked_terms(terms, family)
    asked = command.asked
    if asked.patterns is None and terms.last_day != request.terms.last_day and request.patterns:
        asked = replace(asked, patterns=request.patterns)
    planned = planning(session, desk_id, now, family, terms)
    what = Change(
        terms=terms,
        asked=asked,
        visit_id=command.visit_id,
        visit=command.visit,
        removed_visit_ids=command.removed_visit_ids,
    )
    return amending(request, what, planned.situation, settled=settled, carers=carers), planned


def checked_terms(terms: CareTerms, family: Family) -> None:
    """Raises Invalid for terms that can't be this family's."""
    places = [place.place_id for place in family.places]
    check_terms(terms, places=places, children=[child.child_id for child in family.children])


def circumstances_of(row: Any) -> Circumstances:
    """What the desk knows of why a request has its place; nothing once that was erased."""
    if row is None:
        return Circumstances()
    return Circumstances(
        need=row.need,
        occasional_reason=row.occasional_reason,
        vulnerable=row.vulnerable,
        no_alternative=row.no_alternative,
        working_or_training=row.working_or_training,
    )


def _check_skipped(terms: CareTerms, command: OpenCareRequest, now: datetime) -> None:
    pointer = "#/introduction_skipped"
    if terms.introduction == Introduction.WAIVED and command.skipped is None:
        raise Invalid("Say who agreed that no first meeting is needed, and when.", pointer=pointer)
    if command.skipped is not None and command.skipped.said_at > now:
        raise Invalid("A consent can't have been given in the future.", pointer=f"{pointer}/said_at")
