"""What comes in and goes out over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from shared.http.schema import Body, Out, Text

_Minutes = Annotated[int, Field(ge=1, le=14 * 24 * 60)]
_Weight = Annotated[int, Field(ge=0, le=1000)]


class DeclineIn(Body):
    reason: Text | None = None


class OffersIn(Body):
    carer_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=50)]
    expires_in_minutes: _Minutes | None = None


class ReleaseIn(Body):
    reason: Text


class WeightsBody(Body):
    continuity: _Weight
    travel: _Weight
    language: _Weight
    fairness: _Weight


class PolicyIn(Body):
    """The desk's choices from `valid_from` on; all of them, so that what holds can be read in one place."""

    valid_from: date
    offer_minutes: _Minutes
    urgent_offer_minutes: _Minutes
    wave_sizes: Annotated[tuple[Annotated[int, Field(ge=1, le=200)], ...], Field(min_length=1, max_length=10)]
    automatic_waves: bool
    call_dispatcher_hours: Annotated[int, Field(ge=0, le=720)]
    retry_minutes: Annotated[int, Field(ge=5, le=1440)]
    carer_home_longest_km: Annotated[int, Field(ge=1, le=100)]
    familiar_visits: Annotated[int, Field(ge=1, le=1000)]
    recent_days: Annotated[int, Field(ge=1, le=3650)]
    weights: WeightsBody


class PolicyOut(Out):
    valid_from: date
    offer_minutes: int
    urgent_offer_minutes: int
    wave_sizes: tuple[int, ...]
    automatic_waves: bool
    call_dispatcher_hours: int
    retry_minutes: int
    carer_home_longest_km: int
    familiar_visits: int
    recent_days: int
    weights: WeightsBody


class PolicySetOut(Out):
    policy_id: UUID


class OfferedVisitOut(Out):
    visit_id: UUID
    visit_version: int
    start: datetime
    end: datetime


class OfferOut(Out):
    """An offer as its carer sees it: enough to decide, no name and no address. `said` is what became of it."""

    offer_id: UUID
    state: str
    said: str
    visits: tuple[OfferedVisitOut, ...]
    mode: str
    zone: str
    area: str
    urgent: bool
    ages: tuple[int, ...]
    care_needs: tuple[str, ...]
    skills: tuple[str, ...]
    travel_metres: int
    travel_minutes: int
    pay_minor: int
    currency: str
    sent_at: datetime
    expires_at: datetime
    seen_at: datetime | None
    ended_at: datetime | None
    reason: str | None


class DeskOfferOut(OfferOut):
    """An offer as the desk sees it: with whom it went to, and in which wave."""

    carer_id: UUID
    carer_name: str
    wave: int
    by_hand: bool


class OfferStateOut(Out):
    """The offer that was answered, and where it stands now."""

    offer_id: UUID
    state: str


class OffersMadeOut(Out):
    offer_ids: tuple[UUID, ...]


class VisitReleasedOut(Out):
    visit_id: UUID


class ReasonCountOut(Out):
    code: str
    count: int


class WaveOut(Out):
    """Where the asking stands: how many carers were asked for the present terms and what they said so far."""

    number: int
    lapses_at: datetime | None
    waiting: int
    declined: int
    expired: int


class OpenVisitOut(Out):
    """A visit without a certain carer. `state`: open, offered, accepted (being confirmed), unfilled."""

    visit_id: UUID
    version: int
    placement_id: UUID | None
    shared_with_visit_ids: tuple[UUID, ...]
    care_request_id: UUID
    family_id: UUID
    family_name: str
    children: int
    mode: str
    start: datetime
    end: datetime
    zone: str
    area: str
    urgent: bool
    state: str
    call_dispatcher: bool
    wave: WaveOut
    reasons: tuple[ReasonCountOut, ...]
    carer_id: UUID | None
    carer_name: str | None


class OpenVisitsOut(Out):
    rows: tuple[OpenVisitOut, ...]


class ObjectiveOut(Out):
    name: str
    score: int
    weight: int
    numbers: dict[str, Any]


class CandidateOut(Out):
    """A carer who may come; `total` is 0 to 10000. `offer_state` is that of the latest offer for these terms."""

    rank: int
    carer_id: UUID
    carer_name: str
    total: int
    objectives: tuple[ObjectiveOut, ...]
    sentence: str
    offer_id: UUID | None
    offer_state: str | None


class RuledOutOut(Out):
    carer_id: UUID
    carer_name: str
    code: str
    sentence: str
    source: str


class ShortlistOut(Out):
    """The carers as they stood when it was computed."""

    shortlist_id: UUID
    placement_id: UUID
    visit_ids: tuple[UUID, ...]
    computed_at: datetime
    policy_from: date
    candidates: tuple[CandidateOut, ...]
    ruled_out: tuple[RuledOutOut, ...]
