"""Waves: whom to ask next, and when the desk must be called in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.matching.domain.need import Need
from services.matching.domain.policy import Policy
from services.matching.domain.ranking import Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """Offers that go out together and lapse together."""

    number: int
    candidates: tuple[Candidate, ...]
    lapses_at: datetime


def next_wave(
    need: Need,
    candidates: Sequence[Candidate],
    asked: Collection[UUID],
    last_number: int,
    preferred: UUID | None,
    policy: Policy,
    now: datetime,
) -> Wave | None:
    """The next to ask, best first, never the same carer twice for the same terms; None when nobody is left.

    A carer who had the visit before its terms changed, or who cares for its sibling, is asked first and alone. Nobody
    is given longer to answer than until the visit starts.
    """
    left = [candidate for candidate in candidates if candidate.carer_id not in asked]
    first = [candidate for candidate in left if candidate.carer_id == preferred]
    number = last_number + 1
    chosen = first or left[: policy.wave_size(number)]
    if not chosen or now >= need.start:
        return None
    lapses_at = min(now + timedelta(minutes=policy.answer_minutes(need.urgent)), need.start)
    return Wave(number=last_number if first else number, candidates=tuple(chosen), lapses_at=lapses_at)


def dispatcher_called_at(need: Need, policy: Policy) -> datetime:
    """When a visit nobody has said yes to is the dispatcher's."""
    return need.start - timedelta(hours=policy.call_dispatcher_hours)
