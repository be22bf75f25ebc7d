"""What who sent a family may know of what became of it: only what the family allows, and never a no."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.request.domain.progress import VisitState


class ReferrerKind(StrEnum):
    """Who sends families. An employment service activates parents: a family's no to care is none of its business."""

    EMPLOYMENT_SERVICE = "employment_service"
    HOSPITAL = "hospital"
    WELFARE = "welfare"
    SCHOOL = "school"
    OTHER = "other"


class Allows(StrEnum):
    """What the family allows them to know: nothing, that it was helped, or more."""

    NOTHING = "nothing"
    HELPED = "helped"
    MORE = "more"


ACTIVATES = (ReferrerKind.EMPLOYMENT_SERVICE,)
_HELPED = (VisitState.CERTAIN, VisitState.RUNNING, VisitState.COMPLETED)
_WORDS = {
    VisitState.CERTAIN: "certain",
    VisitState.RUNNING: "certain",
    VisitState.COMPLETED: "took_place",
    VisitState.OPEN: "looking",
    VisitState.OFFERED: "looking",
    VisitState.ACCEPTED: "looking",
    VisitState.UNFILLED: "nobody_found",
    VisitState.MISSED: "did_not_take_place",
    VisitState.CANCELLED: "did_not_take_place",
    VisitState.WITHDRAWN: "no_longer_asked",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`helped` is true or not said; each visit's day with a word for it, where more may be known."""

    helped: bool | None
    visits: tuple[tuple[date, str], ...] = ()


def told(kind: str, allows: str, visits: Sequence[tuple[date, VisitState]]) -> Told:
    """What this referrer is told.

    That care was found is told where the family allows it; that it was not, was refused, withdrawn or called off, and
    when a family could or would, never reaches who activates (2:W19): for it there is care, or nothing is said.
    """
    if allows == Allows.NOTHING:
        return Told(helped=None)
    helped = True if any(state in _HELPED for _, state in visits) else None
    if allows == Allows.HELPED:
        return Told(helped=helped)
    shown = [(day, state) for day, state in visits if kind not in ACTIVATES or state in _HELPED]
    return Told(helped=helped, visits=tuple((day, _WORDS[state]) for day, state in sorted(shown)))
