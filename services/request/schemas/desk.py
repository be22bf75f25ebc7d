"""The desk's choices, rules, tasks and register: bodies and answers."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from services.request.domain.policy import DEFAULT_POLICY
from services.request.domain.progress import VisitState
from services.request.domain.register import MinuteState
from services.request.schemas.fields import Day
from shared.http.schema import Body, ClockTime, LongText, Out, Text


class PolicyIn(Body):
    """The desk's choices from `valid_from` on; what is left out is as we set it at first, so all can be read in one place."""

    valid_from: Day
    weeks_ahead: int = DEFAULT_POLICY.weeks_ahead
    horizon_step_days: int = DEFAULT_POLICY.horizon_step_days
    urgent_grace_minutes: int = DEFAULT_POLICY.urgent_grace_minutes
    longest_visit_minutes: int | None = None
    most_visits_a_day: int = DEFAULT_POLICY.most_visits_a_day
    undo_minutes: int = DEFAULT_POLICY.undo_minutes
    regular_after_weeks: int = DEFAULT_POLICY.regular_after_weeks
    regular_tolerance_minutes: int = DEFAULT_POLICY.regular_tolerance_minutes
    regular_after_visits: int = DEFAULT_POLICY.regular_after_visits
    introduction_minutes: int = DEFAULT_POLICY.introduction_minutes
    introduction_notice_hours: int = DEFAULT_POLICY.introduction_notice_hours
    introduction_at: ClockTime = DEFAULT_POLICY.introduction_at
    notice_days: int = DEFAULT_POLICY.notice_days
    met_grace_minutes: int = DEFAULT_POLICY.met_grace_minutes
    school_region: Text | None = None


class PolicyOut(Out):
    valid_from: date
    weeks_ahead: int
    horizon_step_days: int
    urgent_grace_minutes: int
    longest_visit_minutes: int | None
    most_visits_a_day: int
    undo_minutes: int
    regular_after_weeks: int
    regular_tolerance_minutes: int
    regular_after_visits: int
    introduction_minutes: int
    introduction_notice_hours: int
    introduction_at: ClockTime
    notice_days: int
    met_grace_minutes: int
    school_region: str | None


class OrderIn(Body):
    """The rules, the weightiest first, from `valid_from` on, and why the desk chose them."""

    valid_from: Day
    rules: Annotated[tuple[Text, ...], Field(max_length=20)]
    rationale: LongText


class OrderRuleOut(Out):
    rule: str
    sentence: str


class OrderOut(Out):
    """The published order in force; the time of asking only decides between requests that are equal in all else."""

    valid_from: date
    rules: tuple[OrderRuleOut, ...]
    rationale: str
    can_choose: tuple[OrderRuleOut, ...]


class RefinementIn(Body):
    """A desk's refinement of a rule of its country, from a day after today on."""

    code: Text
    numbers: dict[str, int]
    sentence: LongText
    source: Text
    valid_from: Day


class RefinementKeptOut(Out):
    code: str
    valid_from: date


class RuleOut(Out):
    """A rule in force: what it says, its numbers, where it comes from (law, book, or our default), and the desk's own."""

    code: str
    sentence: str
    numbers: dict[str, Any]
    source: str
    origin: str
    valid_from: date
    valid_until: date | None
    refined: dict[str, Any] | None
    refined_sentence: str | None
    refined_source: str | None
    refined_from: date | None


class RulesOut(Out):
    country: str
    on: date
    rules: tuple[RuleOut, ...]


class BreakIn(Body):
    name: Text
    first_day: Day
    last_day: Day


class SchoolYearIn(Body):
    """A school year and every stretch of it in which schools are closed."""

    first_day: Day
    last_day: Day
    breaks: Annotated[tuple[BreakIn, ...], Field(max_length=60)]


class BreakOut(Out):
    name: str
    first_day: date
    last_day: date


class DaysOffOut(Out):
    """Days off from one day through another; `school_known_through` is None when nothing is known of schools here."""

    public: tuple[date, ...]
    school: tuple[date, ...]
    school_known_through: date | None
    region: str | None
    regions: tuple[str, ...]
    told: tuple[BreakOut, ...]


class SchoolYearKeptOut(Out):
    last_day: date


class EntitlementOut(Out):
    """From when hours are funded, and what waiting costs until then."""

    funded_from: date
    hours_a_week: int
    missed: date | None
    gap_days: int
    gap_minutes: int
    gap_minor: int | None
    source: str


class TaskOut(Out):
    task_id: UUID
    kind: str
    about: UUID
    family_id: UUID | None
    family_name: str | None
    care_request_id: UUID | None
    facts: dict[str, Any]
    due_on: date | None
    raised_at: datetime


class FinishIn(Body):
    """What came of it, in a word."""

    how: Annotated[str, Field(pattern="^(done|not_needed)$")] = "done"


class FinishedOut(Out):
    task_id: UUID


class ReasonOut(Out):
    """How many carers a rule kept away, or said no."""

    code: str
    count: int


class RelaxationOut(Out):
    """A smallest change that would have found so many carers."""

    code: str
    amount: int
    what: str
    carers: int


class UnmetOut(Out):
    """A visit nobody was found for, as it was asked for then, and what became of it since."""

    unmet_id: UUID
    visit_id: UUID
    visit_version: int
    care_request_id: UUID
    family_id: UUID
    starts_at: datetime
    ends_at: datetime
    zone: str
    area: str
    mode: str
    urgent: bool
    children: int
    asked_at: datetime
    reasons: tuple[ReasonOut, ...]
    relaxations: tuple[RelaxationOut, ...]
    barrier: str | None
    recorded_at: datetime
    state_now: VisitState


class BarrierKeptOut(Out):
    visit_id: UUID


class MinutesOut(Out):
    state: MinuteState
    minutes: int
    visits: int


class RegisterOut(Out):
    """What became of every minute asked for in a month, for the desk itself."""

    month: str
    states: tuple[MinutesOut, ...]


class ReportRowOut(Out):
    """An hour of the week is 0 (Monday 00:00) to 167; what is None is pooled."""

    area: str | None
    reason: str | None
    hour_of_week: int | None
    count: int


class ReportOut(Out):
    """Unmet need of a month for publication: no count below `smallest`, and fewer than that may be missing."""

    month: str
    rows: tuple[ReportRowOut, ...]
    count: int
    smallest: int
