"""From when hours are funded, and what waiting for them costs: a term begins for who applied before it (1:R20, 1:R21)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from shared.domain.ratios import birthday

_DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class FundedTerm:
    """A school term: care is funded from its first day for who applied by `apply_by`, both as month and day."""

    begins: tuple[int, int]
    apply_by: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FundedHours:
    """Hours a week that are funded from the term after a birthday on; more of them when the parents work so much."""

    from_age_years: int
    universal_hours: int
    working_hours: int
    least_work_hours_a_week: int
    terms: tuple[FundedTerm, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """`funded_from` is the first day with funded hours; `missed` the last day to apply that was just too early for them.

    The gap is what the family pays itself until then: whole weeks and days, in minutes of care, and in money if the
    price is known.
    """

    funded_from: date
    hours_a_week: int
    missed: date | None
    gap_days: int
    gap_minutes: int
    gap_minor: int | None
    source: str


def entitlement(
    born: date,
    starts_on: date,
    proof_on: date,
    rules: FundedHours,
    *,
    works: bool,
    minutes_a_week: int,
    minor_per_hour: int | None = None,
) -> Entitlement:
    """When care that starts on a day is funded, if work (or the application) is proved on `proof_on`.

    Universal hours need no proof: they begin with the first term after the birthday. Who proves work after the last day
    before a term waits for the next one, two days late included.
    """
    hours = rules.working_hours if works else rules.universal_hours
    of_age = birthday(born, rules.from_age_years)
    missed = None
    funded_from = None
    for begins, apply_by in _terms(rules, min(of_age, starts_on).year):
        if begins <= of_age:
            continue
        if works and proof_on > apply_by:
            if begins >= starts_on:
                missed = apply_by
            continue
        funded_from = begins
        break
    assert funded_from is not None
    counted = min(hours * 60, minutes_a_week)
    gap_days = max((funded_from - starts_on).days, 0)
    gap_minutes = counted * gap_days // _DAYS_A_WEEK
    return Entitlement(
        funded_from=max(funded_from, starts_on),
        hours_a_week=hours,
        missed=missed if gap_days else None,
        gap_days=gap_days,
        gap_minutes=gap_minutes,
        gap_minor=None if minor_per_hour is None else -(-gap_minutes * minor_per_hour // 60),
        source=rules.source,
    )


def _terms(rules: FundedHours, from_year: int) -> Iterator[tuple[date, date]]:
    """Each term's first day with the last day to apply for it, from a year on, in order."""
    in_order = sorted(rules.terms, key=lambda term: term.begins)
    year = from_year
    while True:
        for term in in_order:
            begins = date(year, *term.begins)
            apply_year = year if term.apply_by < term.begins else year - 1
            yield begins, date(apply_year, *term.apply_by)
        year += 1
