"""What is asked about visits: booked, at the door, changed, put right, looked at."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.roster import Presence


@dataclass(frozen=True, slots=True, kw_only=True)
class BookVisit:
    visit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AskComing:
    """Before a night: is the carer still coming?"""

    visit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSilence:
    """The carer did not answer whether they still come."""

    visit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmComing:
    visit_id: UUID
    carer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOut:
    """The carer is on the way; `happened_at` may lie back: the phone was offline."""

    visit_id: UUID
    carer_id: UUID
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIn:
    """`carer_id` is whose phone it comes from. `happened_at` may lie back: the phone was offline.

    `sent_at` is the phone's clock as it sent this: what it is off by is known then. `anyway` says that the children
    are there though they are too many.
    """

    visit_id: UUID
    carer_id: UUID
    happened_at: datetime | None = None
    sent_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    accuracy_metres: int | None = None
    anyway: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOut:
    """`handed_to` is the adult who took the children over."""

    visit_id: UUID
    carer_id: UUID
    handed_to: str | None = None
    happened_at: datetime | None = None
    sent_at: datetime | None = None
    latitude: float | None = None
    longitude: float | None = None
    accuracy_metres: int | None = None
    presences: tuple[Presence, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteChild:
    """A child came later (`came`) or was fetched earlier (`left`) than the visit."""

    visit_id: UUID
    carer_id: UUID
    child_id: UUID
    what: str
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteNote:
    """A hand-over note: for the family and for whoever comes next."""

    visit_id: UUID
    carer_id: UUID
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelVisit:
    """`by` is family, carer or desk."""

    visit_id: UUID
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeCorrection:
    """`by` is whose word it is: carer, family or desk. With `agreed_with` the other side has agreed already, and how."""

    visit_id: UUID
    started_at: datetime
    ended_at: datetime
    reason: str
    by: str
    person_id: UUID | None = None
    agreed_with: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCorrection:
    """The other side says yes or no; the desk may say it for them, `note` says how they told it."""

    correction_id: UUID
    by: str
    agrees: bool
    person_id: UUID | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskToStay:
    """The carer is asked to stay until then; `by` is family or desk, or the carer who offers it."""

    visit_id: UUID
    until: datetime
    by: str
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerStay:
    """`by_desk` where the carer told it by phone."""

    stay_id: UUID
    agrees: bool
    carer_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSwap:
    """A carer asks a colleague to take a visit over, or to give one of theirs for it."""

    visit_id: UUID
    carer_id: UUID
    to_carer_id: UUID
    return_visit_id: UUID | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSwap:
    """`as_` is who says it: colleague, family or desk; a desk may speak for a family (`family_id`) that told it by phone."""

    swap_id: UUID
    as_: str
    agrees: bool
    person_id: UUID | None = None
    family_id: UUID | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseSwap:
    swap_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerate:
    """The desk knowingly lets so many more children in at a carer's home for a while."""

    carer_id: UUID
    start: datetime
    end: datetime
    children: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleReview:
    """Somebody of the desk looked at how a visit was told."""

    visit_id: UUID
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagMissingCheckIn:
    visit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagMissingCheckOut:
    visit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkMissed:
    visit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRoster:
    start: datetime
    end: datetime
    carer_id: UUID | None = None
    area: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowVisit:
    visit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowMyVisits:
    carer_id: UUID
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowVisitCard:
    visit_id: UUID
    carer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowEvv:
    start: datetime
    end: datetime
