"""Money, time windows and places: the values every service speaks."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from shared.domain.errors import Invalid

_SECONDS_PER_MINUTE = 60


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An integer number of minor units (pence, cents) of one ISO 4217 currency."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise Invalid(f"{self.currency} and {other.currency} can't be added: convert one of them first.")

    @staticmethod
    def total(amounts: Iterable["Money"], currency: str) -> "Money":
        """The sum, which of nothing is zero of that currency."""
        result = Money(0, currency)
        for amount in amounts:
            result = result + amount
        return result


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """From `start` up to, not including, `end`; both are UTC instants, so nights and clock changes are ordinary."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise Invalid("A time needs its zone, such as 2026-06-01T22:00:00+02:00.", pointer="#/start")
        if self.end <= self.start:
            raise Invalid("The end must come after the start.", pointer="#/end")
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))

    @property
    def minutes(self) -> int:
        """Elapsed whole minutes, as a stopwatch would count them through a clock change."""
        return int((self.end - self.start).total_seconds()) // _SECONDS_PER_MINUTE

    def overlaps(self, other: "TimeWindow") -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, other: "TimeWindow") -> bool:
        return self.start <= other.start and other.end <= self.end

    def intersection(self, other: "TimeWindow") -> "TimeWindow | None":
        """The time both share, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return TimeWindow(start, end) if start < end else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Somewhere care happens or a carer lives. `area` may be shown to anyone; `address` only to whom it concerns."""

    place_id: UUID
    latitude: float
    longitude: float
    zone: str
    area: str
    address: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not -90 <= self.latitude <= 90:
            raise Invalid("A latitude lies between -90 and 90 degrees.", pointer="#/place/latitude")
        if not -180 <= self.longitude <= 180:
            raise Invalid("A longitude lies between -180 and 180 degrees.", pointer="#/place/longitude")
