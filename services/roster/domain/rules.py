"""What a country's rules ask of one more visit, each with its source, and what a desk asks beyond them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from services.roster.domain.policy import Policy
from shared.domain.errors import Invalid
from shared.domain.pattern import AtypicalHours
from shared.domain.ratios import RatioLimits
from shared.domain.travel import TransportMode, TravelRules
from shared.domain.values import Money
from shared.domain.working_time import WorkingTimeLimits

DESKS_CHOICE = "the desk's own choice, stricter than the country's rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class AffiliationRule:
    """With whom a childminder must work, where a country says so."""

    allowed: tuple[str, ...]
    sentence: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules in force on one day; those that differ by mode are given for each."""

    ratios: Mapping[str, RatioLimits]
    required_credentials: Mapping[str, tuple[str, ...]]
    credential_sources: Mapping[str, str]
    renewed_every_years: Mapping[str, int]
    working_time: WorkingTimeLimits
    atypical_hours: AtypicalHours
    holidays: frozenset[date]
    pay_floor: Money
    pay_floor_source: str
    travel: TravelRules
    travel_source: str


def with_choices(rules: Rules, policy: Policy) -> Rules:
    """The rules as this desk goes by them: its own detours by mode, and limits of its own where they are stricter."""
    return replace(rules, travel=_travel(rules, policy), working_time=_limits(rules.working_time, policy))


def check_stricter(rules: Rules, policy: Policy) -> None:
    """Raises Invalid for a limit that would allow more than the country does."""
    limits = rules.working_time
    for name, least in (
        ("daily_rest_minutes", limits.daily_rest_minutes),
        ("weekly_rest_minutes", limits.weekly_rest_minutes),
    ):
        value = getattr(policy, name)
        if value and value < least:
            raise Invalid(
                f"The country asks for at least {least} minutes: give more, or 0.", pointer=f"#/choices/{name}"
            )
    nights = limits.nights.most_in_a_row if limits.nights else None
    for name, most in (
        ("longest_week_minutes", limits.longest_week_minutes),
        ("longest_stretch_minutes", limits.longest_stretch_minutes),
        ("break_after_minutes", limits.break_after_minutes),
        ("average_week_minutes", limits.average_week_minutes),
        ("nights_in_a_row", nights),
    ):
        value = getattr(policy, name)
        if value and most is not None and value > most:
            raise Invalid(f"The country allows at most {most}: give less, or 0.", pointer=f"#/choices/{name}")


def _travel(rules: Rules, policy: Policy) -> TravelRules:
    own = {
        TransportMode.FOOT: policy.detour_foot_percent,
        TransportMode.BIKE: policy.detour_bike_percent,
        TransportMode.PUBLIC_TRANSPORT: policy.detour_public_transport_percent,
        TransportMode.CAR: policy.detour_car_percent,
    }
    if not any(own.values()):
        return rules.travel
    return {mode: replace(rule, detour_percent=own[mode]) if own[mode] else rule for mode, rule in rules.travel.items()}


def _limits(limits: WorkingTimeLimits, policy: Policy) -> WorkingTimeLimits:
    rests = {
        name: getattr(policy, name) for name in ("daily_rest_minutes", "weekly_rest_minutes") if getattr(policy, name)
    }
    averages = {
        name: getattr(policy, name) for name in ("break_after_minutes", "average_week_minutes") if getattr(policy, name)
    }
    longest = {
        name: getattr(policy, name)
        for name in ("longest_week_minutes", "longest_stretch_minutes")
        if getattr(policy, name)
    }
    if rests or averages:
        limits = replace(limits, **rests, **averages, source=DESKS_CHOICE)
    if longest:
        limits = replace(limits, **longest, limits_source=DESKS_CHOICE)
    if policy.nights_in_a_row and limits.nights is not None:
        nights = replace(limits.nights, most_in_a_row=policy.nights_in_a_row, source=DESKS_CHOICE)
        limits = replace(limits, nights=nights)
    return limits
