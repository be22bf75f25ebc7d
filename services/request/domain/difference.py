"""What a change makes different, in a form that a person can read before they say yes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.request.domain.care_request import CareRequest
from services.request.domain.care_terms import CareTerms
from services.request.domain.plan import Proposal
from services.request.domain.visit import Wanted


class Becomes(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    CHANGED = "changed"
    KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitDifference:
    """A visit before and after; `carer_id` is who has it now, and is asked first if it moves."""

    becomes: Becomes
    visit_id: UUID | None = None
    start_before: datetime | None = None
    end_before: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    clock_change: bool = False
    carer_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TermDifference:
    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What is different; visits that stay as they are are only counted."""

    visits: tuple[VisitDifference, ...]
    kept: int
    terms: tuple[TermDifference, ...]
    patterns_change: bool = False


def between(request: CareRequest, proposal: Proposal, carers: Mapping[UUID, UUID]) -> Difference:
    """What a proposal would make of a request."""
    by_id = {visit.visit_id: visit.wanted() for visit in request.visits}
    found = [
        visit_difference(visit_id, by_id[visit_id], wanted, carers.get(visit_id))
        for visit_id, wanted in proposal.plan.kept.items()
    ]
    found += [visit_difference(None, None, wanted, None) for wanted in proposal.plan.added]
    found += [
        visit_difference(visit_id, by_id[visit_id], None, carers.get(visit_id)) for visit_id in proposal.plan.removed
    ]
    return Difference(
        visits=_in_order(each for each in found if each.becomes is not Becomes.KEPT),
        kept=sum(1 for each in found if each.becomes is Becomes.KEPT),
        terms=term_differences(request.terms, proposal.terms),
        patterns_change=request.patterns != proposal.patterns,
    )


def from_nothing(proposal: Proposal) -> Difference:
    """What a new request would add."""
    return Difference(
        visits=_in_order(visit_difference(None, None, wanted, None) for wanted in proposal.plan.added),
        kept=0,
        terms=(),
        patterns_change=bool(proposal.patterns),
    )


def visit_difference(
    visit_id: UUID | None, before: Wanted | None, after: Wanted | None, carer_id: UUID | None
) -> VisitDifference:
    """What becomes of one visit."""
    return VisitDifference(
        becomes=_becomes(before, after),
        visit_id=visit_id,
        start_before=before.hours.start if before else None,
        end_before=before.hours.end if before else None,
        start=after.hours.start if after else None,
        end=after.hours.end if after else None,
        clock_change=after.hours.clock_change if after else False,
        carer_id=carer_id,
    )


def term_differences(before: CareTerms, after: CareTerms) -> tuple[TermDifference, ...]:
    """The terms that differ, by name."""
    return tuple(
        TermDifference(name=each.name, before=getattr(before, each.name), after=getattr(after, each.name))
        for each in fields(CareTerms)
        if getattr(before, each.name) != getattr(after, each.name)
    )


def _becomes(before: Wanted | None, after: Wanted | None) -> Becomes:
    if before is None:
        return Becomes.ADDED
    if after is None:
        return Becomes.REMOVED
    if before == after:
        return Becomes.KEPT
    hours_before, hours_after = before.hours, after.hours
    same_hours = (hours_before.start, hours_before.end) == (hours_after.start, hours_after.end)
    return Becomes.CHANGED if same_hours else Becomes.MOVED


def _in_order(found: Iterable[VisitDifference]) -> tuple[VisitDifference, ...]:
    def first_instant(each: VisitDifference) -> datetime:
        instants = [at for at in (each.start_before, each.start) if at is not None]
        return min(instants)

    return tuple(sorted(found, key=first_instant))
