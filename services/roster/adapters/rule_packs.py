"""Reads a country's rule pack for what the roster's own rules ask of it."""

from datetime import date
from functools import cache

from services.roster.domain.rules import Rules
from shared.jurisdictions.packs import CareMode, pack


@cache
def rules_on(country: str, day: date) -> Rules:
    """The rules in force in a country on a day; raises Invalid for an unknown country or a day without rules."""
    found = pack(country, day)
    return Rules(
        ratios={mode: found.ratio(mode) for mode in CareMode},
        required_credentials={mode: found.required_credentials(mode) for mode in CareMode},
        credential_sources={mode: found.source(f"credentials.{mode}") for mode in CareMode},
        working_time=found.working_time,
        travel=found.travel,
        travel_source=found.source("travel"),
    )
