"""Visits: at the door, agreed about, read back."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from services.roster.schemas.values import Latitude, Longitude
from shared.contracts.roster import Presence
from shared.http.schema import Body, InstantIn, LongText, Out, Text


class ReportIn(Body):
    """What a phone tells. Without `happened_at` it is now; the position is the carer's to give or keep.

    `sent_at` is the phone's own clock as it sends this: with it a clock that is wrong does no harm.
    """

    happened_at: InstantIn | None = None
    sent_at: InstantIn | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    accuracy_metres: Annotated[int, Field(ge=0, le=1_000_000)] | None = None


class CheckInIn(ReportIn):
    """`anyway`: the children are there though they are too many."""

    anyway: bool = False


class PresenceIn(Body):
    child_id: UUID
    start: InstantIn
    end: InstantIn


class CheckOutIn(ReportIn):
    """`handed_to` is the adult who took the children over; `presences` are children who came later or left earlier."""

    handed_to: Text | None = None
    presences: Annotated[tuple[PresenceIn, ...], Field(max_length=50)] = ()
    note: LongText = ""

    def told(self) -> dict[str, Any]:
        """The same, as the command takes it."""
        plain = self.model_dump(exclude={"presences"})
        presences = tuple(Presence(**each.model_dump()) for each in self.presences)
        return {**plain, "presences": presences}


class HappenedIn(Body):
    happened_at: InstantIn | None = None


class ChildIn(Body):
    """`what`: came or left."""

    what: Text
    happened_at: InstantIn | None = None


class NoteIn(Body):
    text: LongText


class CancelIn(Body):
    """`by` is family, carer or desk."""

    by: Text
    reason: LongText = ""


class CorrectIn(Body):
    """What the times really were. With `agreed_with` the other side has agreed already: who, and how they told it."""

    started_at: InstantIn
    ended_at: InstantIn
    reason: LongText
    agreed_with: Text | None = None


class MyCorrectIn(Body):
    started_at: InstantIn
    ended_at: InstantIn
    reason: LongText


class AnswerIn(Body):
    agrees: bool


class DeskAnswerIn(Body):
    """The desk answers for somebody who told it; `note` says how."""

    agrees: bool
    note: LongText = ""


class StayIn(Body):
    until: InstantIn


class SwapIn(Body):
    """A colleague to take the visit over, or to give `return_visit_id` of theirs for it."""

    to_carer_id: UUID
    return_visit_id: UUID | None = None
    note: LongText = ""


class SwapAnswerIn(Body):
    agrees: bool
    why: LongText = ""


class DeskSwapAnswerIn(Body):
    """The desk stops a swap (`agrees` false), or says a family's yes or no that it was told."""

    agrees: bool
    family_id: UUID | None = None
    why: LongText = ""


class ToleranceIn(Body):
    start: InstantIn
    end: InstantIn
    children: Annotated[int, Field(ge=1, le=20)]
    reason: LongText


class ReviewIn(Body):
    note: LongText


class VisitCarerOut(Out):
    carer_id: UUID
    first_name: str
    last_name: str


class VisitFamilyOut(Out):
    family_id: UUID
    name: str


class ContactOut(Out):
    name: str
    phone: str | None = None


class FamilyAtDoorOut(VisitFamilyOut):
    phone: str | None
    contacts: tuple[ContactOut, ...] = ()


class ChildOut(Out):
    """A child as its carer must know them; `came` and `left` where it was noted."""

    child_id: UUID
    first_name: str
    born: date
    care_needs: tuple[str, ...]
    allergies: tuple[str, ...]
    allergies_asked: bool = True
    routine: str | None = None
    came: datetime | None = None
    left: datetime | None = None


class LegPlaceOut(Out):
    latitude: float
    longitude: float
    area: str
    address: str | None = None


class VisitLegOut(Out):
    kind: str
    at: datetime
    place: LegPlaceOut | None
    child_ids: tuple[UUID, ...]
    note: str | None


class OnCallOut(Out):
    """Whom to ring at night."""

    name: str
    phone: str | None


class NoteOut(Out):
    visit_id: UUID
    by: str
    text: str
    written_at: datetime


class StayOut(Out):
    stay_id: UUID
    until: datetime
    asked_by: str
    asked_at: datetime
    state: str


class CorrectionOut(Out):
    correction_id: UUID
    visit_id: UUID
    started_at: datetime
    ended_at: datetime
    reason: str
    proposed_by: str
    proposed_at: datetime
    state: str
    answered_by: str | None
    answered_at: datetime | None
    answer: str


class SwapOut(Out):
    swap_id: UUID
    visit_id: UUID
    return_visit_id: UUID | None
    from_carer_id: UUID
    to_carer_id: UUID
    state: str
    note: str
    asked_at: datetime
    yeses: dict[str, Any]
    why: str


class _VisitOut(Out):
    visit_id: UUID
    version: int
    state: str
    kind: str
    alert: str | None
    review: str | None = None
    start: datetime
    end: datetime
    zone: str
    expected_at: datetime | None = None
    started_at: datetime | None
    ended_at: datetime | None
    mode: str
    area: str
    urgent: bool
    shared_care_id: UUID | None
    carer: VisitCarerOut


class VisitLineOut(_VisitOut):
    """A visit on the desk's roster. `alert` says what is missing; `review` that somebody must look at how it was told."""

    family: VisitFamilyOut
    children: tuple[str, ...]


class VisitCardOut(_VisitOut):
    """A visit with all that is needed at the door. `check_in` and `check_out` say how good a proof each is.

    `complete` is false while the visit is far off or long over: then address, numbers and what is to know of the children
    are left out, until `complete_from`.
    """

    coming_at: datetime | None = None
    set_out_at: datetime | None = None
    handed_to: str | None = None
    family: FamilyAtDoorOut
    children: tuple[ChildOut, ...]
    legs: tuple[VisitLegOut, ...]
    notes: tuple[NoteOut, ...]
    on_call: OnCallOut | None
    address: str | None
    latitude: float
    longitude: float
    check_in: dict[str, Any] | None
    check_out: dict[str, Any] | None
    complete: bool
    complete_from: datetime | None
    stay: StayOut | None = None
    corrections: tuple[CorrectionOut, ...] = ()
    swaps: tuple[SwapOut, ...] = ()


class HistoryOut(Out):
    version: int
    at: datetime
    what: str
    state: str
    carer_id: UUID
    facts: dict[str, Any]
    account_id: UUID | None


class VisitAlertOut(Out):
    alert_id: UUID
    kind: str
    severity: str
    state: str
    due_at: datetime


class VisitOut(VisitCardOut):
    """A visit as the desk sees it, with what was known of it when."""

    history: tuple[HistoryOut, ...]
    alerts: tuple[VisitAlertOut, ...] = ()


class RosterOut(Out):
    rows: tuple[VisitLineOut, ...]


class MyVisitsOut(Out):
    rows: tuple[VisitCardOut, ...]


class VisitStateOut(Out):
    """Where the visit stands now."""

    visit_id: UUID
    version: int
    state: str
    started_at: datetime | None
    ended_at: datetime | None
    expected_at: datetime | None = None


class CorrectionIdOut(Out):
    correction_id: UUID


class StayIdOut(Out):
    stay_id: UUID


class SwapIdOut(Out):
    swap_id: UUID


class SwapStateOut(Out):
    state: str


class ToleranceIdOut(Out):
    tolerance_id: UUID


class ColleagueOut(Out):
    """A colleague whom the visit would fit."""

    carer_id: UUID
    first_name: str
    initial: str
    knows_family: bool


class ColleaguesOut(Out):
    rows: tuple[ColleagueOut, ...]


class MySwapOut(SwapOut):
    """A swap as one it concerns reads it: when, and with whom."""

    start: datetime
    end: datetime
    zone: str
    area: str
    from_name: str
    to_name: str
    needed: tuple[str, ...]


class MySwapsOut(Out):
    rows: tuple[MySwapOut, ...]
