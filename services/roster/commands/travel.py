"""What is asked of the travel ledger and of places."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordWayHome:
    """The shift ended with this visit if no other began soon after it."""

    visit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RecountTravel:
    """The legs of a carer's days, reckoned anew from what is known now; what differs is taken back and put right."""

    carer_id: UUID
    first: date
    last: date
