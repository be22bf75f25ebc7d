"""What the diary and its reader say."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from shared.domain.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOpened(Event):
    wire_name: ClassVar[str] = "page.opened.v1"
    key_field: ClassVar[str] = "page_id"

    page_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LineWritten(Event):
    """`number` counts the lines of a page from one."""

    wire_name: ClassVar[str] = "line.written.v1"
    key_field: ClassVar[str] = "page_id"

    page_id: UUID
    number: int
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdded(Event):
    """A note about a page, under a key of its own: it may arrive before its page does."""

    wire_name: ClassVar[str] = "note.added.v1"
    key_field: ClassVar[str] = "note_id"

    note_id: UUID
    page_id: UUID
    number: int
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineHeard(Event):
    """The reader's own word: a line has arrived."""

    wire_name: ClassVar[str] = "line.heard.v1"
    key_field: ClassVar[str] = "page_id"

    page_id: UUID
    number: int
