"""A school year as a desk tells it: its first and last day, and every stretch in which schools are closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from shared.domain.errors import Invalid

_LONGEST_DAYS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolBreak:
    """From the first through the last day without school, weekends in between included."""

    name: str
    first_day: date
    last_day: date


def check_school_year(first_day: date, last_day: date, breaks: Sequence[SchoolBreak]) -> None:
    """Raises Invalid for a year that ends before it begins, and for breaks outside it or upon each other."""
    if not 0 < (last_day - first_day).days <= _LONGEST_DAYS:
        raise Invalid("A school year lasts about a year: its last day comes after its first.", pointer="#/last_day")
    for number, each in enumerate(breaks):
        pointer = f"#/breaks/{number}"
        if each.last_day < each.first_day:
            raise Invalid("A break ends on its first day or later.", pointer=f"{pointer}/last_day")
        if not (first_day <= each.first_day and each.last_day <= last_day):
            raise Invalid(f"{each.name} is not within this school year.", pointer=f"{pointer}/first_day")
    in_order = sorted(breaks, key=lambda each: each.first_day)
    for earlier, later in pairwise(in_order):
        if later.first_day <= earlier.last_day:
            raise Invalid(f"{earlier.name} and {later.name} overlap.", pointer="#/breaks")
