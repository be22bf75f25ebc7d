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
    if isinstance(value, str) and "\x00" in value:
        raise ValueError("a text can't hold the character NUL")
    if isinstance(value, dict):
        for name, inner in value.items():
            _no_nul(name)
            _no_nul(inner)
    if isinstance(value, list):
        for inner in value:
            _no_nul(inner)


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
