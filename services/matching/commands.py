"""What can be asked of matching, by a person, a message or the time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkOfferSeen:
    """The carer opened the offer."""

    offer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptOffer:
    """The carer says yes to the offer's visits, in the versions it names."""

    offer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineOffer:
    """The carer says no to these terms; it costs them nothing anywhere else."""

    offer_id: UUID
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireOffer:
    offer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawOffer:
    """The dispatcher takes an offer back."""

    offer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeOffers:
    """The dispatcher offers a visit by hand to carers who may come."""

    visit_id: UUID
    carer_ids: tuple[UUID, ...]
    expires_in_minutes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseVisit:
    """The dispatcher takes a visit that has not started from its carer; it is offered to others again."""

    visit_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPolicy:
    """The desk's choices from a day on."""

    valid_from: date
    choices: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrangeVisit:
    """Bring what is offered and assigned in line with what is now known of a visit."""

    visit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SendNextWave:
    """A wave lapsed, all declined, or somebody new may be found."""

    placement_id: UUID
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAgain:
    """Something changed at the desk since its unfilled visits were looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallDispatcher:
    """The visit starts soon and nobody has said yes."""

    placement_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseAbsentCarer:
    """Free a carer's visits while they are away."""

    absence_id: UUID
