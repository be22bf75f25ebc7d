"""The clock and the source of ids are handed in, so a week can be run at speed and comes out the same."""

import random
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid4, uuid5

_CAUSED = UUID("6f0c5f0e-6f5d-4b0e-9a55-6a0b3f7f2c11")


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, in UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class SetClock:
    """A clock that stands where it was set; tests and the demo week move it."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant.astimezone(UTC)

    def now(self) -> datetime:
        return self.instant

    def move_to(self, instant: datetime) -> None:
        self.instant = instant.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        self.instant += by


class Ids(Protocol):
    def new(self) -> UUID:
        """An id nobody has."""
        ...


class RandomIds:
    def new(self) -> UUID:
        return uuid4()


class SeededIds:
    """The same seed gives the same ids in the same order."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def new(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)


class CausedIds:
    """Ids that follow from what caused the command: however messages interleave, each yields the same ids."""

    def __init__(self, cause: str) -> None:
        self._cause = cause
        self._count = 0

    def new(self) -> UUID:
        self._count += 1
        return uuid5(_CAUSED, f"{self._cause}/{self._count}")
