"""Fields that several bodies have."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, WithJsonSchema

from shared.http.schema import Text


def _in_reach(value: date) -> date:
    if not 1900 <= value.year <= 2100:
        raise ValueError("a year between 1900 and 2100 is expected")
    return value


Day = Annotated[date, AfterValidator(_in_reach)]
# On the clock of the home; that it takes no zone is said by the domain, which knows which clock is meant.
LocalTime = Annotated[
    datetime,
    AfterValidator(_in_reach),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$",
            "examples": ["2026-10-25T07:30"],
        }
    ),
]
Language = Annotated[str, Field(pattern="^[a-z]{2}$")]
Phone = Annotated[str, Field(min_length=3, max_length=40)]
Email = Annotated[str, Field(min_length=3, max_length=254, pattern="^[^@ ]+@[^@ ]+$")]
Words = Annotated[tuple[Text, ...], Field(max_length=30)]
Ids = Annotated[tuple[UUID, ...], Field(max_length=100)]
Minutes = Annotated[int, Field(ge=0, le=7 * 24 * 60)]
