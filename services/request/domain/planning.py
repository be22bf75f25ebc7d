"""From what a family asks for to the visits it means: pure, so that a change can be looked at before it is made."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from services.request.domain.care_request import CareRequest
from services.request.domain.care_terms import CareTerms, LegKind, check_legs_reached, details_of
from services.request.domain.checks import local_day
from services.request.domain.hours import (
    Hours,
    OneOff,
    check_apart,
    check_pattern,
    one_off_hours,
    overlaps,
    pattern_hours,
)
from services.request.domain.plan import Plan, Proposal, paired
from services.request.domain.policy import Policy
from services.request.domain.visit import Visit, VisitKind, Wanted, asked_first
from shared.domain.errors import Conflict, Invalid
from shared.domain.pattern import Holidays, WeeklyPattern

MOST_VISITS = 500

Setting = Callable[[date], tuple[UUID | None, UUID | None]]
"""At which place a visit of a day is, and which shared care it belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What visits are planned in: the home's clock, the desk's choices, its country's limits and its days off.

    `school_known_through` is the last day of which the desk knows whether schools are open; None is not at all.
    """

    now: datetime
    zone: str
    policy: Policy
    longest_minutes: Callable[[date], int]
    holidays: Callable[[date, date], Holidays]
    school_known_through: date | None
    setting: Setting

    @property
    def today(self) -> date:
        return local_day(self.now, self.zone)

    @property
    def horizon(self) -> date:
        return self.today + timedelta(weeks=self.policy.weeks_ahead)

    def earliest(self, urgent: bool) -> datetime:
        # An emergency is written down while the carer may be on the way already.
        return self.now - timedelta(minutes=self.policy.urgent_grace_minutes if urgent else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a family asks for: single visits, patterns, or both; what is None stays as it is when a request changes.

    With `period` the single visits replace only those that start on its days.
    """

    visits: tuple[OneOff, ...] | None = None
    patterns: tuple[WeeklyPattern, ...] | None = None
    period: tuple[date, date] | None = None


NOTHING_ASKED = Asked()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changes in a request: its terms, what is asked for, one visit's hours, visits given up."""

    terms: CareTerms
    asked: Asked = NOTHING_ASKED
    visit_id: UUID | None = None
    visit: OneOff | None = None
    removed_visit_ids: tuple[UUID, ...] = ()


def opening(terms: CareTerms, asked: Asked, situation: Situation) -> Proposal:
    """All visits known so far. Raises Invalid for what can't be right, naming the field."""
    visits, patterns = asked.visits or (), asked.patterns or ()
    if not visits and not patterns and terms.provisional is None:
        raise Invalid("Ask for visits, for patterns, or say what is known of a provisional need.", pointer="#/visits")
    listed = _listed_hours(visits, situation, situation.earliest(terms.urgent))
    for number, pattern in enumerate(patterns):
        _check_pattern(pattern, number, situation, situation.today)
    through, goes_on = _reach(patterns, terms, situation)
    planned = _pattern_hours(patterns, situation, through)
    if patterns and not goes_on and not planned:
        raise Invalid("No visit lies in this pattern: check its days and its weeks.", pointer="#/patterns/0")
    wanted = [_wanted(each, terms, situation, listed=True) for each in listed]
    wanted += [_wanted(each, terms, situation, listed=False) for each in planned]
    wanted.sort(key=lambda each: (each.hours.start, each.hours.end))
    _check(wanted, terms, situation)
    if terms.shared_care_id is not None and wanted and wanted[0].shared_care_id is None:
        raise Invalid("The shared care is not in force on the day of the first visit.", pointer="#/shared_care_id")
    return Proposal(
        terms=terms,
        patterns=patterns,
        planned_through=through if patterns else None,
        goes_on=goes_on,
        plan=Plan(kept={}, added=wanted),
    )


def amending(
    request: CareRequest,
    change: Change,
    situation: Situation,
    *,
    settled: frozenset[UUID],
    carers: Mapping[UUID, UUID],
) -> Proposal:
    """What the change makes of the visits ahead. `carers` are those who have a visit now: if it moves, they are asked first.

    Raises Conflict when what should change has begun, Invalid for what can't be right, naming the field.
    """
    ahead = request.ahead(situation.now, settled)
    by_id = {visit.visit_id: visit for visit in ahead}
    for number, visit_id in enumerate(change.removed_visit_ids):
        if visit_id not in by_id:
            raise _not_ahead(request, visit_id, f"#/removed_visit_ids/{number}")
    staying = [visit for visit in ahead if visit.visit_id not in change.removed_visit_ids]
    patterns = change.asked.patterns if change.asked.patterns is not None else request.patterns
    through, goes_on = _reach(patterns, change.terms, situation)
    replaced, wanted = _replaced(request, change, situation, staying, patterns, through)
    plan = paired(replaced, wanted)
    kept = {
        visit.visit_id: _as_now(request, visit, change.terms, situation) for visit in staying if visit not in replaced
    }
    if change.visit_id is not None:
        kept[change.visit_id] = _moved(request, change, situation, by_id)
    kept |= plan.kept
    plan = replace(
        plan,
        kept={visit_id: _first_to_theirs(by_id[visit_id], each, carers) for visit_id, each in kept.items()},
        removed=[*plan.removed, *dict.fromkeys(change.removed_visit_ids)],
    )
    _check([*plan.kept.values(), *plan.added], change.terms, situation)
    as_before = change.asked.patterns is None
    return Proposal(
        terms=change.terms,
        patterns=patterns,
        planned_through=request.planned_through if as_before else through if patterns else None,
        goes_on=request.goes_on if as_before else goes_on,
        plan=plan,
    )


def extending(request: CareRequest, situation: Situation) -> Proposal | None:
    """The visits between the day patterns were planned through and the one they reach now; None where there is none.

    A visit that was moved into these days by hand stands there instead of the pattern's.
    """
    through, goes_on = _reach(request.patterns, request.terms, situation)
    if request.planned_through is None or through <= request.planned_through:
        return None
    taken = [(visit.starts_at, visit.ends_at) for visit in request.visits if visit.removed_at is None]
    found = _pattern_hours(request.patterns, situation, through, after=request.planned_through)
    added = [_wanted(each, request.terms, situation, listed=False) for each in found if not overlaps(each, taken)]
    return Proposal(
        terms=request.terms,
        patterns=request.patterns,
        planned_through=through,
        goes_on=goes_on,
        plan=Plan(kept={}, added=added),
    )


def replanning(request: CareRequest, situation: Situation, settled: frozenset[UUID]) -> Plan:
    """The visits ahead at the place they have now: the home moved, or the sharing changed."""
    ahead = request.ahead(situation.now, settled)
    return Plan(kept={visit.visit_id: _as_now(request, visit, request.terms, situation) for visit in ahead})


def _replaced(
    request: CareRequest,
    change: Change,
    situation: Situation,
    staying: Sequence[Visit],
    patterns: Sequence[WeeklyPattern],
    through: date,
) -> tuple[list[Visit], list[Wanted]]:
    """The visits that what is asked now stands instead of, and what is asked."""
    replaced: list[Visit] = []
    wanted: list[Wanted] = []
    asked, terms = change.asked, change.terms
    if asked.visits is not None:
        replaced += [visit for visit in staying if visit.listed and _in_period(visit, asked.period)]
        if asked.visits and not patterns and not replaced and not staying and request.visits:
            raise Conflict("This visit has begun or is over: only the roster can change it now.", code="has-begun")
        # A visit that is late already may keep its start.
        earliest = min([situation.earliest(terms.urgent), *(visit.starts_at for visit in replaced)])
        hours = _listed_hours(asked.visits, situation, earliest)
        _check_in_period(hours, asked.period)
        wanted += [_wanted(each, terms, situation, listed=True) for each in hours]
    if asked.patterns is not None:
        began = min([situation.today, *(pattern.starts_on for pattern in request.patterns)])
        for number, pattern in enumerate(asked.patterns):
            _check_pattern(pattern, number, situation, began)
        # A visit of a pattern that has begun stands as it was asked for.
        replaced += [visit for visit in staying if not visit.listed and visit.starts_at >= situation.now]
        given_up = _given_up(request, situation, change.removed_visit_ids)
        hours = [each for each in _pattern_hours(patterns, situation, through) if each.on not in given_up]
        wanted += [_wanted(each, terms, situation, listed=False) for each in hours]
    return replaced, wanted


def _moved(request: CareRequest, change: Change, situation: Situation, by_id: Mapping[UUID, Visit]) -> Wanted:
    assert change.visit_id is not None
    visit = by_id.get(change.visit_id)
    if visit is None or visit.visit_id in change.removed_visit_ids:
        raise _not_ahead(request, change.visit_id, "#/visit_id")
    if change.visit is None:
        raise Invalid("Say when this visit should be.", pointer="#/visit")
    earliest = min(situation.earliest(change.terms.urgent), visit.starts_at)
    hours = one_off_hours(change.visit, situation.zone, longest_minutes=situation.longest_minutes, earliest=earliest)
    return _shaped(request, visit, hours, change.terms, situation)


def _as_now(request: CareRequest, visit: Visit, terms: CareTerms, situation: Situation) -> Wanted:
    return _shaped(request, visit, visit.hours, terms, situation)


def _shaped(request: CareRequest, visit: Visit, hours: Hours, terms: CareTerms, situation: Situation) -> Wanted:
    """The visit at these hours under these terms; what only it has (a handover, an introduction skipped) stays."""
    place_id, shared_care_id = situation.setting(hours.on)
    if visit.kind == VisitKind.INTRODUCTION:
        return replace(visit.wanted(), hours=hours, place_id=place_id, shared_care_id=None)
    details = details_of(terms, hours, situation.zone)
    own = [leg for leg in visit.details.legs if leg.kind == LegKind.HANDOVER and hours.start <= leg.at <= hours.end]
    skipped = visit.details.introduction != request.terms.introduction and not request.terms.urgent
    details = replace(
        details,
        legs=(*details.legs, *own),
        ask_first_carer_ids=visit.details.ask_first_carer_ids or details.ask_first_carer_ids,
        introduction=visit.details.introduction if skipped else details.introduction,
    )
    return Wanted(
        hours=hours,
        zone=visit.zone,
        mode=terms.mode,
        child_ids=terms.child_ids,
        skills=terms.skills,
        place_id=place_id,
        shared_care_id=shared_care_id,
        kind=visit.kind,
        details=details,
        listed=visit.listed,
    )


def _wanted(hours: Hours, terms: CareTerms, situation: Situation, *, listed: bool) -> Wanted:
    place_id, shared_care_id = situation.setting(hours.on)
    return Wanted(
        hours=hours,
        zone=situation.zone,
        mode=terms.mode,
        child_ids=terms.child_ids,
        skills=terms.skills,
        place_id=place_id,
        shared_care_id=shared_care_id,
        kind=terms.kind,
        details=details_of(terms, hours, situation.zone),
        listed=listed,
    )


def _first_to_theirs(visit: Visit, wanted: Wanted, carers: Mapping[UUID, UUID]) -> Wanted:
    moves = (visit.starts_at, visit.ends_at) != (wanted.hours.start, wanted.hours.end)
    return asked_first(wanted, carers.get(visit.visit_id)) if moves else wanted


def _listed_hours(visits: Sequence[OneOff], situation: Situation, earliest: datetime) -> list[Hours]:
    if len(visits) > MOST_VISITS:
        raise Invalid(f"Ask for {MOST_VISITS} visits at a time at most.", pointer="#/visits")
    return [
        one_off_hours(
            each,
            situation.zone,
            longest_minutes=situation.longest_minutes,
            earliest=earliest,
            pointer=f"#/visits/{number}",
        )
        for number, each in enumerate(visits)
    ]


def _check_pattern(pattern: WeeklyPattern, number: int, situation: Situation, began: date) -> None:
    pointer = f"#/patterns/{number}"
    first = max(situation.today, pattern.starts_on)
    check_pattern(pattern, situation.longest_minutes(first), began, pointer)
    if pattern.asks_for_school_holidays and (situation.school_known_through or date.min) < first:
        raise Invalid(
            "This desk doesn't know yet when schools are closed then. Add the school holidays first.",
            pointer=f"{pointer}/school_holidays",
            code="school-holidays-unknown",
        )


def _reach(patterns: Sequence[WeeklyPattern], terms: CareTerms, situation: Situation) -> tuple[date, bool]:
    """The day patterns are planned through, and whether any of them has visits beyond it."""
    through = situation.horizon
    if any(pattern.asks_for_school_holidays for pattern in patterns):
        through = min(through, situation.school_known_through or situation.today)
    if terms.last_day is not None and terms.last_day <= through:
        return terms.last_day, False
    return through, any(_has_more(pattern, through, situation) for pattern in patterns)


def _has_more(pattern: WeeklyPattern, through: date, situation: Situation) -> bool:
    if pattern.ends_on is not None and pattern.ends_on <= through:
        return False
    if pattern.count is None or pattern.starts_on > through:
        return True
    days = pattern.days(pattern.starts_on, through, situation.holidays(pattern.starts_on, through))
    return sum(1 for _ in days) < pattern.count


def _pattern_hours(
    patterns: Sequence[WeeklyPattern], situation: Situation, through: date, after: date | None = None
) -> list[Hours]:
    """The visits of these patterns that are still to come, through a day, or after the day they were planned through."""
    first = situation.today if after is None else after + timedelta(days=1)
    found = []
    for pattern in patterns:
        since = min(first, pattern.starts_on) if pattern.count is not None else first
        holidays = situation.holidays(since - timedelta(days=1), through + timedelta(days=1))
        found += pattern_hours(pattern, situation.zone, first, through, holidays)
    return [each for each in found if after is not None or each.start >= situation.now]


def _given_up(request: CareRequest, situation: Situation, removed_now: Sequence[UUID]) -> frozenset[date]:
    """Days of the present patterns on which the family gave up its visit: other patterns don't bring them back."""
    gone = [visit for visit in request.visits if visit.removed_at is not None or visit.visit_id in removed_now]
    if not gone or not request.patterns:
        return frozenset()
    days = [visit.local_date for visit in gone]
    windows = {(visit.starts_at, visit.ends_at) for visit in gone}
    asked: list[Hours] = []
    for pattern in request.patterns:
        first = min(min(days), pattern.starts_on)
        holidays = situation.holidays(first - timedelta(days=1), max(days) + timedelta(days=1))
        asked += pattern_hours(pattern, situation.zone, min(days), max(days), holidays)
    kept = {visit.local_date for visit in request.visits if visit not in gone}
    return frozenset(each.on for each in asked if (each.start, each.end) in windows) - kept


def _check(wanted: Sequence[Wanted], terms: CareTerms, situation: Situation) -> None:
    care = [each for each in wanted if each.kind != VisitKind.INTRODUCTION]
    windows = [(each.hours.start, each.hours.end) for each in care]
    check_apart(windows, situation.zone, "#/visits" if any(each.listed for each in care) else "#/patterns")
    _check_days(care, situation.policy)
    check_legs_reached(terms, [each.details for each in care])
    if terms.hold_until is not None and any(each.hours.start <= situation.now for each in care):
        raise Invalid("A carer is kept free for a time still to come.", pointer="#/visits")


def _check_days(wanted: Iterable[Wanted], policy: Policy) -> None:
    count: dict[date, int] = {}
    for each in wanted:
        count[each.hours.on] = count.get(each.hours.on, 0) + 1
    for day, visits in count.items():
        if visits > policy.most_visits_a_day:
            raise Invalid(
                f"{visits} visits on {day.isoformat()} are more than a request may have on one day "
                f"({policy.most_visits_a_day}).",
                pointer="#/visits",
            )


def _in_period(visit: Visit, period: tuple[date, date] | None) -> bool:
    return period is None or period[0] <= visit.local_date <= period[1]


def _check_in_period(hours: Sequence[Hours], period: tuple[date, date] | None) -> None:
    if period is None:
        return
    if period[1] < period[0]:
        raise Invalid("The period's last day comes before its first.", pointer="#/period/until")
    for number, each in enumerate(hours):
        if not period[0] <= each.on <= period[1]:
            raise Invalid(
                f"{each.on.isoformat()} is not within the days this schedule is about.", pointer=f"#/visits/{number}"
            )


def _not_ahead(request: CareRequest, visit_id: UUID, pointer: str) -> Invalid | Conflict:
    if visit_id in {visit.visit_id for visit in request.visits}:
        return Conflict(f"The visit {visit_id} has begun, is over or was given up.", code="has-begun")
    return Invalid(f"{visit_id} is not a visit of this request.", pointer=pointer)
