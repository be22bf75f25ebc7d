"""Which required papers a carer lacks for a visit: each must be good for every minute of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.domain.values import TimeWindow


class Reason(StrEnum):
    NEVER_HELD = "never_held"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialHeld:
    """A paper, good from the first through the whole of the last local day; without a last day it does not lapse."""

    kind: str
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingCredential:
    """A paper that isn't good from `at` on."""

    kind: str
    reason: Reason
    at: datetime


def missing(
    required: Sequence[str], held: Sequence[CredentialHeld], window: TimeWindow, zone: str
) -> list[MissingCredential]:
    """The required papers that are not good on every minute of the window, in the order they were asked for.

    Days are those of the place's `zone`. A paper that ends on a night's first day does not cover what comes after
    midnight; a renewal that follows it without a day between does. Sources: 1:R37, 2:R0 (lines 5281-5285).
    """
    local = ZoneInfo(zone)
    first = window.start.astimezone(local).date()
    last = (window.end - timedelta(microseconds=1)).astimezone(local).date()
    found = []
    for kind in dict.fromkeys(required):
        papers = [paper for paper in held if paper.kind == kind]
        day = _first_day_not_covered(papers, first, last)
        if day is not None:
            midnight = datetime(day.year, day.month, day.day, tzinfo=local).astimezone(UTC)
            found.append(MissingCredential(kind=kind, reason=_why(papers, day), at=max(window.start, midnight)))
    return found


def _first_day_not_covered(papers: Sequence[CredentialHeld], first: date, last: date) -> date | None:
    day = first
    while day <= last:
        covering = [paper for paper in papers if _good_on(paper, day)]
        if not covering:
            return day
        day += timedelta(days=1)
    return None


def _good_on(paper: CredentialHeld, day: date) -> bool:
    return paper.valid_from <= day and (paper.valid_until is None or day <= paper.valid_until)


def _why(papers: Sequence[CredentialHeld], day: date) -> Reason:
    if not papers:
        return Reason.NEVER_HELD
    if any(paper.valid_until is not None and paper.valid_until < day for paper in papers):
        return Reason.EXPIRED
    return Reason.NOT_YET_VALID
