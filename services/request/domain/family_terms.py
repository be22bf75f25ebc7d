"""What a family tells about itself, and what of it can't be right."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.request.domain.checks import known_zone, local_day
from shared.domain.errors import Invalid

MOST_BACKUPS = 2
CHANNELS = ("phone", "sms", "email")


class PlaceKind(StrEnum):
    """What is there: one of the family's homes, or where its children also are."""

    HOME = "home"
    SCHOOL = "school"
    NURSERY = "nursery"
    OTHER = "other"


class SupportTier(StrEnum):
    """How much the family wants the desk to do (2:S24): it may change its mind at any time."""

    SELF_SERVE = "self_serve"
    BASIC = "basic"
    IN_PERSON = "in_person"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildTerms:
    """A child as told; `child_id` names one that is known already. `allergies` None: the family was not asked yet."""

    first_name: str
    born: date
    child_id: UUID | None = None
    care_needs: tuple[str, ...] = ()
    allergies: tuple[str, ...] | None = None
    routine: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactTerms:
    """One of the adults, all equal. Channels that reach them, best first."""

    name: str
    phone: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    channels: tuple[str, ...] = ("phone",)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeTerms:
    """Where they live. An `approximate` home is somewhere in its area: enough to begin with, not to send anybody."""

    latitude: float
    longitude: float
    zone: str
    area: str
    address: str | None = field(default=None, repr=False)
    approximate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTerms:
    """A school, a nursery, a club; `place_id` names one known already. `note` says how to find whom at the gate."""

    kind: str
    name: str
    latitude: float
    longitude: float
    zone: str
    area: str
    address: str | None = field(default=None, repr=False)
    note: str | None = field(default=None, repr=False)
    place_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinuityTerms:
    """At most so many carers in 14 days, the most frequent of them with at least so many percent of the hours."""

    most_carers: int
    least_share_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyTerms:
    """All that a family tells about itself. `language` is that of messages, `languages` are spoken at home."""

    name: str
    language: str
    home: HomeTerms
    children: tuple[ChildTerms, ...]
    phone: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    contacts: tuple[ContactTerms, ...] = ()
    languages: tuple[str, ...] = ()
    interpreter: bool = False
    form_of_address: str | None = None
    places: tuple[PlaceTerms, ...] = ()
    favourite_carer_ids: tuple[UUID, ...] = ()
    excluded_carer_ids: tuple[UUID, ...] = ()
    backup_carer_ids: tuple[UUID, ...] = ()
    continuity: ContinuityTerms | None = None
    support_tier: str = SupportTier.BASIC


def check_family(terms: FamilyTerms, now: datetime) -> None:
    """Raises Invalid for what can't be right, naming the field."""
    check_home(terms.home, "#/home")
    for number, place in enumerate(terms.places):
        _check_place(place, f"#/places/{number}")
    _check_children(terms.children, local_day(now, terms.home.zone), terms.home.zone)
    for number, contact in enumerate(terms.contacts):
        _check_contact(contact, f"#/contacts/{number}")
    for number, language in enumerate(terms.languages):
        if not re.fullmatch("[a-z]{2,3}", language):
            raise Invalid(
                "A language is its ISO 639 code, such as fr or tr, in small letters.", pointer=f"#/languages/{number}"
            )
    check_carers(terms.favourite_carer_ids, terms.excluded_carer_ids, terms.backup_carer_ids)
    if terms.support_tier not in tuple(SupportTier):
        raise Invalid(f"A family is helped by {', '.join(SupportTier)}.", pointer="#/support_tier")
    if terms.continuity is not None:
        _check_continuity(terms.continuity)


def check_home(home: HomeTerms, pointer: str) -> None:
    """Raises Invalid for a home that lies nowhere on earth or keeps no known time."""
    _check_spot(home.latitude, home.longitude, home.zone, pointer)


def _check_place(place: PlaceTerms, pointer: str) -> None:
    if place.kind not in tuple(PlaceKind) or place.kind == PlaceKind.HOME:
        raise Invalid("A place is a school, a nursery or other; the home is told apart.", pointer=f"{pointer}/kind")
    _check_spot(place.latitude, place.longitude, place.zone, pointer)


def _check_spot(latitude: float, longitude: float, zone: str, pointer: str) -> None:
    if not -90 <= latitude <= 90:
        raise Invalid("A latitude lies between -90 and 90 degrees.", pointer=f"{pointer}/latitude")
    if not -180 <= longitude <= 180:
        raise Invalid("A longitude lies between -180 and 180 degrees.", pointer=f"{pointer}/longitude")
    known_zone(zone, f"{pointer}/zone")


def _check_children(children: Sequence[ChildTerms], today: date, zone: str) -> None:
    if not children:
        raise Invalid("A family that asks for care has at least one child. Name the children.", pointer="#/children")
    for number, child in enumerate(children):
        if child.born > today:
            raise Invalid(
                f"A child can't be born on {child.born.isoformat()}: today is {today.isoformat()} in {zone}. "
                "Correct the date, or register the child after the birth.",
                pointer=f"#/children/{number}/born",
            )
    named = [child.child_id for child in children if child.child_id is not None]
    if len(set(named)) != len(named):
        raise Invalid("One child is named twice.", pointer="#/children")


def _check_contact(contact: ContactTerms, pointer: str) -> None:
    if not contact.channels:
        raise Invalid("Name at least one channel that reaches them.", pointer=f"{pointer}/channels")
    for number, channel in enumerate(contact.channels):
        where = f"{pointer}/channels/{number}"
        if channel not in CHANNELS:
            raise Invalid(f"People are reached by {', '.join(CHANNELS)}, not by {channel!r}.", pointer=where)
        needs_email = channel == "email"
        if (contact.email if needs_email else contact.phone) is None:
            lacking = "an e-mail address" if needs_email else "a phone number"
            raise Invalid(f"To reach them by {channel}, tell {lacking}.", pointer=where)


def check_carers(favourites: Sequence[UUID], excluded: Sequence[UUID], backups: Sequence[UUID]) -> None:
    """Raises Invalid for a carer who is wanted and not wanted, and for more backups than can be called."""
    if set(favourites) & set(excluded):
        raise Invalid(
            "A carer can't be both a favourite and excluded. Take them out of one of the lists.",
            pointer="#/excluded_carer_ids",
        )
    if set(backups) & set(excluded):
        raise Invalid("A backup can't be excluded as well.", pointer="#/backup_carer_ids")
    if len(backups) > MOST_BACKUPS or len(set(backups)) != len(backups):
        raise Invalid(f"Name up to {MOST_BACKUPS} different backups.", pointer="#/backup_carer_ids")


def _check_continuity(continuity: ContinuityTerms) -> None:
    if continuity.most_carers < 1:
        raise Invalid("At least one carer is needed.", pointer="#/continuity/most_carers")
    if not 0 <= continuity.least_share_percent <= 100:
        raise Invalid("A share lies between 0 and 100 percent.", pointer="#/continuity/least_share_percent")
