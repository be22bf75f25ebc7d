"""What the rules say of a request: the four limits that are four different things, and who is too young."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.request.domain.care_terms import CareTerms, PlanKind
from services.request.domain.checks import age_months
from services.request.domain.circumstances import Circumstances
from shared.domain.errors import Invalid
from shared.domain.pattern import WeeklyPattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The rules in force at a desk on a day, its own refinements included; None where there is no such rule."""

    minimum_age_months: int
    occasional_longest_months: int | None
    occasional_reasons: tuple[str, ...]
    notice_days: int | None
    programme_longest_days: int | None
    urgent_place_lead_months: int | None
    sources: dict[str, str]

    def source(self, code: str) -> str:
        return self.sources.get(code, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is worth knowing about a request before it is recorded: it may be, but this holds of it."""

    code: str
    sentence: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a request would run: when it is asked, its first and its last day; None is no last day."""

    asked_on: date
    first_day: date | None
    last_day: date | None


def months_later(day: date, months: int) -> date:
    """The same day of the month so many months on; the month's last where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    for candidate in range(day.day, 27, -1):
        try:
            return date(year, month + 1, candidate)
        except ValueError:
            continue
    return date(year, month + 1, min(day.day, 28))


def with_last_lawful_day(
    terms: CareTerms, patterns: Sequence[WeeklyPattern], first_day: date, limits: Limits
) -> CareTerms:
    """Occasional care and programmes end: where nobody said when, on the last day the rules allow."""
    longest = _longest_until(terms, first_day, limits)
    ends = terms.expires_on is not None or all(pattern.has_a_last_visit() for pattern in patterns)
    return terms if longest is None or ends else replace(terms, expires_on=longest)


def check_limits(terms: CareTerms, course: Course, circumstances: Circumstances, limits: Limits) -> list[Note]:
    """What the rules have to say. Raises Invalid for what they don't allow, naming the field and the rule's source."""
    _check_occasional_reason(terms, circumstances, limits)
    first, last = course.first_day, course.last_day
    if first is None:
        return []
    longest = _longest_until(terms, first, limits)
    if longest is not None and last is not None and last > longest:
        code = "occasional_care" if terms.plan == PlanKind.OCCASIONAL else "programme_length"
        raise Invalid(
            f"{_PLAN_NAMES[terms.plan]} that begins on {first.isoformat()} ends on {longest.isoformat()} at the latest "
            f"({limits.source(code)}). End it by then, or ask for regular care.",
            pointer="#/expires_on",
            code=code,
        )
    lead = limits.urgent_place_lead_months
    if terms.plan == PlanKind.URGENT_PLACE and lead is not None and first > months_later(course.asked_on, lead):
        raise Invalid(
            f"An urgent place is for care that starts by {months_later(course.asked_on, lead).isoformat()} "
            f"({limits.source('urgent_place')}). Ask for another kind of place.",
            pointer="#/plan",
            code="urgent_place",
        )
    return [*_short_notice(course.asked_on, first, limits)]


def check_ages(born: Sequence[date], first_day: date | None, limits: Limits, *, urgent: bool) -> list[Note]:
    """Raises Invalid for a child too young on the first day; in an emergency that is only noted."""
    if first_day is None:
        return []
    too_young = [day for day in born if age_months(day, first_day) < limits.minimum_age_months]
    if not too_young:
        return []
    sentence = (
        f"Care starts at {limits.minimum_age_months} months; a child is {age_months(too_young[0], first_day)} months "
        f"old on {first_day.isoformat()}"
    )
    source = limits.source("minimum_age")
    if urgent:
        return [Note(code="minimum_age", sentence=f"{sentence}.", source=source)]
    raise Invalid(f"{sentence} ({source}).", pointer="#/child_ids", code="minimum_age")


def _check_occasional_reason(terms: CareTerms, circumstances: Circumstances, limits: Limits) -> None:
    pointer = "#/circumstances/occasional_reason"
    reason, known = circumstances.occasional_reason, limits.occasional_reasons
    if terms.plan == PlanKind.OCCASIONAL and known and reason is None:
        raise Invalid(
            f"Occasional care needs one of its reasons: {', '.join(known)} ({limits.source('occasional_care')}).",
            pointer=pointer,
            code="occasional_care",
        )
    if reason is not None and known and reason not in known:
        raise Invalid(f"The reasons for occasional care are {', '.join(known)}; not {reason!r}.", pointer=pointer)


def _longest_until(terms: CareTerms, first_day: date, limits: Limits) -> date | None:
    if terms.plan == PlanKind.OCCASIONAL and limits.occasional_longest_months is not None:
        return months_later(first_day, limits.occasional_longest_months) - timedelta(days=1)
    if terms.plan == PlanKind.PROGRAMME and limits.programme_longest_days is not None:
        return first_day + timedelta(days=limits.programme_longest_days - 1)
    return None


def _short_notice(asked_on: date, first: date, limits: Limits) -> list[Note]:
    if limits.notice_days is None or (first - asked_on).days >= limits.notice_days:
        return []
    sentence = (
        f"Care is asked for {limits.notice_days} days ahead; this starts in {(first - asked_on).days}. "
        "We do our best, and can't promise it."
    )
    return [Note(code="notice_window", sentence=sentence, source=limits.source("notice_window"))]


_PLAN_NAMES = {PlanKind.OCCASIONAL.value: "Occasional care", PlanKind.PROGRAMME.value: "A programme"}
