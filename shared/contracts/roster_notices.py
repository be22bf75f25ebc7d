"""What the roster has people told: alerts, questions that need a yes, reminders, tonight's list."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from shared.domain.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialLapsing(Event):
    """A paper ends in so many days and nothing that counts follows it: its carer is reminded."""

    wire_name: ClassVar[str] = "credential.lapsing.v1"
    key_field: ClassVar[str] = "credential_id"

    credential_id: UUID
    carer_id: UUID
    kind: str
    valid_until: date
    days_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingAsked(Event):
    """Before a night the carer is asked whether they still come; silence until `answer_by` is noticed."""

    wire_name: ClassVar[str] = "visit.coming_asked.v1"
    key_field: ClassVar[str] = "visit_id"

    visit_id: UUID
    carer_id: UUID
    start: datetime
    end: datetime
    answer_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitAtRisk(Event):
    """Its carer may not come (`why`: not_confirmed or held_elsewhere): cover is worth preparing. Nothing is taken back."""

    wire_name: ClassVar[str] = "visit.at_risk.v1"
    key_field: ClassVar[str] = "visit_id"

    visit_id: UUID
    carer_id: UUID
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StayAsked(Event):
    """The carer is asked to stay longer than agreed; it needs their yes."""

    wire_name: ClassVar[str] = "stay.asked.v1"
    key_field: ClassVar[str] = "stay_id"

    stay_id: UUID
    visit_id: UUID
    carer_id: UUID
    until: datetime
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapAsked(Event):
    """A carer asks a colleague to take a visit over, or to give one in return; families and colleague answer."""

    wire_name: ClassVar[str] = "swap.asked.v1"
    key_field: ClassVar[str] = "swap_id"

    swap_id: UUID
    visit_id: UUID
    return_visit_id: UUID | None
    from_carer_id: UUID
    to_carer_id: UUID
    family_ids: tuple[UUID, ...]
    start: datetime
    end: datetime
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapEnded(Event):
    """`state` is done, declined, stopped, lapsed or overtaken; who has the visit says VisitReassigned."""

    wire_name: ClassVar[str] = "swap.ended.v1"
    key_field: ClassVar[str] = "swap_id"

    swap_id: UUID
    visit_id: UUID
    from_carer_id: UUID
    to_carer_id: UUID
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionProposed(Event):
    """One side says what the times really were; `asks` says whose agreement it needs: carer or family."""

    wire_name: ClassVar[str] = "correction.proposed.v1"
    key_field: ClassVar[str] = "correction_id"

    correction_id: UUID
    visit_id: UUID
    carer_id: UUID
    family_id: UUID
    asks: str
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcessTolerated(Event):
    """The desk knowingly lets in so many children more at this carer's home for a while."""

    wire_name: ClassVar[str] = "excess.tolerated.v1"
    key_field: ClassVar[str] = "tolerance_id"

    tolerance_id: UUID
    carer_id: UUID
    start: datetime
    end: datetime
    children: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TonightListMade(Event):
    """Who is where tonight, for those on duty to have by mail; `version` counts the list's changes of that day."""

    wire_name: ClassVar[str] = "tonight.made.v1"
    key_field: ClassVar[str] = "desk_id"

    on: date
    account_ids: tuple[UUID, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRaised(Event):
    """Something needs a person by `due_at`: its owner, or whoever is next on duty. Said again each time it escalates.

    `owner_phone` is where who is on duty is rung; without an owner it is for every dispatcher of the desk.
    """

    wire_name: ClassVar[str] = "alert.raised.v1"
    key_field: ClassVar[str] = "alert_id"

    alert_id: UUID
    kind: str
    severity: str
    owner_account_id: UUID | None
    due_at: datetime
    visit_id: UUID | None = None
    carer_id: UUID | None = None
    level: int = 1
    owner_phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertClosed(Event):
    wire_name: ClassVar[str] = "alert.closed.v1"
    key_field: ClassVar[str] = "alert_id"

    alert_id: UUID
