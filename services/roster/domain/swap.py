"""A swap between colleagues: the desk sees it, every family it touches agrees, and the colleague says yes."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID


class SwapState(StrEnum):
    ASKED = "asked"
    DONE = "done"
    DECLINED = "declined"
    STOPPED = "stopped"
    LAPSED = "lapsed"
    OVERTAKEN = "overtaken"


class As(StrEnum):
    """As whom somebody answers; the carer who asked may take it back."""

    COLLEAGUE = "colleague"
    FAMILY = "family"
    DESK = "desk"
    ASKER = "asker"


def yes_of(as_: str, family_id: UUID | None) -> str:
    """Whose yes it is, as it is kept."""
    return f"family/{family_id}" if as_ == As.FAMILY else as_


def still_needed(yeses: Mapping[str, Any], family_ids: Sequence[UUID]) -> list[str]:
    """Whose yes is still missing: the colleague's, and each family's whose visit changes hands."""
    needed = [As.COLLEAGUE.value, *(yes_of(As.FAMILY, family_id) for family_id in dict.fromkeys(family_ids))]
    return [each for each in needed if each not in yeses]
