"""Whose word a correction is, and whose agreement it needs."""

from datetime import datetime
from enum import StrEnum

from shared.domain.errors import Invalid, NotAllowed
from shared.domain.values import TimeWindow


class Side(StrEnum):
    CARER = "carer"
    FAMILY = "family"
    DESK = "desk"


def check_proposal(started_at: datetime, ended_at: datetime, reason: str, by: str, now: datetime) -> TimeWindow:
    """The times as they really were. Raises Invalid for an end before the start, a time to come, or no reason."""
    if by not in tuple(Side):
        raise Invalid(f"A correction is the word of {', '.join(Side)}.", pointer="#/by")
    if ended_at <= started_at:
        raise Invalid("The end must come after the start.", pointer="#/ended_at")
    if ended_at > now:
        raise Invalid("This time is still to come; a correction is about what happened.", pointer="#/ended_at")
    if not reason:
        raise Invalid("A correction needs a reason.", pointer="#/reason")
    return TimeWindow(started_at, ended_at)


def other_side(proposed_by: str) -> str:
    """Who must agree: the family to what a carer says, the carer to what the family or the desk says."""
    return Side.FAMILY.value if proposed_by == Side.CARER else Side.CARER.value


def check_answer(proposed_by: str, by: str, note: str) -> None:
    """Raises NotAllowed for who proposed it; Invalid where the desk answers for somebody and doesn't say how they said it."""
    if by == Side.DESK:
        if not note:
            raise Invalid("Say how the other side told it, such as by phone to you.", pointer="#/note")
        return
    if by != other_side(proposed_by):
        raise NotAllowed(f"This waits for the {other_side(proposed_by)}'s answer.")
