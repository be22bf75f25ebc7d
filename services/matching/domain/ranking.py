"""Who comes first: preferences over those who may come, each 0 to 100, weighed as the desk chose; always the same order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.matching.domain.calendar import Calendar
from services.matching.domain.carer import Acquaintance
from services.matching.domain.need import Need
from services.matching.domain.policy import Policy
from shared.domain.values import TimeWindow

_KNOWN, _FAMILIAR, _RECENT = 50, 30, 20  # being known at all, how well, how lately: together 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """One preference: its score from 0 to 100, how much it weighs, and the numbers it comes from."""

    name: str
    score: int
    weight: int
    numbers: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A carer who may come, with what speaks for them; `total` is 0 to 10000."""

    carer_id: UUID
    total: int
    objectives: tuple[Objective, ...]
    sentence: str
    travel_metres: int
    travel_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A carer no rule spoke against: their calendar, and how well they know these children."""

    calendar: Calendar
    acquaintance: Acquaintance


def rank(need: Need, contenders: Sequence[Contender], policy: Policy) -> tuple[Candidate, ...]:
    """The candidates, best first. Equal totals go by continuity, then less travel, then the carer's id."""
    candidates = [score(need, contender, policy) for contender in contenders]
    return tuple(
        sorted(candidates, key=lambda c: (-c.total, -c.objectives[0].score, c.travel_minutes, str(c.carer_id)))
    )


def score(need: Need, contender: Contender, policy: Policy) -> Candidate:
    """What speaks for one carer, on its own: no other candidate changes it."""
    calendar = contender.calendar
    added = calendar.added_travel()
    objectives = (
        _continuity(need, contender, policy),
        _travel(contender, added.metres, added.minutes, policy),
        _language(need, contender, policy),
        _fairness(need, contender, policy),
    )
    weighed = sum(objective.score * objective.weight for objective in objectives)
    return Candidate(
        carer_id=calendar.carer.carer_id,
        total=weighed * 100 // policy.weights.whole,
        objectives=objectives,
        sentence=_sentence(objectives),
        travel_metres=added.metres,
        travel_minutes=added.minutes,
    )


def _continuity(need: Need, contender: Contender, policy: Policy) -> Objective:
    """How well the children know the carer: visits before and agreed, how lately, and whether the family asked for them."""
    known = contender.acquaintance
    favourite = any(contender.calendar.carer.carer_id in visit.favourite_carer_ids for visit in need.visits)
    visits = known.visits + known.agreed
    days = _days_since(known.last_on, need)
    familiar = _FAMILIAR * min(visits, policy.familiar_visits) // policy.familiar_visits
    recent = 0 if days is None else _RECENT * max(0, policy.recent_days - days) // policy.recent_days
    points = (_KNOWN if visits or favourite else 0) + familiar + recent
    numbers = {
        "visits": known.visits,
        "agreed": known.agreed,
        "hours": known.minutes // 60,
        "days_since": days,
        "favourite": favourite,
    }
    return Objective(name="continuity", score=points, weight=policy.weights.continuity, numbers=numbers)


def _days_since(last_on: date | None, need: Need) -> int | None:
    if last_on is None:
        return None
    return max(0, (need.start.astimezone(ZoneInfo(need.zone)).date() - last_on).days)


def _travel(contender: Contender, metres: int, minutes: int, policy: Policy) -> Objective:
    """What the visit adds to the carer's way; nothing left of the score at there and back of the longest they travel."""
    longest = 2 * 1000 * max(1, contender.calendar.carer.max_distance_km)
    points = 100 * max(0, longest - metres) // longest
    numbers = {"added_metres": metres, "added_minutes": minutes}
    return Objective(name="travel", score=points, weight=policy.weights.travel, numbers=numbers)


def _language(need: Need, contender: Contender, policy: Policy) -> Objective:
    """The share of the families whose language the carer speaks."""
    asked = sorted({visit.language for visit in need.visits if visit.language})
    spoken = [language for language in asked if language in contender.calendar.carer.languages]
    points = 100 * len(spoken) // len(asked) if asked else 100
    return Objective(
        name="language", score=points, weight=policy.weights.language, numbers={"asked": asked, "spoken": spoken}
    )


def _fairness(need: Need, contender: Contender, policy: Policy) -> Objective:
    """Who has fewer hours in that week comes first."""
    minutes = contender.calendar.planned_minutes(local_week(need))
    longest = contender.calendar.rules.working_time.longest_week_minutes
    points = 100 * max(0, longest - minutes) // longest
    numbers = {"week_minutes": minutes, "longest_week_minutes": longest}
    return Objective(name="fairness", score=points, weight=policy.weights.fairness, numbers=numbers)


def local_week(need: Need) -> TimeWindow:
    """Monday to Monday on the wall clock of the place, around the need's start."""
    midnight = need.start.astimezone(ZoneInfo(need.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = midnight - timedelta(days=midnight.weekday())
    return TimeWindow(monday, monday + timedelta(days=7))


def _sentence(objectives: Sequence[Objective]) -> str:
    continuity, travel, language, fairness = (objective.numbers for objective in objectives)
    parts = [_known(continuity), _way(travel)]
    if language["spoken"]:
        parts.append("speaks the family's language")
    parts.append(f"has {fairness['week_minutes'] / 60:.0f} h of care that week")
    return f"{parts[0][:1].upper()}{'; '.join(parts)[1:]}."


def _known(numbers: dict[str, Any]) -> str:
    words = []
    if numbers["favourite"]:
        words.append("asked for by the family")
    if numbers["visits"]:
        times = "once" if numbers["visits"] == 1 else f"{numbers['visits']} times"
        words.append(f"cared for these children {times}, last {numbers['days_since']} days before")
    if numbers["agreed"]:
        words.append(f"has {numbers['agreed']} more with them agreed")
    return ", ".join(words) or "new to these children"


def _way(numbers: dict[str, Any]) -> str:
    if not numbers["added_metres"]:
        return "no further to travel"
    return f"{numbers['added_metres'] / 1000:.1f} km and {numbers['added_minutes']} min more to travel"
