"""The bases of what comes in and goes out over HTTP."""

import re
from datetime import UTC, datetime, time
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

_HOURS_AND_MINUTES = "^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _in_reach(value: datetime) -> datetime:
    if not 2000 <= value.year <= 2100:
        raise ValueError("a year between 2000 and 2100 is expected")
    return value.astimezone(UTC)


def _read_clock(value: Any) -> Any:
    if isinstance(value, time):
        return value
    if not isinstance(value, str) or not re.fullmatch(_HOURS_AND_MINUTES, value.strip(), re.ASCII):
        raise ValueError("a time on the clock is expected, such as 07:30, without a zone")
    return time.fromisoformat(value.strip())


def _say_clock(value: time) -> str:
    return value.strftime("%H:%M")


# A time on the place's clock, in and out. Not JSON Schema's "time", which is one of RFC 3339 and has an offset.
ClockTime = Annotated[
    time,
    BeforeValidator(_read_clock),
    PlainSerializer(_say_clock, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _HOURS_AND_MINUTES, "examples": ["07:30"]}),
]
InstantIn = Annotated[AwareDatetime, AfterValidator(_in_reach)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
LongText = Annotated[str, Field(max_length=2000)]


def _no_nul(value: Any) -> None:
    # Not by recursion: a body may be nested deeper than Python likes to go.
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, str) and "\x00" in inner:
            raise ValueError("a text can't hold the character NUL")
        if isinstance(inner, dict):
            waiting += [*inner.keys(), *inner.values()]
        if isinstance(inner, list):
            waiting += inner


class Body(BaseModel):
    """What a caller sends: a field we don't know is refused, so that a misspelt one is not silently lost."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _texts_can_be_stored(cls, data: Any) -> Any:
        _no_nul(data)
        return data


class Out(BaseModel):
    """What a caller is told."""

    model_config = ConfigDict(from_attributes=True)


class WrongField(BaseModel):
    """What is wrong with one field; `pointer` says which, as a JSON pointer."""

    detail: str
    pointer: str


class Problem(BaseModel):
    """Problem details as in RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[WrongField] | None = None


def _problem_schema() -> dict[str, Any]:
    schema = Problem.model_json_schema()
    wrong_field = schema.pop("$defs")["WrongField"]
    # Never null: it is there or it isn't.
    schema["properties"]["errors"] = {"type": "array", "items": wrong_field}
    return schema


PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "Refused, and why",
        "content": {"application/problem+json": {"schema": _problem_schema()}},
    }
}
