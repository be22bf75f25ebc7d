"""The parts of a country's rule pack that matching asks, each with its source."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from shared.domain.ratios import RatioLimits
from shared.domain.travel import TravelRules
from shared.domain.working_time import WorkingTimeLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """In force on the day the visit starts. `credentials` and `ratios` are by mode."""

    credentials: Mapping[str, tuple[str, ...]]
    credential_sources: Mapping[str, str]
    ratios: Mapping[str, RatioLimits]
    working_time: WorkingTimeLimits
    night_starts: time
    night_ends: time
    weekend_days: tuple[int, ...]
    travel: TravelRules
    carer_home_longest_km: int
