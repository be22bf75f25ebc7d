"""What the request service says: families, what they ask for, and whom they share a carer with."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from shared.domain.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceFacts:
    """Where care happens; the address travels because the carer whose visit it is must find the door."""

    place_id: UUID
    latitude: float
    longitude: float
    zone: str
    area: str
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildFacts:
    """A child as its carer must know them. `allergies_asked` is False until the family was asked, whatever they said."""

    child_id: UUID
    first_name: str
    born: date
    care_needs: tuple[str, ...] = ()
    allergies: tuple[str, ...] = ()
    allergies_asked: bool = True
    routine: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFacts:
    """One of the adults of a household, all equal. Channels that reach them, best first: phone, sms, email."""

    name: str
    phone: str | None = None
    email: str | None = None
    channels: tuple[str, ...] = ("phone",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinuityFacts:
    """What a family wants to see of known faces: at most so many carers in 14 days, the most frequent with so many percent."""

    most_carers: int
    least_share_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyFacts:
    """A household as other services may know it: no reason for a need is ever among it.

    `language` is the one messages are written in, `languages` are those spoken at home.
    """

    name: str
    language: str
    home: PlaceFacts
    children: tuple[ChildFacts, ...]
    phone: str | None = None
    email: str | None = None
    favourite_carer_ids: tuple[UUID, ...] = ()
    excluded_carer_ids: tuple[UUID, ...] = ()
    backup_carer_ids: tuple[UUID, ...] = ()
    languages: tuple[str, ...] = ()
    interpreter: bool = False
    form_of_address: str | None = None
    contacts: tuple[ContactFacts, ...] = ()
    continuity: ContinuityFacts | None = None
    dispatcher_account_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLeg:
    """Something to do within a visit, at its time and, where it is elsewhere, its place: bring, fetch, meal, bedtime, handover."""

    kind: str
    at: datetime
    place: PlaceFacts | None = None
    child_ids: tuple[UUID, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitTerms:
    """One visit as asked for. Its id never changes; `version` counts its changes. `place` is None at the carer's home.

    `kind` is care, introduction (a free first meeting, paid to the carer) or standby (kept free until called in). A
    `mode` of either leaves it to the carer who says yes; `place` is then the family's home. Start and end may shift by
    the flexible minutes. `must` and `wishes` are of the same words: no_pets, non_smoker, language:<code>, skill:<tag>.
    `only_carer_ids` are the ones it can be at all, if any are named; `ask_first_carer_ids` are asked before anybody
    else (who had the visit until it moved). A provisional visit may not be confirmed to anybody yet. `introduction` is
    needed before a stranger comes, or waived (by whom and why is request's to tell). The ceiling is per hour, in minor
    units.
    """

    visit_id: UUID
    version: int
    family_id: UUID
    child_ids: tuple[UUID, ...]
    mode: str
    start: datetime
    end: datetime
    zone: str
    place: PlaceFacts | None = None
    skills: tuple[str, ...] = ()
    shared_care_id: UUID | None = None
    clock_change: bool = False
    kind: str = "care"
    legs: tuple[VisitLeg, ...] = ()
    flexible_before_minutes: int = 0
    flexible_after_minutes: int = 0
    must: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    only_carer_ids: tuple[UUID, ...] = ()
    ask_first_carer_ids: tuple[UUID, ...] = ()
    price_ceiling_minor: int | None = None
    provisional: bool = False
    introduction: str = "waived"


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyRegistered(Event):
    wire_name: ClassVar[str] = "family.registered.v1"
    key_field: ClassVar[str] = "family_id"

    family_id: UUID
    family: FamilyFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyChanged(Event):
    wire_name: ClassVar[str] = "family.changed.v1"
    key_field: ClassVar[str] = "family_id"

    family_id: UUID
    family: FamilyFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyMerged(Event):
    """The same household was registered twice: from now on all that was `merged_family_id`'s is `family_id`'s."""

    wire_name: ClassVar[str] = "family.merged.v1"
    key_field: ClassVar[str] = "family_id"

    family_id: UUID
    merged_family_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyErased(Event):
    wire_name: ClassVar[str] = "family.erased.v1"
    key_field: ClassVar[str] = "family_id"

    family_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CareRequestOpened(Event):
    """`urgent` is an emergency or a sick child: minutes matter. `visits` are all that are known so far.

    `urgency` says which: emergency or sick_child. `decides` is who chooses among those who said yes, if the family or
    the dispatcher asked for it: first_yes, dispatcher, family. With `may_take_part` a carer may take some visits of a
    series and leave others; with `one_carer` all go to the same one. `priority` is the place the desk's published rules
    give it: the higher, the sooner it is looked at.
    """

    wire_name: ClassVar[str] = "care_request.opened.v1"
    key_field: ClassVar[str] = "care_request_id"

    care_request_id: UUID
    family_id: UUID
    urgent: bool
    opened_at: datetime
    visits: tuple[VisitTerms, ...]
    urgency: str | None = None
    occasional: bool = False
    decides: str | None = None
    may_take_part: bool = True
    one_carer: bool = False
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CareRequestAmended(Event):
    """`visits` are those added or changed (with their new version); `removed_visit_ids` are no longer wanted.

    A visit that was removed or withdrawn comes back when it is among `visits` with a newer version. What is None is as
    it was.
    """

    wire_name: ClassVar[str] = "care_request.amended.v1"
    key_field: ClassVar[str] = "care_request_id"

    care_request_id: UUID
    family_id: UUID
    visits: tuple[VisitTerms, ...]
    removed_visit_ids: tuple[UUID, ...] = ()
    priority: int | None = None
    decides: str | None = None
    may_take_part: bool | None = None
    one_carer: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CareRequestWithdrawn(Event):
    """The family no longer wants any of its visits that have not started."""

    wire_name: ClassVar[str] = "care_request.withdrawn.v1"
    key_field: ClassVar[str] = "care_request_id"

    care_request_id: UUID
    visit_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareFacts:
    """One family's fixed share: hundredths of a percent where the rule is percentages, minor units where it is amounts."""

    family_id: UUID
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitFacts:
    """How families split what shared care costs.

    `shares` are there for the rules percentages, amounts and income. What fixed amounts leave over is
    `remainder_family_id`'s. The host is compensated by so much an hour of the others' presence. `travel_rule` splits the
    travel; None is the same way as the care.
    """

    shares: tuple[ShareFacts, ...] = ()
    remainder_family_id: UUID | None = None
    host_minor_per_hour: int = 0
    travel_rule: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedCareAgreed(Event):
    """Families who consented to share a carer at the host's home. `rule` says how they split what it costs.

    Said again from another day on when a family joins or leaves or the rule changes: what was before stays as it was.
    """

    wire_name: ClassVar[str] = "shared_care.agreed.v1"
    key_field: ClassVar[str] = "shared_care_id"

    shared_care_id: UUID
    family_ids: tuple[UUID, ...]
    host_family_id: UUID
    place: PlaceFacts
    rule: str
    valid_from: date
    split: SplitFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedCareEnded(Event):
    wire_name: ClassVar[str] = "shared_care.ended.v1"
    key_field: ClassVar[str] = "shared_care_id"

    shared_care_id: UUID
    valid_until: date
