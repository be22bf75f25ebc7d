"""What a visit is and the states it goes through: the words its aggregate speaks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.contracts.roster import Presence
from shared.domain.values import Place


class State(StrEnum):
    REFUSED = "refused"
    ROSTERED = "rostered"
    ON_THE_WAY = "on_the_way"
    STARTED = "started"
    COMPLETED = "completed"
    MISSED = "missed"
    CANCELLED = "cancelled"
    RELEASED = "released"


# States in which the carer is held at the visit's place for its time.
HOLDING = (State.ROSTERED, State.ON_THE_WAY, State.STARTED, State.COMPLETED, State.MISSED)
# States in which the carer is still to come.
AWAITED = (State.ROSTERED, State.ON_THE_WAY)


class Kind(StrEnum):
    """What a visit is for; only care ends with children handed over."""

    CARE = "care"
    INTRODUCTION = "introduction"
    STANDBY = "standby"


class Flag(StrEnum):
    """What the desk sees is missing, on the visit itself."""

    MISSING_CHECK_IN = "missing_check_in"
    MISSING_CHECK_OUT = "missing_check_out"
    CARER_ABSENT = "carer_absent"
    NOT_CONFIRMED = "not_confirmed"
    NOBODY_CAME = "nobody_came"
    NEXT_AT_RISK = "next_at_risk"


class CancelledBy(StrEnum):
    FAMILY = "family"
    CARER = "carer"
    DESK = "desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the visit is, in the version a carer said yes to."""

    visit_version: int
    family_id: UUID
    carer_id: UUID
    mode: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    place: Place
    shared_care_id: UUID | None
    child_ids: tuple[UUID, ...]
    children_born: tuple[date, ...]
    kind: str = Kind.CARE
    legs: tuple[Mapping[str, Any], ...] = ()
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """How a carer leaves: to whom the children were handed, and who of them came later or was fetched earlier."""

    at: datetime
    how: dict[str, Any] = field(default_factory=dict)
    handed_to: str | None = None
    presences: tuple[Presence, ...] = ()


def presences_of(noted: Mapping[str, Mapping[str, str]], start: datetime, end: datetime) -> tuple[Presence, ...]:
    """When children were there of whom it was noted that they came later or left earlier than start and end."""
    found = []
    for child_id, known in sorted(noted.items()):
        came = max(datetime.fromisoformat(known["came"]), start) if "came" in known else start
        left = min(datetime.fromisoformat(known["left"]), end) if "left" in known else end
        if came < left and (came, left) != (start, end):
            found.append(Presence(child_id=UUID(child_id), start=came, end=left))
    return tuple(found)
