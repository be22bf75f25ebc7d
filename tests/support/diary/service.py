"""The diary and the reader as services: commands, handlers, routes, what is heard and what is done on time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy import insert
from sqlalchemy.orm import Session

from shared.auth.dependencies import DispatcherEntrance
from shared.bus.subscriptions import Subscriptions
from shared.db.inbox import TooEarly
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, NotFound
from shared.http.schema import Body, InstantIn, LongText, Out
from shared.service import Service
from shared.timers import Timers
from tests.support.diary.events import LineHeard, LineWritten, NoteAdded, PageOpened
from tests.support.diary.page import Page
from tests.support.diary.tables import heard, known_pages, pages

# Words the diary refuses, words its reader refuses, and words over which either breaks.
IMPOSSIBLE, INAUDIBLE, BROKEN = "impossible", "inaudible", "broken"
LATER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPage:
    page_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteLines:
    page_id: UUID
    count: int = 1
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteLater:
    page_id: UUID
    words: str = ""
    at: datetime | None = None


def open_page(command: OpenPage, uow: UnitOfWork) -> UUID:
    page = Page.open(command.page_id or uow.new_id(), uow.caller.desk)
    uow.add(page)
    return page.page_id


def write_lines(command: WriteLines, uow: UnitOfWork) -> int:
    if command.words == BROKEN:
        raise RuntimeError("the pen is broken")
    if command.words == IMPOSSIBLE:
        raise Conflict("Nobody can write this.")
    page = uow.get(Page, command.page_id)
    page.write(command.count, command.words)
    return page.lines


def write_later(command: WriteLater, uow: UnitOfWork) -> None:
    uow.get(Page, command.page_id)
    uow.set_timer("write", command.page_id, command.at or uow.now + LATER, words=command.words)


class LinesIn(Body):
    count: int = 1
    words: LongText = ""
    at: InstantIn | None = None


class PageOut(Out):
    page_id: UUID
    lines: int


router = APIRouter()


@router.post("/pages", status_code=201)
def post_page(entrance: DispatcherEntrance) -> Response:
    return entrance.do(open_page, OpenPage(), lambda page_id: PageOut(page_id=page_id, lines=0), status=201)


@router.post("/pages/{page_id}/lines")
def post_lines(page_id: UUID, body: LinesIn, entrance: DispatcherEntrance) -> Response:
    command = WriteLines(page_id=page_id, count=body.count, words=body.words)
    return entrance.do(write_lines, command, lambda lines: PageOut(page_id=page_id, lines=lines))


@router.post("/pages/{page_id}/later", status_code=204)
def post_later(page_id: UUID, body: LinesIn, entrance: DispatcherEntrance) -> Response:
    return entrance.do(write_later, WriteLater(page_id=page_id, words=body.words, at=body.at))


@router.get("/pages/{page_id}")
def get_page(page_id: UUID, entrance: DispatcherEntrance) -> PageOut:
    return entrance.read(_page, page_id)


def _page(session: Session, page_id: UUID) -> PageOut:
    row = session.execute(pages.select().where(pages.c.page_id == page_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no page {page_id} at this desk.")
    return PageOut(page_id=row.page_id, lines=row.lines)


def hear_page(event: PageOpened, uow: UnitOfWork) -> None:
    uow.keep_copy(known_pages, {"page_id": event.page_id}, version=event.version, values={"desk_id": uow.caller.desk})
    uow.arrived("page", event.page_id)


def hear_line(event: LineWritten, uow: UnitOfWork) -> None:
    _hear(event.page_id, event.number, event.words, uow)
    uow.record(LineHeard(desk_id=event.desk_id, version=event.version, page_id=event.page_id, number=event.number))


def hear_note(event: NoteAdded, uow: UnitOfWork) -> None:
    """Raises TooEarly until its page is known."""
    if uow.one(known_pages, page_id=event.page_id) is None:
        raise TooEarly("page", event.page_id)
    _hear(event.note_id, event.number, event.words, uow)


def _hear(key: UUID, number: int, words: str, uow: UnitOfWork) -> None:
    if words == INAUDIBLE:
        raise Conflict("Nobody can hear this.")
    if words == BROKEN:
        raise RuntimeError("the ear is broken")
    values: dict[str, Any] = {"desk_id": uow.caller.desk, "key": key, "number": number, "words": words}
    uow.session.execute(insert(heard).values(**values))


class ChosenTopics(Subscriptions):
    """Topics by name, because on a broker that tests share each test has topics of its own."""

    def __init__(self, service: str, topics: Sequence[str]) -> None:
        super().__init__(service)
        self._topics = list(topics)

    @property
    def topics(self) -> list[str]:
        return self._topics


def diary(name: str = "diary") -> Service:
    """The service that writes; it hears nothing."""
    timers = Timers()
    timers.on("write", write_lines, lambda due: WriteLines(page_id=due.key_uuid, words=due.facts["words"]))
    return Service(name=name, routers=(router,), subscriptions=ChosenTopics(name, []), timers=timers)


def reader(name: str = "reader", hears: str = "diary") -> Service:
    """The service that hears what the diary says."""
    subscriptions = ChosenTopics(name, [hears])
    subscriptions.on(PageOpened, hear_page)
    subscriptions.on(LineWritten, hear_line)
    subscriptions.on(NoteAdded, hear_note)
    return Service(name=name, routers=(), subscriptions=subscriptions, timers=Timers())
