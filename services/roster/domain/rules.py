"""What a country's rules ask of one more visit, each with its source."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.domain.ratios import RatioLimits
from shared.domain.travel import TravelRules
from shared.domain.working_time import WorkingTimeLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules in force on one day; those that differ by mode are given for each."""

    ratios: Mapping[str, RatioLimits]
    required_credentials: Mapping[str, tuple[str, ...]]
    credential_sources: Mapping[str, str]
    working_time: WorkingTimeLimits
    travel: TravelRules
    travel_source: str
