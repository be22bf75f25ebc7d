"""A desk's dated choices for matching: weights, waves, times to answer."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each objective counts; only their proportion matters."""

    continuity: int
    travel: int
    language: int
    fairness: int

    @property
    def whole(self) -> int:
        return self.continuity + self.travel + self.language + self.fairness


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """In force from `valid_from` until a later one; minutes, hours, days and kilometres as named."""

    valid_from: date
    offer_minutes: int
    urgent_offer_minutes: int
    wave_sizes: tuple[int, ...]
    automatic_waves: bool
    call_dispatcher_hours: int
    retry_minutes: int
    carer_home_longest_km: int
    familiar_visits: int
    recent_days: int
    weights: Weights

    def answer_minutes(self, urgent: bool) -> int:
        """How long a carer has to answer."""
        return self.urgent_offer_minutes if urgent else self.offer_minutes

    def wave_size(self, number: int) -> int:
        """How many carers the wave of this number (from 1) goes to; the last size repeats."""
        return self.wave_sizes[min(number, len(self.wave_sizes)) - 1]

    def facts(self) -> dict[str, Any]:
        """The choices as they are stored, without their date."""
        facts = asdict(self)
        del facts["valid_from"]
        return facts


def policy_of(valid_from: date, facts: Mapping[str, Any]) -> Policy:
    """The policy these stored choices make."""
    return Policy(
        valid_from=valid_from,
        **{name: value for name, value in facts.items() if name not in ("weights", "wave_sizes")},
        wave_sizes=tuple(facts["wave_sizes"]),
        weights=Weights(**facts["weights"]),
    )
