"""What becomes of each visit when a request changes: what doesn't change keeps its id, its version and its carer."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.request.domain.care_terms import CareTerms
from services.request.domain.visit import Visit, Wanted
from shared.domain.pattern import WeeklyPattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an amendment makes of the visits still ahead: those kept by what they become, those added, those removed."""

    kept: Mapping[UUID, Wanted]
    added: Sequence[Wanted] = ()
    removed: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a request would be: its terms and patterns, planned through which day, and what becomes of each visit.

    It `goes_on` when its patterns have visits beyond that day.
    """

    terms: CareTerms
    patterns: tuple[WeeklyPattern, ...]
    planned_through: date | None
    goes_on: bool
    plan: Plan


def paired(ahead: Sequence[Visit], wanted: Sequence[Wanted]) -> Plan:
    """Day by day, equal hours first, then in order of time.

    What is left over on a day is removed or added; one that is left over on each side is the same visit, moved.
    """
    kept: dict[UUID, Wanted] = {}
    free: dict[int, Wanted] = dict(enumerate(wanted))
    for place_of_visit, place_of_wanted in (
        (lambda visit: (visit.starts_at, visit.ends_at), lambda each: (each.hours.start, each.hours.end)),
        (lambda visit: visit.local_date, lambda each: each.hours.on),
    ):
        waiting: defaultdict[object, list[int]] = defaultdict(list)
        for number, each in free.items():
            waiting[place_of_wanted(each)].append(number)
        for visit in ahead:
            numbers = waiting.get(place_of_visit(visit), [])
            if visit.visit_id not in kept and numbers:
                kept[visit.visit_id] = free.pop(numbers.pop(0))
    left = [visit.visit_id for visit in ahead if visit.visit_id not in kept]
    if len(left) == 1 and len(free) == 1:
        kept[left.pop()] = free.popitem()[1]
    return Plan(kept=kept, added=list(free.values()), removed=left)
