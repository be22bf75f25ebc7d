"""The register: every minute of care that was asked for ends as met, partly met, withdrawn or unmet, and as one of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from services.request.domain.progress import VisitState
from services.request.domain.visit import Removal


class MinuteState(StrEnum):
    """`partly_met` are the minutes that were cared for of a visit that was not cared for as a whole."""

    MET = "met"
    PARTLY_MET = "partly_met"
    WITHDRAWN = "withdrawn"
    UNMET = "unmet"


class Barrier(StrEnum):
    """What stands in a family's way, the book's seven (2:F3): supply is known, understandable, available and so on, or not."""

    KNOWN = "known"
    UNDERSTANDABLE = "understandable"
    AVAILABLE = "available"
    REACHABLE = "reachable"
    AFFORDABLE = "affordable"
    RELIABLE = "reliable"
    USABLE = "usable"


NOBODY_ANSWERED = "nobody_answered"
CARER_MISSED = "carer_missed"
CARER_CANCELLED = "carer_cancelled"
CAME_LATE_OR_LEFT_EARLY = "late_or_early"
DISPLACED = "displaced"
_BY_FAMILY = "family"
# Asked again under another visit, taken back as a slip, or a carer kept free for nothing: no care was asked for.
_NOT_ASKED = (Removal.UNDONE, Removal.EXPIRED, Removal.REPLACED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedVersion:
    """A visit as it was asked for at one of its versions. `reason` is why nobody was found for it, if so it was.

    `provisional` hours were a guess; a version that was `undone` was a slip.
    """

    start: datetime
    end: datetime
    removed: str | None = None
    provisional: bool = False
    undone: bool = False
    unfilled: bool = False
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the visit as it stands; `cared` is when a carer was there, `agreed` the hours both agreed on."""

    state: VisitState
    cared: tuple[datetime, datetime] | None = None
    agreed: tuple[datetime, datetime] | None = None
    cancelled_by: str | None = None
    barrier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Minutes of one state, from `start` up to `end`; `reason` says why they are unmet."""

    start: datetime
    end: datetime
    state: MinuteState
    reason: str | None = None

    @property
    def minutes(self) -> int:
        return int((self.end - self.start).total_seconds()) // 60


def stretches(
    versions: Sequence[AskedVersion], outcome: Outcome, now: datetime, *, grace: timedelta
) -> list[Stretch] | None:
    """What became of every minute asked for in any version of a visit; None while that is still open.

    A minute belongs to the last version that had it. Of a version that gave way to another, minutes that nobody was
    found for are unmet, the others withdrawn. `versions` are in order, the present one last.
    """
    present = versions[-1]
    its_own = _present_stretches(present, outcome, now, grace, versions)
    if its_own is None:
        return None
    taken = [(present.start, present.end)]
    found = list(its_own)
    for earlier, later in reversed(list(pairwise(versions))):
        if earlier.removed is not None or later.undone or earlier.provisional:
            taken.append((earlier.start, earlier.end))
            continue
        for start, end in _apart_from(earlier.start, earlier.end, taken):
            found.append(_given_up(start, end, earlier))
        taken.append((earlier.start, earlier.end))
    return _joined(found)


def _present_stretches(
    present: AskedVersion, outcome: Outcome, now: datetime, grace: timedelta, versions: Sequence[AskedVersion]
) -> list[Stretch] | None:
    start, end = present.start, present.end
    if outcome.state is VisitState.COMPLETED:
        return _cared(present, outcome, grace)
    if present.removed is not None:
        if present.removed in _NOT_ASKED:
            return []
        if present.removed == Removal.DISPLACED:
            return [Stretch(start=start, end=end, state=MinuteState.UNMET, reason=DISPLACED)]
        return [_given_up(start, end, _last_asked(versions), outcome.barrier)]
    if outcome.state is VisitState.MISSED:
        return [Stretch(start=start, end=end, state=MinuteState.UNMET, reason=CARER_MISSED)]
    if outcome.state is VisitState.CANCELLED:
        if outcome.cancelled_by == _BY_FAMILY:
            return [Stretch(start=start, end=end, state=MinuteState.WITHDRAWN)]
        return [Stretch(start=start, end=end, state=MinuteState.UNMET, reason=CARER_CANCELLED)]
    if now < end or outcome.state in (VisitState.CERTAIN, VisitState.RUNNING):
        return None
    reason = f"barrier.{outcome.barrier}" if outcome.barrier else present.reason or NOBODY_ANSWERED
    return [Stretch(start=start, end=end, state=MinuteState.UNMET, reason=reason)]


def _cared(present: AskedVersion, outcome: Outcome, grace: timedelta) -> list[Stretch]:
    start, end = present.start, present.end
    if outcome.cared is None:
        return [Stretch(start=start, end=end, state=MinuteState.MET)]
    came, left = outcome.cared
    if outcome.agreed is not None:
        # Within what the family left open both agreed on other hours; as many minutes of them are met.
        shift = outcome.agreed[0] - start
        came, left = came - shift, left - shift
    came, left = min(max(came, start), end), min(max(left, start), end)
    lacking = (came - start) + (end - left)
    if came >= left:
        return [Stretch(start=start, end=end, state=MinuteState.UNMET, reason=CAME_LATE_OR_LEFT_EARLY)]
    if lacking <= grace:
        return [Stretch(start=start, end=end, state=MinuteState.MET)]
    found = [Stretch(start=came, end=left, state=MinuteState.PARTLY_MET)]
    for first, last in ((start, came), (left, end)):
        if first < last:
            found.append(Stretch(start=first, end=last, state=MinuteState.UNMET, reason=CAME_LATE_OR_LEFT_EARLY))
    return sorted(found, key=lambda each: each.start)


def _given_up(start: datetime, end: datetime, version: AskedVersion, barrier: str | None = None) -> Stretch:
    if barrier is not None:
        return Stretch(start=start, end=end, state=MinuteState.UNMET, reason=f"barrier.{barrier}")
    if version.unfilled:
        return Stretch(start=start, end=end, state=MinuteState.UNMET, reason=version.reason or NOBODY_ANSWERED)
    return Stretch(start=start, end=end, state=MinuteState.WITHDRAWN)


def _last_asked(versions: Sequence[AskedVersion]) -> AskedVersion:
    """The version before the one that says it is no longer asked for."""
    return next((each for each in reversed(versions) if each.removed is None), versions[-1])


def _apart_from(
    start: datetime, end: datetime, taken: Iterable[tuple[datetime, datetime]]
) -> list[tuple[datetime, datetime]]:
    """What of a window lies in none of these."""
    left = [(start, end)]
    for begins, ends in taken:
        left = [
            piece
            for first, last in left
            for piece in ((first, min(last, begins)), (max(first, ends), last))
            if piece[0] < piece[1]
        ]
    return left


def _joined(found: Sequence[Stretch]) -> list[Stretch]:
    """In order, with neighbours of one state and reason as one."""
    joined: list[Stretch] = []
    for each in sorted(found, key=lambda stretch: stretch.start):
        last = joined[-1] if joined else None
        if last is not None and (last.end, last.state, last.reason) == (each.start, each.state, each.reason):
            joined[-1] = Stretch(start=last.start, end=each.end, state=each.state, reason=each.reason)
        else:
            joined.append(each)
    return joined
