"""Families: bodies and answers."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.request.schemas.fields import Day, Email, Ids, Language, Phone, Words
from shared.http.schema import Body, InstantIn, LongText, Out, Text


class ChildIn(Body):
    """`allergies` left out: the family was not asked yet; empty: it was, and there are none."""

    first_name: Text
    born: Day
    care_needs: Words = ()
    allergies: Words | None = None
    routine: LongText | None = None


class KnownChildIn(ChildIn):
    """`child_id` names a child known already; a child without one is new."""

    child_id: UUID | None = None


class ContactIn(Body):
    """One of the adults, all equal. Channels that reach them, best first: phone, sms, email."""

    name: Text
    phone: Phone | None = None
    email: Email | None = None
    channels: Annotated[tuple[Text, ...], Field(max_length=3)] = ("phone",)


class HomeIn(Body):
    """`area` is all that a carer sees before a yes; `zone` is an IANA name; `approximate` is somewhere in the area."""

    latitude: float
    longitude: float
    zone: Text
    area: Text
    address: Text | None = None
    approximate: bool = False


class PlaceIn(Body):
    """A school, a nursery, a club; `note` says how to find whom at the gate."""

    kind: Text
    name: Text
    latitude: float
    longitude: float
    zone: Text
    area: Text
    address: Text | None = None
    note: Text | None = None


class KnownPlaceIn(PlaceIn):
    """`place_id` names a place known already; one without it is new."""

    place_id: UUID | None = None


class ContinuityIn(Body):
    """At most so many carers in 14 days, the most frequent with at least so many percent of the hours."""

    most_carers: Annotated[int, Field(le=50)]
    least_share_percent: int


class FamilyIn(Body):
    """The least is a name, a home and the children; the rest when there is time. `language` is that of messages."""

    name: Text
    language: Language
    home: HomeIn
    children: Annotated[tuple[ChildIn, ...], Field(max_length=20)]
    phone: Phone | None = None
    email: Email | None = None
    contacts: Annotated[tuple[ContactIn, ...], Field(max_length=6)] = ()
    languages: Annotated[tuple[Text, ...], Field(max_length=10)] = ()
    interpreter: bool = False
    form_of_address: Text | None = None
    places: Annotated[tuple[PlaceIn, ...], Field(max_length=20)] = ()
    favourite_carer_ids: Ids = ()
    excluded_carer_ids: Ids = ()
    backup_carer_ids: Ids = ()
    continuity: ContinuityIn | None = None
    support_tier: Text = "basic"


class NewFamilyIn(FamilyIn):
    """One that looks registered already is refused, naming those it looks like, unless it is to be written `anyway`."""

    anyway: bool = False


class FamilyChangeIn(FamilyIn):
    """All that the family tells now; a child or place that is not named any more leaves. `version` is the one read."""

    children: Annotated[tuple[KnownChildIn, ...], Field(max_length=20)]
    places: Annotated[tuple[KnownPlaceIn, ...], Field(max_length=20)] = ()
    version: int


class MoveIn(Body):
    """They will live there from that day on."""

    home: HomeIn
    from_day: Day
    version: int


class SupportIn(Body):
    tier: Text


class PreferIn(Body):
    """Nobody has to say why."""

    favourite_carer_ids: Ids = ()
    excluded_carer_ids: Ids = ()
    backup_carer_ids: Ids = ()


class MergeIn(Body):
    """`merged_family_id` is the same household, registered once more."""

    merged_family_id: UUID


class ConsentIn(Body):
    """What a party may know: nothing, helped or more; on whose word."""

    party: Text
    allows: Text
    said_by: Text
    said_at: InstantIn
    referrer_id: UUID | None = None


class MyConsentIn(Body):
    """What a party may know from now on: nothing, helped or more."""

    party: Text
    allows: Text
    referrer_id: UUID | None = None


class FamilyKeptOut(Out):
    family_id: UUID
    version: int
    child_ids: tuple[UUID, ...]


class FamilyRowOut(Out):
    """A family in a list: nothing about its children but how many they are."""

    family_id: UUID
    name: str
    phone: str | None
    area: str
    address: str | None
    children: int
    dispatcher_name: str | None


class AreaOut(Out):
    area: str
    latitude: float
    longitude: float
    zone: str
    homes: int


class PlaceOut(Out):
    place_id: UUID
    kind: str
    name: str
    latitude: float
    longitude: float
    zone: str
    area: str
    address: str | None
    approximate: bool
    note: str | None
    valid_from: date | None


class ChildOut(Out):
    child_id: UUID
    first_name: str
    born: date
    age_months: int
    care_needs: tuple[str, ...]
    allergies: tuple[str, ...]
    allergies_asked: bool
    routine: str | None


class ContactOut(Out):
    name: str
    phone: str | None
    email: str | None
    channels: tuple[str, ...]


class ContinuityOut(Out):
    most_carers: int
    least_share_percent: int


class ConsentOut(Out):
    consent_id: UUID
    party: str
    referrer_id: UUID | None
    allows: str
    said_by: str
    said_at: datetime
    recorded_at: datetime
    withdrawn_at: datetime | None


class ConsentKeptOut(Out):
    consent_id: UUID


class FamilyOut(Out):
    """`known_carer_ids` are those its children have been with, the most frequent first."""

    family_id: UUID
    version: int
    name: str
    language: str
    languages: tuple[str, ...]
    interpreter: bool
    form_of_address: str | None
    phone: str | None
    email: str | None
    contacts: tuple[ContactOut, ...]
    home: PlaceOut
    next_homes: tuple[PlaceOut, ...]
    places: tuple[PlaceOut, ...]
    children: tuple[ChildOut, ...]
    favourite_carer_ids: tuple[UUID, ...]
    excluded_carer_ids: tuple[UUID, ...]
    backup_carer_ids: tuple[UUID, ...]
    known_carer_ids: tuple[UUID, ...]
    continuity: ContinuityOut | None
    support_tier: str
    dispatcher_account_id: UUID | None
    dispatcher_name: str | None
    referrer_id: UUID | None
    consents: tuple[ConsentOut, ...]


class AccessOut(Out):
    """Somebody read data of these children."""

    access_id: UUID
    at: datetime
    role: str | None
    account_id: UUID | None
    what: str
    child_ids: tuple[UUID, ...]


class WaiverOut(Out):
    """A first meeting that was skipped: on whose word, or in which emergency."""

    care_request_id: UUID
    carer_id: UUID | None
    because: str
    said_by: str
    said_at: datetime
    recorded_at: datetime


class DisplacementOut(Out):
    """A carer the family gave up for a more urgent need, on whose word."""

    visit_id: UUID
    carer_id: UUID
    then: str
    said_by: str
    said_at: datetime
    recorded_at: datetime
