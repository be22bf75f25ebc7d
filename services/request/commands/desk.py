"""What a desk chooses, and what it has to look at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.request.domain.policy import Policy
from services.request.domain.priority import PriorityOrder
from services.request.domain.school_year import SchoolBreak


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPolicy:
    """The desk's choices from a day on; a choice that begins on the same day is replaced."""

    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishOrder:
    """The desk's order of requests from a day on."""

    order: PriorityOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceAnew:
    """Another order is in force from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefineRule:
    """A desk's refinement of a rule of its country, from a day on, with its own sentence and source."""

    code: str
    numbers: Mapping[str, Any]
    sentence: str
    source: str
    valid_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class TellSchoolYear:
    """All the breaks of a school year."""

    first_day: date
    last_day: date
    breaks: tuple[SchoolBreak, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishTask:
    """Somebody looked at it; `how` is what came of it, in a word: done, not_needed."""

    task_id: UUID
    how: str = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseRegister:
    """Write down what became of the visits whose time is over."""
