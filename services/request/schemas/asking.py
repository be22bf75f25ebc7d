"""What a family asks for and changes: bodies."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.request.schemas.families import NewFamilyIn
from services.request.schemas.fields import Day, Ids, LocalTime, Minutes, Words
from shared.domain.pattern import Days
from shared.http.schema import Body, ClockTime, InstantIn, LongText, Text


class VisitIn(Body):
    """Instants with their offset (`start`, `end`), or the times on the home's clock (`start_local`, `end_local`)."""

    start: InstantIn | None = None
    end: InstantIn | None = None
    start_local: LocalTime | None = None
    end_local: LocalTime | None = None


class SlotIn(Body):
    """Monday is 0; times are on the home's clock, an end not after the start is the next day's."""

    week: int = 0
    weekday: int
    start: ClockTime
    end: ClockTime


class PatternIn(Body):
    """A rotation of `weeks` weeks. It ends on `ends_on` or after `count` visits; without either it goes on.

    On public and school holidays it has visits as on other days (`with`), none (`without`), or only then (`only`).
    """

    starts_on: Day
    ends_on: Day | None = None
    count: int | None = None
    weeks: int = 1
    slots: Annotated[tuple[SlotIn, ...], Field(max_length=200)]
    public_holidays: Days = Days.WITH
    school_holidays: Days = Days.WITH


class LegIn(Body):
    """bring, fetch, meal, bedtime or other, at a local time of every visit, or of those on these weekdays (Monday is 0)."""

    kind: Text
    at: ClockTime
    place_id: UUID | None = None
    child_ids: Ids = ()
    weekdays: Annotated[tuple[int, ...], Field(max_length=7)] = ()


class ProvisionalIn(Body):
    """What is known while start or hours are not. `firm_by` is when the desk asks again."""

    starts_from: Day
    starts_until: Day | None = None
    minutes_a_week: int | None = None
    earliest: ClockTime | None = None
    latest: ClockTime | None = None
    firm_by: Day | None = None


class CircumstancesIn(Body):
    """What a request's place in the order is decided by; only the desk reads it. Nobody has to say any of it."""

    need: Text | None = None
    occasional_reason: Text | None = None
    vulnerable: bool = False
    no_alternative: bool = False
    working_or_training: bool = False


class PeriodIn(Body):
    """The days a schedule is about."""

    first_day: Day
    last_day: Day


class SkippedIn(Body):
    """Who said that no first meeting is needed, and when."""

    said_by: Text
    said_at: InstantIn


class TermsIn(Body):
    """What all visits of a request are asked under. Words of `must` and `wishes`: no_pets, non_smoker, language:fr, skill:x."""

    child_ids: Ids | None = None
    mode: Text | None = None
    kind: Text = "care"
    skills: Words = ()
    must: Words = ()
    wishes: Words = ()
    only_carer_ids: Ids = ()
    price_ceiling_minor: int | None = None
    flexible_before_minutes: Minutes = 0
    flexible_after_minutes: Minutes = 0
    legs: Annotated[tuple[LegIn, ...], Field(max_length=30)] = ()
    urgency: Text | None = None
    plan: Text = "regular"
    review_on: Day | None = None
    expires_on: Day | None = None
    hold_until: InstantIn | None = None
    provisional: ProvisionalIn | None = None
    one_carer: bool = False
    may_take_part: bool = True
    decides: Text | None = None
    shared_care_id: UUID | None = None


class MyCareRequestIn(TermsIn):
    """Single `visits`, `patterns`, or both; without `child_ids` it is for all children. `reason` stays at the desk.

    A first meeting with a stranger is asked for unless it is skipped, on the family's word.
    """

    mode: Text
    visits: Annotated[tuple[VisitIn, ...], Field(max_length=500)] = ()
    patterns: Annotated[tuple[PatternIn, ...], Field(max_length=10)] = ()
    introduction_skipped: SkippedIn | None = None
    reason: LongText | None = None


class CareRequestIn(MyCareRequestIn):
    """As the family asks, with what only the desk knows."""

    family_id: UUID
    circumstances: CircumstancesIn = CircumstancesIn()


class CallIn(MyCareRequestIn):
    """A first call in one go: a new family and what it needs."""

    family: NewFamilyIn
    circumstances: CircumstancesIn = CircumstancesIn()


class MyAmendIn(TermsIn):
    """What changes; what is left out stays. `version` is the one that was read.

    `visits` replace the single visits ahead (those of the `period`, if one is named), `patterns` replace the patterns;
    an empty list leaves none. With `visit_id`, `visit` changes that visit alone.
    """

    version: int
    visits: Annotated[tuple[VisitIn, ...], Field(max_length=500)] | None = None
    patterns: Annotated[tuple[PatternIn, ...], Field(max_length=10)] | None = None
    period: PeriodIn | None = None
    visit_id: UUID | None = None
    visit: VisitIn | None = None
    removed_visit_ids: Ids = ()
    why: LongText | None = None


class AmendIn(MyAmendIn):
    """As the family changes it, with what only the desk knows."""

    circumstances: CircumstancesIn | None = None


class WithdrawIn(Body):
    """`barrier` is what stood in the family's way, if it needs care but can't have it like this: one of the seven."""

    version: int
    barrier: Text | None = None
    why: LongText | None = None


class UndoIn(Body):
    """`version` is the one that is undone: the last."""

    version: int


class SplitIn(Body):
    """The second carer takes over at this instant."""

    at: InstantIn
    version: int


class CalledIn(Body):
    """The hours that are needed of those that were held; without any, all of them."""

    visit: VisitIn | None = None
    version: int


class SkipIn(Body):
    """The family says that this carer (or, without one, anybody) may come without a first meeting."""

    carer_id: UUID | None = None
    said_by: Text
    said_at: InstantIn
    version: int


class DisplaceIn(Body):
    """A family gives up its carer for `for_visit_id`; `then` its own visit is withdrawn (withdraw) or look_again."""

    for_visit_id: UUID
    then: Text
    said_by: Text
    said_at: InstantIn


class MakeRegularIn(Body):
    """Without `patterns`: what was the same week after week. Without `carer_id`: the one the children know best."""

    family_id: UUID
    version: int
    carer_id: UUID | None = None
    patterns: Annotated[tuple[PatternIn, ...], Field(max_length=10)] = ()


class BarrierIn(Body):
    """One of known, understandable, available, reachable, affordable, reliable, usable."""

    barrier: Text


class ScheduleIn(Body):
    """A parent's roster as CSV or iCalendar, base64; care is needed so many minutes before and after each shift."""

    content: Annotated[str, Field(max_length=980_000)]
    before_minutes: Annotated[int, Field(ge=0, le=240)] = 0
    after_minutes: Annotated[int, Field(ge=0, le=240)] = 0
