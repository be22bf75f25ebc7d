"""What a desk asks for itself: its choices, files it brings, calendars it gives out, errands outside the database."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePolicy:
    """The desk's choices from `valid_from` on; those it doesn't name stay as they were given to us."""

    valid_from: date
    choices: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimErrand:
    """Take an errand for one try; nobody else tries it before `lease` is over."""

    kind: str
    key: str
    lease: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleErrand:
    """It is done; or it is tried again after `again_in`."""

    kind: str
    key: str
    again_in: timedelta | None = None
