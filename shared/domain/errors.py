"""Refusals in the field's words; the HTTP edge maps them once, the bus sends them to the dead letters."""

from collections.abc import Mapping
from typing import Any, ClassVar


class DomainError(Exception):
    """A rule said no. `detail` is a plain sentence: what is wrong and what to do.

    `more` are facts a program can use, such as what changed meanwhile; plain JSON, nothing about a person but ids.
    """

    code: ClassVar[str] = "refused"

    def __init__(self, detail: str, *, code: str | None = None, more: Mapping[str, Any] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.reason = code or self.code
        self.more = dict(more or {})


class NotFound(DomainError):
    """There is no such thing for this desk (or it is another desk's, which is the same answer)."""

    code = "not-found"


class Conflict(DomainError):
    """The thing is no longer in a state that allows this: taken, expired, changed, already done."""

    code = "conflict"


class NotAllowed(DomainError):
    """The caller may not do this, whatever its state."""

    code = "not-allowed"


class Invalid(DomainError):
    """A value can't be right; `pointer` is the JSON pointer of the field in the caller's body."""

    code = "invalid"

    def __init__(self, detail: str, *, pointer: str = "#", code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.pointer = pointer
