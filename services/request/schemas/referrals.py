"""Referrers, referrals, other care and the child's timeline: bodies and answers."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.request.schemas.asking import CircumstancesIn, MyCareRequestIn, PatternIn
from services.request.schemas.families import FamilyIn
from shared.http.schema import Body, InstantIn, Out, Text


class ReferrerIn(Body):
    """An organisation that sends families: employment_service, hospital, welfare, school or other."""

    name: Text
    kind: Text


class ReferrerOut(Out):
    referrer_id: UUID
    name: str
    kind: str


class ReferrerKeptOut(Out):
    referrer_id: UUID


class ReferralConsentIn(Body):
    """The family's yes to being written down here, and what the referrer may later know: nothing, helped or more."""

    said_by: Text
    said_at: InstantIn
    allows: Text = "nothing"


class ReferralIn(Body):
    """A family, its consent and what it needs; `reference` is the referrer's own name for it."""

    reference: Text
    consent: ReferralConsentIn
    family: FamilyIn
    request: MyCareRequestIn
    circumstances: CircumstancesIn = CircumstancesIn()


class ReferralKeptOut(Out):
    referral_id: UUID
    reference: str
    filed_at: datetime


class ToldOut(Out):
    """`helped` is true or not said; visits by day, where the family allows more."""

    helped: bool | None
    visits: tuple[tuple[date, str], ...]


class ReferralOut(Out):
    referral_id: UUID
    reference: str
    filed_at: datetime
    allows: str
    told: ToldOut


class OtherCareIn(Body):
    """Care by others: nursery, school, childminder, club or other; at these times."""

    child_id: UUID
    name: Text
    kind: Text
    pattern: PatternIn
    place_id: UUID | None = None
    funded_minutes_a_week: Annotated[int, Field(le=7 * 24 * 60)] | None = None


class OtherCareKeptOut(Out):
    other_care_id: UUID


class EntryOut(Out):
    start: datetime
    end: datetime
    who: str
    kind: str
    state: str | None
    visit_id: UUID | None
    other_care_id: UUID | None
    funded_minutes: int


class DayOut(Out):
    on: date
    minutes: int


class TimelineOut(Out):
    """All care of a child in one line, how long each day gets, and where one who cares hands over to the other."""

    entries: tuple[EntryOut, ...]
    days: tuple[DayOut, ...]
    handovers: tuple[tuple[datetime, datetime], ...]
