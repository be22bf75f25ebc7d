"""Reads a country's rule pack for what the roster's own rules ask of it."""

from datetime import date
from functools import cache, lru_cache

from services.roster.domain.policy import Policy
from services.roster.domain.rules import AffiliationRule, Rules, with_choices
from shared.jurisdictions.packs import CareMode, pack


@cache
def rules_on(country: str, day: date) -> Rules:
    """The rules in force in a country on a day; raises Invalid for an unknown country or a day without rules."""
    found = pack(country, day)
    return Rules(
        ratios={mode: found.ratio(mode) for mode in CareMode},
        required_credentials={mode: found.required_credentials(mode) for mode in CareMode},
        credential_sources={mode: found.source(f"credentials.{mode}") for mode in CareMode},
        renewed_every_years=found.credentials_renewed_every_years,
        working_time=found.working_time,
        atypical_hours=found.atypical_hours,
        holidays=found.public_holidays_between(date(day.year - 1, 1, 1), date(day.year + 1, 12, 31)),
        pay_floor=found.pay_floor,
        pay_floor_source=found.source("pay_floor"),
        travel=found.travel,
        travel_source=found.source("travel"),
    )


@lru_cache(maxsize=4096)
def desk_rules_on(country: str, day: date, policy: Policy) -> Rules:
    """The rules of a day as a desk with this policy goes by them."""
    return with_choices(rules_on(country, day), policy)


def affiliation_on(country: str, day: date) -> AffiliationRule | None:
    """With whom a childminder must work there, or None."""
    found = pack(country, day)
    rule = next((each for each in found.rules() if each.code == "affiliation"), None)
    if rule is None or found.childminder_affiliations is None:
        return None
    return AffiliationRule(allowed=found.childminder_affiliations, sentence=rule.sentence, source=rule.source)
