"""A carer's papers: each counts only once somebody of the desk has looked, and only on the days it is good for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.domain.credentials import CredentialHeld
from shared.domain.errors import Invalid

REMINDED_DAYS = (90, 30, 7)
# When in the day a reminder comes: people at the desk are there to read it.
_REMINDED_AT = time(8, 0)
_MOST_TRAINING_HOURS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper as it is told of: good from the first through the last local day."""

    kind: str
    valid_from: date
    valid_until: date | None = None
    number: str | None = None
    issuer: str | None = None
    training_hours: int | None = None
    checked: bool = False


def check_papers(papers: Sequence[Paper], pointer: str = "#/credentials") -> None:
    """Raises Invalid for a paper that ends before it begins, or the same paper twice."""
    for number, paper in enumerate(papers):
        check_paper(paper, f"{pointer}/{number}")
        if any(_same(paper, other) for other in papers[:number]):
            raise Invalid(f"{paper.kind} from {paper.valid_from} is given twice.", pointer=f"{pointer}/{number}")


def check_paper(paper: Paper, pointer: str = "#") -> None:
    """Raises Invalid for a paper that can't be right."""
    if paper.valid_until is not None and paper.valid_until < paper.valid_from:
        raise Invalid(
            f"{paper.kind} is valid until {paper.valid_until}, before it begins on {paper.valid_from}.",
            pointer=f"{pointer}/valid_until",
        )
    if paper.training_hours is not None and not 0 <= paper.training_hours <= _MOST_TRAINING_HOURS:
        raise Invalid(f"Give 0 to {_MOST_TRAINING_HOURS} hours of training.", pointer=f"{pointer}/training_hours")


def counting(papers: Iterable[Any]) -> tuple[CredentialHeld, ...]:
    """Those that count: looked at and found good, and not withdrawn since."""
    return tuple(
        CredentialHeld(kind=paper.kind, valid_from=paper.valid_from, valid_until=paper.valid_until)
        for paper in papers
        if paper.found_good and paper.withdrawn_at is None
    )


def renewal_due(paper: Paper, every_years: Mapping[str, int]) -> date | None:
    """Until when a paper is good that the country renews every so many years (1:R16): its own last day or the earlier one."""
    years = every_years.get(paper.kind)
    if years is None:
        return paper.valid_until
    try:
        last = paper.valid_from.replace(year=paper.valid_from.year + years) - timedelta(days=1)
    except ValueError:
        last = date(paper.valid_from.year + years, 2, 28)
    return last if paper.valid_until is None else min(last, paper.valid_until)


def next_reminder(valid_until: date, zone: str, now: datetime) -> tuple[datetime, int] | None:
    """When the next reminder of a paper's end is due, and how many days before; None once it has lapsed."""
    for days in REMINDED_DAYS:
        at = datetime.combine(valid_until - timedelta(days=days), _REMINDED_AT, ZoneInfo(zone))
        if at > now:
            return at, days
    return None


def lapses_at(valid_until: date, zone: str) -> datetime:
    """The minute a paper is none any more: midnight after its last day."""
    return datetime.combine(valid_until + timedelta(days=1), time(), ZoneInfo(zone))


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A visit to come that a carer has no paper for on some minute of it."""

    visit_id: UUID
    kind: str
    at: datetime


def _same(one: Paper, other: Paper) -> bool:
    return (one.kind, one.number, one.valid_from, one.valid_until) == (
        other.kind,
        other.number,
        other.valid_from,
        other.valid_until,
    )
