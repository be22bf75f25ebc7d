"""What became of a visit: one state out of what matching and roster said, whatever order their words came in."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class VisitState(StrEnum):
    """What a dispatcher sees. `accepted` is being confirmed; only `certain` may be promised to the family."""

    OPEN = "open"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    CERTAIN = "certain"
    RUNNING = "running"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    MISSED = "missed"
    UNFILLED = "unfilled"
    WITHDRAWN = "withdrawn"


SETTLED = frozenset({VisitState.RUNNING, VisitState.COMPLETED, VisitState.CANCELLED, VisitState.MISSED})
"""From here on only the roster changes a visit."""

OVER = frozenset({VisitState.COMPLETED, VisitState.CANCELLED, VisitState.MISSED, VisitState.WITHDRAWN})
"""Nobody needs to do anything about such a visit."""

CERTAIN_ENOUGH = frozenset({VisitState.CERTAIN, VisitState.RUNNING, VisitState.COMPLETED})
"""The family may be told who comes."""


class RosterWord(StrEnum):
    """The roster's latest word about a visit."""

    ROSTERED = "rostered"
    REASSIGNED = "reassigned"
    REFUSED = "refused"
    STARTED = "started"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    MISSED = "missed"


LAST_WORDS = (RosterWord.COMPLETED, RosterWord.CANCELLED, RosterWord.MISSED)
"""After these it is known what became of every minute."""

_FINAL = {
    RosterWord.COMPLETED: VisitState.COMPLETED,
    RosterWord.STARTED: VisitState.RUNNING,
    RosterWord.MISSED: VisitState.MISSED,
    RosterWord.CANCELLED: VisitState.CANCELLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Everything heard about one visit. Each topic's latest word counts, by its own version; 0 is none yet."""

    matching_version: int = 0
    assigned: bool = False
    matching_carer_id: UUID | None = None
    roster_version: int = 0
    roster_word: RosterWord | None = None
    roster_visit_version: int = 0
    roster_carer_id: UUID | None = None
    unfilled_version: int = 0
    offered_version: int = 0


def newer(heard_version: int, version: int, word: RosterWord | None = None) -> bool:
    """Whether a word of this version replaces the one heard. Words of one version come in order; done is done."""
    return word is not RosterWord.COMPLETED and version >= heard_version


def state_of(visit_version: int, removed: bool, heard: Heard) -> VisitState:
    """The state of a visit, by precedence: what happened at the door, the family's no, who said yes, who was asked.

    The roster's yes counts for the carer matching assigned last, or ahead of matching's word for another one, and for
    the visit as it is now: one amended since is being confirmed again. `offered_version` is that of an offer that
    still stands.
    """
    if heard.roster_word in _FINAL:
        return _FINAL[heard.roster_word]
    if removed:
        return VisitState.WITHDRAWN
    same_carer = heard.roster_carer_id == heard.matching_carer_id
    rostered = heard.roster_word in (RosterWord.ROSTERED, RosterWord.REASSIGNED)
    if heard.roster_word is RosterWord.REASSIGNED and not same_carer:
        # The roster's own people gave it to somebody else; matching follows.
        return VisitState.CERTAIN if heard.roster_visit_version >= visit_version else VisitState.ACCEPTED
    if heard.assigned:
        if heard.roster_word is RosterWord.REFUSED and same_carer and heard.roster_visit_version >= visit_version:
            return VisitState.OPEN
        agreed = rostered and same_carer and heard.roster_visit_version >= visit_version
        return VisitState.CERTAIN if agreed else VisitState.ACCEPTED
    if rostered and not same_carer:
        return VisitState.CERTAIN if heard.roster_visit_version >= visit_version else VisitState.ACCEPTED
    if heard.offered_version >= visit_version:
        return VisitState.OFFERED
    if heard.unfilled_version >= visit_version:
        return VisitState.UNFILLED
    return VisitState.OPEN


def carer_of(heard: Heard, state: VisitState) -> UUID | None:
    """Who comes, or came; None while nobody said yes."""
    if state in (VisitState.OPEN, VisitState.OFFERED, VisitState.UNFILLED, VisitState.WITHDRAWN):
        return None
    if state is VisitState.ACCEPTED and heard.assigned and heard.roster_word is not RosterWord.REASSIGNED:
        return heard.matching_carer_id
    return heard.roster_carer_id
