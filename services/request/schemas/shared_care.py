"""Shared care: bodies and answers."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.request.schemas.fields import Day
from shared.http.schema import Body, InstantIn, Out, Text


class SharingConsentIn(Body):
    """A family's yes: who said it, and when."""

    family_id: UUID
    said_by: Text
    said_at: InstantIn


class ShareIn(Body):
    """Hundredths of a percent, minor units or a weight, as the rule has it."""

    family_id: UUID
    share: int


class SharingTermsIn(Body):
    """At whose home, and how families split what the care costs; shares only for the rules that have them."""

    host_family_id: UUID
    rule: Text
    shares: Annotated[tuple[ShareIn, ...], Field(max_length=20)] = ()
    remainder_family_id: UUID | None = None
    host_minor_per_hour: int = 0
    travel_rule: Text | None = None


class SharedCareIn(SharingTermsIn):
    """The consents of all families who share, the host's included."""

    valid_from: Day
    consents: Annotated[tuple[SharingConsentIn, ...], Field(max_length=20)]


class SharedCareChangeIn(SharingTermsIn):
    """From that day on: all who share from then on say yes, again or for the first time."""

    from_day: Day
    consents: Annotated[tuple[SharingConsentIn, ...], Field(max_length=20)]


class LeaveIn(Body):
    """The family's last day; `terms` where the others can't go on as before."""

    family_id: UUID
    last_day: Day
    terms: SharingTermsIn | None = None


class SharedCareEndIn(Body):
    """`valid_until` is the last day on which the care is shared."""

    valid_until: Day


class SharedCareKeptOut(Out):
    shared_care_id: UUID
    version: int
    valid_from: date
    valid_until: date | None


class SharingConsentOut(Out):
    family_id: UUID
    family_name: str
    from_day: date
    last_day: date | None
    said_by: str
    said_at: datetime
    recorded_at: datetime


class SharingTermsOut(Out):
    host_family_id: UUID
    rule: str
    shares: tuple[tuple[UUID, int], ...]
    remainder_family_id: UUID | None
    host_minor_per_hour: int
    travel_rule: str | None


class DatedTermsOut(Out):
    valid_from: date
    terms: SharingTermsOut


class SharedCareOut(Out):
    shared_care_id: UUID
    version: int
    valid_from: date
    valid_until: date | None
    terms: tuple[DatedTermsOut, ...]
    consents: tuple[SharingConsentOut, ...]
