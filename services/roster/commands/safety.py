"""What is asked of alerts, duty, concerns and tonight's list."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeAlert:
    alert_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseAlert:
    alert_id: UUID
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateAlert:
    alert_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CallForHelp:
    """A carer needs somebody, during a visit or not."""

    carer_id: UUID
    visit_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SayNobodyCame:
    """The visit is over and nobody has come to take the children over."""

    visit_id: UUID
    carer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinDuty:
    """This account may be on duty; the phone is what carers ring at night."""

    name: str
    phone: str | None
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveDuty:
    account_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferDuty:
    """Who is on duty hands it to a colleague, who has it once they say so."""

    to_account_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeDuty:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class SayConcern:
    """In confidence: about a family, a carer or a visit."""

    said_by: str
    person_id: UUID
    about: str
    about_id: UUID
    text: str
    visit_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadConcern:
    concern_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseConcern:
    concern_id: UUID
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeTonight:
    """Tonight's list as it now is."""

    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTonightSaved:
    on: date
    version: int
