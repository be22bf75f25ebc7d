"""What is told of care requests: answers."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from services.request.domain.progress import VisitState
from services.request.schemas.fields import LocalTime
from shared.domain.pattern import Days
from shared.http.schema import ClockTime, Out


class AskedVisitOut(Out):
    """A visit as it is asked for now; its id never changes, its version counts its changes."""

    visit_id: UUID
    version: int
    kind: str
    start: Annotated[datetime, Field(validation_alias="starts_at")]
    end: Annotated[datetime, Field(validation_alias="ends_at")]
    zone: str
    clock_change: bool


class CareRequestKeptOut(Out):
    """A care request as it stands now, with its visits ahead."""

    care_request_id: UUID
    version: int
    state: str
    priority: int
    visits: tuple[AskedVisitOut, ...]


class FamilyWrittenOut(Out):
    family_id: UUID
    version: int
    child_ids: tuple[UUID, ...]


class CallKeptOut(Out):
    family: FamilyWrittenOut
    request: CareRequestKeptOut


class AskedChildOut(Out):
    child_id: UUID
    first_name: str
    age_months: int | None


class LegOut(Out):
    kind: str
    at: datetime
    place_id: UUID | None
    child_ids: tuple[UUID, ...]


class DetailsOut(Out):
    """What a visit asks of who comes, beyond when and where."""

    legs: tuple[LegOut, ...]
    flexible_before_minutes: int
    flexible_after_minutes: int
    must: tuple[str, ...]
    wishes: tuple[str, ...]
    only_carer_ids: tuple[UUID, ...]
    ask_first_carer_ids: tuple[UUID, ...]
    price_ceiling_minor: int | None
    provisional: bool
    introduction: str


class VisitOut(Out):
    """What became of a visit: `accepted` is being confirmed, only `certain` may be promised to the family."""

    visit_id: UUID
    version: int
    kind: str
    start: datetime
    end: datetime
    start_local: str
    end_local: str
    zone: str
    mode: str
    agreed_mode: str | None
    agreed_start: datetime | None
    agreed_end: datetime | None
    child_ids: tuple[UUID, ...]
    skills: tuple[str, ...]
    shared_care_id: UUID | None
    clock_change: bool
    details: DetailsOut
    state: VisitState
    stranger: bool
    carer_id: UUID | None
    carer_name: str | None
    rostered_start: datetime | None
    rostered_end: datetime | None
    refusal: str | None


class SlotOut(Out):
    week: int
    weekday: int
    start: ClockTime
    end: ClockTime


class PatternOut(Out):
    starts_on: date
    ends_on: date | None
    count: int | None
    weeks: int
    slots: tuple[SlotOut, ...]
    public_holidays: Days
    school_holidays: Days


class LegTermsOut(Out):
    kind: str
    at: ClockTime
    place_id: UUID | None
    child_ids: tuple[UUID, ...]
    weekdays: tuple[int, ...]


class ProvisionalOut(Out):
    starts_from: date
    starts_until: date | None
    minutes_a_week: int | None
    earliest: ClockTime | None
    latest: ClockTime | None
    firm_by: date | None


class TermsOut(Out):
    child_ids: tuple[UUID, ...]
    mode: str
    kind: str
    skills: tuple[str, ...]
    must: tuple[str, ...]
    wishes: tuple[str, ...]
    only_carer_ids: tuple[UUID, ...]
    ask_first_carer_ids: tuple[UUID, ...]
    price_ceiling_minor: int | None
    flexible_before_minutes: int
    flexible_after_minutes: int
    legs: tuple[LegTermsOut, ...]
    urgency: str | None
    plan: str
    review_on: date | None
    expires_on: date | None
    hold_until: datetime | None
    provisional: ProvisionalOut | None
    introduction: str
    one_carer: bool
    may_take_part: bool
    decides: str | None
    shared_care_id: UUID | None


class StepOut(Out):
    """A rule of the desk's order, the weightiest first, and whether it holds of this request."""

    rule: str
    sentence: str
    holds: bool


class CircumstancesOut(Out):
    need: str | None
    occasional_reason: str | None
    vulnerable: bool
    no_alternative: bool
    working_or_training: bool


class CareRequestOut(Out):
    """A request with its visits; reason, circumstances and place in the order only for the desk, when one is read."""

    care_request_id: UUID
    version: int
    family_id: UUID
    family_name: str
    state: str
    mode: str
    urgency: str | None
    plan: str
    provisional: bool
    terms: TermsOut
    patterns: tuple[PatternOut, ...]
    area: str
    zone: str
    opened_at: datetime
    planned_through: date | None
    goes_on: bool
    shared_care_id: UUID | None
    priority: int
    referrer_id: UUID | None
    children: tuple[AskedChildOut, ...]
    visits: tuple[VisitOut, ...]
    place_in_order: tuple[StepOut, ...]
    order_from: date | None
    reason: str | None
    circumstances: CircumstancesOut | None


class VisitDifferenceOut(Out):
    """A visit that would be added, removed, moved or changed; `carer_id` has it now and would be asked first."""

    becomes: str
    visit_id: UUID | None
    start_before: datetime | None
    end_before: datetime | None
    start: datetime | None
    end: datetime | None
    clock_change: bool
    carer_id: UUID | None


class TermDifferenceOut(Out):
    name: str
    before: Any
    after: Any


class DifferenceOut(Out):
    """What would be different; `kept` visits stay as they are."""

    visits: tuple[VisitDifferenceOut, ...]
    kept: int
    terms: tuple[TermDifferenceOut, ...]
    patterns_change: bool


class NoteOut(Out):
    """What a rule says of a request, with its source."""

    code: str
    sentence: str
    source: str


class PreviewOut(Out):
    """What recording or changing a request would do. Nothing is changed by looking."""

    version: int | None
    difference: DifferenceOut
    notes: tuple[NoteOut, ...]
    priority: int
    atypical_visits: int
    goes_on: bool


class VersionOut(Out):
    """One version of a request: what was done, when, in which role; `why` only for the desk."""

    version: int
    what: str
    state: str
    at: datetime
    by_account_id: UUID | None
    by_role: str | None
    why: str | None


class BadLineOut(Out):
    """A line of a roster that can't be used, why, and what it said (shortened)."""

    line: int
    code: str
    sentence: str
    said: str


class ScheduledVisitOut(Out):
    """A visit as it would be asked for: to be sent as one of `visits`."""

    start_local: LocalTime
    end_local: LocalTime


class ScheduleCheckedOut(Out):
    """What a roster means: the visits of its good lines, and every bad line. Nothing is kept by checking.

    To keep it, send `visits` with the `first_day` and `last_day` as the period.
    """

    visits: tuple[ScheduledVisitOut, ...]
    bad_lines: tuple[BadLineOut, ...]
    first_day: date | None
    last_day: date | None
    lines_read: int


class PlaceAgeOut(Out):
    """A place for a limited time: since when it is used, and until when."""

    care_request_id: UUID
    family_id: UUID
    family_name: str
    plan: str
    first_day: date | None
    days: int | None
    expires_on: date | None
    days_left: int | None
    visits: int


class DisplaceableOut(Out):
    """A visit whose family could be asked to give up its carer."""

    visit_id: UUID
    care_request_id: UUID
    family_id: UUID
    family_name: str
    carer_id: UUID
    start: datetime
    end: datetime
    priority: int
