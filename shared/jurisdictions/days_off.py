"""The days off the `holidays` library knows: public holidays, and school holidays of the regions it knows them of."""

from datetime import date
from functools import cache

import holidays

from shared.domain.errors import Invalid


def school_regions(country: str) -> tuple[str, ...]:
    """The regions of a country whose school holidays the `holidays` library may know."""
    return _school_regions(country)


def school_holidays(country: str, region: str, first: date, last: date) -> frozenset[date]:
    """The days from one through another on which schools of the region are closed, by the `holidays` library.

    It reckons years ahead of what was published: a pack says how far it can be trusted.

    Raises Invalid for a region it doesn't know school holidays of.
    """
    known = _school_regions(country)
    if region not in known:
        told = ", ".join(known) or "none; tell them yourself"
        raise Invalid(f"School holidays are known for these regions: {told}.", pointer="#/school_region")
    years = range(first.year, last.year + 1)
    days = frozenset().union(*(_school_holidays(country, region, year) for year in years))
    return frozenset(day for day in days if first <= day <= last)


@cache
def _school_regions(country: str) -> tuple[str, ...]:
    calendar = holidays.country_holidays(country)
    return tuple(calendar.subdivisions) if holidays.SCHOOL in calendar.supported_categories else ()


@cache
def _school_holidays(country: str, region: str, year: int) -> frozenset[date]:
    calendar = holidays.country_holidays(country, subdiv=region, years=year, categories=(holidays.SCHOOL,))
    return frozenset(day for day in calendar if day.year == year)


@cache
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """The public holidays of a year in a country, or in a part of it."""
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))
