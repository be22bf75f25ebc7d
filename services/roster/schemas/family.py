"""What a family reads of its visits."""

from datetime import datetime
from uuid import UUID

from services.roster.schemas.visits import CorrectionOut, NoteOut, StayOut
from shared.http.schema import Out


class ComingOut(Out):
    """Who comes when: a first name, a photo if they gave one, how it stands. Nothing of the carer's address or other families."""

    visit_id: UUID
    state: str
    kind: str
    start: datetime
    end: datetime
    zone: str
    mode: str
    carer_id: UUID
    first_name: str
    has_photo: bool
    children: tuple[str, ...]
    expected_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    address: str | None
    note: NoteOut | None
    stay: StayOut | None


class ComingsOut(Out):
    rows: tuple[ComingOut, ...]


class FamilyCorrectionOut(CorrectionOut):
    start: datetime
    end: datetime
    zone: str
    first_name: str
    was_started_at: datetime | None
    was_ended_at: datetime | None


class FamilyCorrectionsOut(Out):
    rows: tuple[FamilyCorrectionOut, ...]
