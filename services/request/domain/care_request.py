"""What a family asks for: one request, its terms, its patterns and its visits. Its version counts what was said of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.request.domain.care_terms import CareTerms, PlanKind
from services.request.domain.family import NewId
from services.request.domain.hours import check_apart
from services.request.domain.plan import Plan, Proposal
from services.request.domain.visit import Places, Removal, Visit, VisitKind
from shared.contracts.request import CareRequestAmended, CareRequestOpened, CareRequestWithdrawn
from shared.domain.aggregate import Aggregate
from shared.domain.errors import Conflict
from shared.domain.pattern import WeeklyPattern


class RequestState(StrEnum):
    OPEN = "open"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """A request's place in the order that has been in force since that day."""

    priority: int
    order: date


class CareRequest(Aggregate):
    """Guards the visits of one request; every change is a new version, and touches only the visits that differ."""

    care_request_id: UUID
    desk_id: UUID
    family_id: UUID
    version: int
    state: str
    terms: CareTerms
    patterns: tuple[WeeklyPattern, ...]
    planned_through: date | None
    goes_on: bool
    priority: int
    priority_order: date
    referrer_id: UUID | None
    reason_id: UUID | None
    opened_at: datetime
    visits: list[Visit]
    # What lists are asked by; the terms hold the truth.
    mode: str
    urgency: str | None
    plan: str
    occasional: bool
    provisional: bool
    shared_care_id: UUID | None
    begins_on: date | None
    review_on: date | None
    expires_on: date | None

    def __init__(
        self,
        care_request_id: UUID,
        desk_id: UUID,
        family_id: UUID,
        proposal: Proposal,
        *,
        places: Places,
        placing: Placing,
        reason_id: UUID | None,
        referrer_id: UUID | None = None,
        now: datetime,
        new_id: NewId,
    ) -> None:
        """Open it with all visits known so far."""
        self.care_request_id, self.desk_id, self.family_id = care_request_id, desk_id, family_id
        self.version = 1
        self.state = RequestState.OPEN
        self.priority, self.priority_order = placing.priority, placing.order
        self.reason_id, self.referrer_id = reason_id, referrer_id
        self.opened_at = now
        self._take(proposal)
        self.visits = [Visit(new_id(), desk_id, each) for each in proposal.plan.added]
        self._look_whether_occasional()
        terms = self.terms
        self.record(
            CareRequestOpened(
                desk_id=desk_id,
                version=self.version,
                care_request_id=care_request_id,
                family_id=family_id,
                urgent=terms.urgent,
                urgency=terms.urgency,
                occasional=self.occasional,
                decides=terms.decides,
                may_take_part=terms.may_take_part,
                one_carer=terms.one_carer,
                priority=placing.priority,
                opened_at=now,
                visits=tuple(visit.terms(family_id, places) for visit in self.visits),
            )
        )

    def ahead(self, now: datetime, settled: frozenset[UUID]) -> list[Visit]:
        """The visits that may still be changed here: wanted, not over, and not yet in the roster's hands alone; in order."""
        found = [
            visit
            for visit in self.visits
            if visit.removed_at is None and visit.ends_at > now and visit.visit_id not in settled
        ]
        return sorted(found, key=lambda visit: (visit.starts_at, visit.visit_id))

    def visit(self, visit_id: UUID) -> Visit | None:
        """The visit of this id, removed ones too."""
        return next((visit for visit in self.visits if visit.visit_id == visit_id), None)

    def check_open(self) -> None:
        """Raises Conflict for a request that was withdrawn."""
        if self.state != RequestState.OPEN:
            raise Conflict("This request was withdrawn. Open a new one.", code="withdrawn")

    def amend(
        self,
        proposal: Proposal,
        *,
        places: Places,
        now: datetime,
        new_id: NewId,
        settled: frozenset[UUID],
        placing: Placing | None = None,
        anyway: frozenset[UUID] = frozenset(),
        because: str = Removal.AMENDED,
    ) -> list[Visit]:
        """Become what is proposed; visits it doesn't touch keep their version. Returns the visits that changed.

        `anyway` are visits that are said again though nothing of their own changed: a place they lead to moved. Raises
        Conflict for a withdrawn request, Invalid when two visits would overlap. Nothing is said when nothing changed.
        """
        self.check_open()
        before = (self.terms, self.patterns)
        self._take(proposal)
        changed = self._follow(proposal.plan, now, new_id, anyway, because)
        self._check_apart(self.ahead(now, settled))
        placed = self._place(placing)
        if not changed and before == (self.terms, self.patterns) and not placed:
            return []
        self._amended(changed, places)
        return changed

    def restore(
        self,
        proposal: Proposal,
        *,
        places: Places,
        now: datetime,
        new_id: NewId,
        placing: Placing,
        because: str = Removal.UNDONE,
    ) -> list[Visit]:
        """Be again what it was before its last change, as a new version; one that was withdrawn is open again."""
        self.state = RequestState.OPEN
        self._take(proposal)
        changed = self._follow(proposal.plan, now, new_id, frozenset(), because)
        self._place(placing)
        self._amended(changed, places)
        return changed

    def withdraw(self, *, now: datetime, settled: frozenset[UUID], because: str = Removal.WITHDRAWN) -> list[Visit]:
        """The family wants none of the visits ahead. Returns them. Raises Conflict when it was withdrawn before."""
        self.check_open()
        removed = self.ahead(now, settled)
        for visit in removed:
            visit.remove(now, because)
        self.state = RequestState.WITHDRAWN
        self.goes_on = False
        self.version += 1
        self.record(
            CareRequestWithdrawn(
                desk_id=self.desk_id,
                version=self.version,
                care_request_id=self.care_request_id,
                visit_ids=tuple(visit.visit_id for visit in removed),
            )
        )
        return removed

    def belong_to(self, family_id: UUID) -> None:
        """Be another family's request: the same household was registered twice."""
        self.family_id = family_id

    def _follow(self, plan: Plan, now: datetime, new_id: NewId, anyway: frozenset[UUID], because: str) -> list[Visit]:
        by_id = {visit.visit_id: visit for visit in self.visits}
        changed = [
            by_id[visit_id]
            for visit_id, wanted in plan.kept.items()
            if by_id[visit_id].change(wanted, anyway=visit_id in anyway)
        ]
        added = [Visit(new_id(), self.desk_id, wanted) for wanted in plan.added]
        self.visits.extend(added)
        removed = [by_id[visit_id] for visit_id in plan.removed]
        for visit in removed:
            visit.remove(now, because)
        self._look_whether_occasional()
        return changed + added + removed

    def _look_whether_occasional(self) -> None:
        """For a limited time or just once, however irregular its hours (1:R01)."""
        care = [visit for visit in self.visits if visit.kind != VisitKind.INTRODUCTION and visit.removed_at is None]
        self.occasional = self.plan != PlanKind.REGULAR or (not self.patterns and len(care) == 1)

    def _place(self, placing: Placing | None) -> bool:
        if placing is None or placing.priority == self.priority:
            return False
        self.priority, self.priority_order = placing.priority, placing.order
        return True

    def _amended(self, changed: Sequence[Visit], places: Places) -> None:
        self.version += 1
        terms = self.terms
        self.record(
            CareRequestAmended(
                desk_id=self.desk_id,
                version=self.version,
                care_request_id=self.care_request_id,
                family_id=self.family_id,
                visits=tuple(visit.terms(self.family_id, places) for visit in changed if visit.removed_at is None),
                removed_visit_ids=tuple(visit.visit_id for visit in changed if visit.removed_at is not None),
                priority=self.priority,
                decides=terms.decides,
                may_take_part=terms.may_take_part,
                one_carer=terms.one_carer,
            )
        )

    def _take(self, proposal: Proposal) -> None:
        terms = proposal.terms
        self.terms, self.patterns = terms, proposal.patterns
        self.planned_through, self.goes_on = proposal.planned_through, proposal.goes_on
        self.mode, self.urgency, self.plan = terms.mode, terms.urgency, terms.plan
        self.provisional = terms.provisional is not None
        self.shared_care_id = terms.shared_care_id
        starts = [pattern.starts_on for pattern in proposal.patterns]
        starts += [terms.provisional.starts_from] if terms.provisional else []
        self.begins_on = min(starts, default=None)
        self.review_on, self.expires_on = terms.review_on, terms.expires_on

    def _check_apart(self, visits: Iterable[Visit]) -> None:
        care = [visit for visit in visits if visit.kind != VisitKind.INTRODUCTION]
        windows = [(visit.starts_at, visit.ends_at) for visit in care]
        if windows:
            check_apart(windows, care[0].zone, "#/patterns" if self.patterns else "#/visits")
