"""What a request's place in the order is decided by: known at the desk only, told only as far as the family wants."""

from dataclasses import dataclass
from enum import StrEnum

from shared.domain.errors import Invalid


class NeedKind(StrEnum):
    """Why families ask for such care at all, coarsely (2:F1); nobody has to say."""

    UNUSUAL_HOURS = "unusual_hours"
    SHORT_NOTICE = "short_notice"
    TRAINING = "training"
    SPECIAL_CARE = "special_care"
    HEALTH = "health"
    RELIEF = "relief"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """`occasional_reason` is one of the country's reasons for occasional care, where it has any (1:R04)."""

    need: str | None = None
    occasional_reason: str | None = None
    vulnerable: bool = False
    no_alternative: bool = False
    working_or_training: bool = False

    def __post_init__(self) -> None:
        if self.need is not None and self.need not in tuple(NeedKind):
            raise Invalid(f"A need is one of {', '.join(NeedKind)}, or isn't said.", pointer="#/circumstances/need")


NOTHING_KNOWN = Circumstances()
