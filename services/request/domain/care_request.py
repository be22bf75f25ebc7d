"""What a family asks for: its visits, each with an id that never changes and a version that counts its changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.request.domain.family import NewId
from services.request.domain.hours import Hours, check_apart
from shared.contracts.request import (
    CareRequestAmended,
    CareRequestOpened,
    CareRequestWithdrawn,
    PlaceFacts,
    VisitTerms,
)
from shared.domain.aggregate import Aggregate
from shared.domain.errors import Conflict
from shared.domain.pattern import WeeklyPattern


class Kind(StrEnum):
    ONE_OFF = "one_off"
    WEEKLY = "weekly"


class RequestState(StrEnum):
    OPEN = "open"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one visit should be. `place` is None at the carer's home."""

    hours: Hours
    zone: str
    mode: str
    child_ids: tuple[UUID, ...]
    skills: tuple[str, ...]
    place: PlaceFacts | None
    shared_care_id: UUID | None


class Visit:
    """One stretch of care as asked for; what became of it is kept apart, as others say it."""

    visit_id: UUID
    desk_id: UUID
    care_request_id: UUID
    version: int
    local_date: date
    starts_at: datetime
    ends_at: datetime
    zone: str
    mode: str
    child_ids: list[UUID]
    skills: list[str]
    place_id: UUID | None
    shared_care_id: UUID | None
    clock_change: bool
    removed_at: datetime | None

    def __init__(self, visit_id: UUID, desk_id: UUID, wanted: Wanted) -> None:
        self.visit_id = visit_id
        self.desk_id = desk_id
        self.version = 1
        self.removed_at = None
        self._take(wanted)

    @property
    def hours(self) -> Hours:
        return Hours(on=self.local_date, start=self.starts_at, end=self.ends_at, clock_change=self.clock_change)

    def change(self, wanted: Wanted) -> bool:
        """Make it what is wanted now: a new version, unless it is that already."""
        before = self._said()
        self._take(wanted)
        if self._said() == before:
            return False
        self.version += 1
        return True

    def remove(self, now: datetime) -> None:
        """The family no longer wants it: its last version says so."""
        self.removed_at = now
        self.version += 1

    def terms(self, family_id: UUID, place: PlaceFacts | None) -> VisitTerms:
        """The visit as other services hear of it."""
        return VisitTerms(
            visit_id=self.visit_id,
            version=self.version,
            family_id=family_id,
            child_ids=tuple(self.child_ids),
            mode=self.mode,
            start=self.starts_at,
            end=self.ends_at,
            zone=self.zone,
            place=place,
            skills=tuple(self.skills),
            shared_care_id=self.shared_care_id,
            clock_change=self.clock_change,
        )

    def _take(self, wanted: Wanted) -> None:
        hours = wanted.hours
        self.local_date, self.starts_at, self.ends_at = hours.on, hours.start, hours.end
        self.clock_change = hours.clock_change
        self.zone, self.mode = wanted.zone, wanted.mode
        self.child_ids, self.skills = list(wanted.child_ids), list(wanted.skills)
        self.place_id = wanted.place.place_id if wanted.place else None
        self.shared_care_id = wanted.shared_care_id

    def _said(self) -> tuple[object, ...]:
        return (
            self.starts_at,
            self.ends_at,
            self.zone,
            self.mode,
            self.child_ids,
            self.skills,
            self.place_id,
            self.shared_care_id,
            self.clock_change,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an amendment makes of the visits still ahead: those kept by what they become, those added, those removed."""

    kept: Mapping[UUID, Wanted]
    added: Sequence[Wanted] = ()
    removed: Sequence[UUID] = ()


class CareRequest(Aggregate):
    """Guards the visits of one request. Its version counts what was said about it."""

    care_request_id: UUID
    desk_id: UUID
    family_id: UUID
    version: int
    kind: str
    state: str
    mode: str
    urgent: bool
    skills: list[str]
    child_ids: list[UUID]
    shared_care_id: UUID | None
    pattern: WeeklyPattern | None
    reason_id: UUID | None
    opened_at: datetime
    planned_through: date | None
    visits: list[Visit]

    def __init__(
        self,
        care_request_id: UUID,
        desk_id: UUID,
        family_id: UUID,
        *,
        mode: str,
        urgent: bool,
        skills: Sequence[str],
        child_ids: Sequence[UUID],
        shared_care_id: UUID | None,
        pattern: WeeklyPattern | None,
        planned_through: date | None,
        reason_id: UUID | None,
        wanted: Sequence[Wanted],
        now: datetime,
        new_id: NewId,
    ) -> None:
        """Open it with all visits known so far. Raises Invalid when two of them overlap."""
        self.care_request_id, self.desk_id, self.family_id = care_request_id, desk_id, family_id
        self.version = 1
        self.state = RequestState.OPEN
        self.mode, self.urgent = mode, urgent
        self.skills, self.child_ids = list(skills), list(child_ids)
        self.shared_care_id = shared_care_id
        self.ask_for(pattern, planned_through)
        self.reason_id = reason_id
        self.opened_at = now
        self.visits = [Visit(new_id(), desk_id, each) for each in wanted]
        self._check_apart(self.visits)
        self.record(
            CareRequestOpened(
                desk_id=desk_id,
                version=self.version,
                care_request_id=care_request_id,
                family_id=family_id,
                urgent=urgent,
                opened_at=now,
                visits=tuple(
                    visit.terms(family_id, each.place) for visit, each in zip(self.visits, wanted, strict=True)
                ),
            )
        )

    def ask_for(self, pattern: WeeklyPattern | None, planned_through: date | None) -> None:
        """Take the pattern, if it is one, with the last day it became visits for."""
        self.kind = Kind.WEEKLY if pattern else Kind.ONE_OFF
        self.pattern, self.planned_through = pattern, planned_through

    @property
    def goes_on(self) -> bool:
        """Whether the pattern has days left that have not become visits yet."""
        if self.pattern is None or self.planned_through is None:
            return False
        return self.pattern.ends_on is None or self.pattern.ends_on > self.planned_through

    def ahead(self, now: datetime, settled: frozenset[UUID]) -> list[Visit]:
        """The visits that may still be changed here: wanted, not over, and not yet in the roster's hands alone; in order."""
        found = [
            visit
            for visit in self.visits
            if visit.removed_at is None and visit.ends_at > now and visit.visit_id not in settled
        ]
        return sorted(found, key=lambda visit: (visit.starts_at, visit.visit_id))

    def check_open(self) -> None:
        """Raises Conflict for a request that was withdrawn."""
        if self.state != RequestState.OPEN:
            raise Conflict("This request was withdrawn. Open a new one.", code="withdrawn")

    def check_version(self, version: int | None) -> None:
        """Raises Conflict when somebody changed the request since the caller read it."""
        if version is not None and version != self.version:
            raise Conflict(
                f"Somebody changed this request: you saw version {version}, it is at {self.version}. "
                "Look at it again, then repeat.",
                code="changed-meanwhile",
            )

    def amend(self, plan: Plan, *, now: datetime, new_id: NewId, settled: frozenset[UUID]) -> list[Visit]:
        """Make the visits ahead what the plan says; those it doesn't touch keep their version. Returns what changed.

        Raises Conflict for a withdrawn request, Invalid when two visits would overlap. Nothing is said when nothing
        changed.
        """
        self.check_open()
        by_id = {visit.visit_id: visit for visit in self.visits}
        removed = [by_id[visit_id] for visit_id in plan.removed]
        for visit in removed:
            visit.remove(now)
        changed = [(by_id[visit_id], each) for visit_id, each in plan.kept.items() if by_id[visit_id].change(each)]
        added = [(Visit(new_id(), self.desk_id, each), each) for each in plan.added]
        self.visits.extend(visit for visit, _ in added)
        self._check_apart(self.ahead(now, settled))
        if not (removed or changed or added):
            return []
        self.version += 1
        self.record(
            CareRequestAmended(
                desk_id=self.desk_id,
                version=self.version,
                care_request_id=self.care_request_id,
                family_id=self.family_id,
                visits=tuple(visit.terms(self.family_id, each.place) for visit, each in changed + added),
                removed_visit_ids=tuple(visit.visit_id for visit in removed),
            )
        )
        return [visit for visit, _ in changed + added] + removed

    def withdraw(self, *, now: datetime, settled: frozenset[UUID]) -> list[Visit]:
        """The family wants none of the visits ahead. Returns them. Raises Conflict when it was withdrawn before."""
        self.check_open()
        removed = self.ahead(now, settled)
        for visit in removed:
            visit.remove(now)
        self.state = RequestState.WITHDRAWN
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

    def _check_apart(self, visits: Iterable[Visit]) -> None:
        windows = [(visit.starts_at, visit.ends_at) for visit in visits]
        if windows:
            check_apart(windows, self.visits[0].zone, "#/pattern/slots" if self.pattern else "#/visit")


def paired(ahead: Sequence[Visit], wanted: Sequence[Wanted]) -> Plan:
    """Which visit ahead becomes which wanted one: day by day, equal hours first, then in order of time.

    What is left over on a day is removed or added; one that is left over on each side is the same visit, moved.
    """
    kept: dict[UUID, Wanted] = {}
    free = dict(enumerate(wanted))
    for same in (_same_hours, _same_day):
        for visit in ahead:
            match = next((n for n, each in free.items() if visit.visit_id not in kept and same(visit, each)), None)
            if match is not None:
                kept[visit.visit_id] = free.pop(match)
    left = [visit.visit_id for visit in ahead if visit.visit_id not in kept]
    if len(left) == 1 and len(free) == 1:
        kept[left.pop()] = free.popitem()[1]
    return Plan(kept=kept, added=list(free.values()), removed=left)


def _same_hours(visit: Visit, wanted: Wanted) -> bool:
    return (visit.starts_at, visit.ends_at) == (wanted.hours.start, wanted.hours.end)


def _same_day(visit: Visit, wanted: Wanted) -> bool:
    return visit.local_date == wanted.hours.on
