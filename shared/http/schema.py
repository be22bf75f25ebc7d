"""The bases of what comes in and goes out over HTTP."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator


def _in_reach(value: datetime) -> datetime:
    if not 2000 <= value.year <= 2100:
        raise ValueError("a year between 2000 and 2100 is expected")
    return value.astimezone(UTC)


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
