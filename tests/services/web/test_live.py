"""Live pages: who is hinted of what, what a hint says, and how a broken stream goes on."""

import asyncio
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import uvicorn

from services.web.live import HEARTBEAT, MOST_WAITING, RESET, Browser, Hub, stream
from services.web.settings import WebSettings
from shared.auth.roles import Role
from shared.messages import Message
from tests.services.web.conftest import Pages
from tests.services.web.stub import CARER, DESK, FAMILY
from tests.support.waiting import wait_until

SETTINGS = WebSettings(cookie_secret="s", heartbeat_seconds=0.05)


def message(
    topic: str = "matching", type_: str = "offer.made.v1", origin: str = "outbox/matching/1", **body: Any
) -> Message:
    """A message of this desk, as the bus carries it."""
    return Message(
        message_id=str(uuid4()),
        topic=topic,
        key="an-offer",
        type=type_,
        desk_id=body.pop("desk", DESK),
        time=datetime(2026, 6, 1, tzinfo=UTC),
        correlation_id="c",
        body=json.dumps({"version": 3, "area": "Hanover", **{k: str(v) for k, v in body.items()}}).encode(),
        origin=origin,
    )


class Screen:
    """A browser whose event loop is the test's own."""

    def __init__(self, hub: Hub, role: Role, person_id: UUID | None = None, desk_id: UUID = DESK) -> None:
        self.loop = asyncio.new_event_loop()
        self.browser = Browser(desk_id, role, person_id, self.loop)
        self.hub = hub

    def join(self, last_event_id: str | None = None) -> None:
        self.hub.join(self.browser, last_event_id)

    def events(self) -> list[str]:
        """What was sent to it since the last look."""
        self.loop.run_until_complete(asyncio.sleep(0))
        sent = list(self.browser.waiting)
        self.browser.waiting.clear()
        return sent

    def hints(self) -> list[str]:
        return [event for event in self.events() if "event: hint" in event]


def last_id(events: list[str]) -> str:
    return events[-1].split("\n")[0].removeprefix("id: ")


@pytest.mark.parametrize(
    ("role", "person", "said", "hears"),
    [
        (Role.DISPATCHER, None, message(), True),
        (Role.DISPATCHER, None, message("request", "care_request.opened.v1"), True),
        (Role.DISPATCHER, None, message("billing", "invoice.issued.v1"), False),
        (Role.DISPATCHER, None, message(desk=uuid4()), False),
        (Role.CARER, CARER, message(carer_id=CARER), True),
        (Role.CARER, CARER, message(carer_id=uuid4()), False),
        (Role.CARER, CARER, message("roster", "visit.reassigned.v1", from_carer_id=CARER, to_carer_id=uuid4()), True),
        (Role.CARER, CARER, message("request", "care_request.opened.v1", family_id=FAMILY), False),
        (Role.CLERK, None, message("billing", "invoice.issued.v1"), True),
        (Role.CLERK, None, message("roster", "visit.completed.v1"), True),
        (Role.CLERK, None, message("roster", "visit.started.v1"), False),
        (Role.FAMILY, FAMILY, message("roster", "visit.rostered.v1", family_id=FAMILY, carer_id=CARER), True),
        (Role.FAMILY, FAMILY, message("roster", "visit.rostered.v1", family_id=uuid4()), False),
        (Role.ADMIN, None, message(), False),
    ],
)
def test_only_those_a_change_concerns_are_hinted(role: Role, person: UUID | None, said: Message, hears: bool) -> None:
    hub = Hub()
    screen = Screen(hub, role, person)
    screen.join()
    hub.hint(said)
    assert bool(screen.hints()) is hears


def test_a_hint_names_service_id_and_version_and_no_fact() -> None:
    hub = Hub()
    screen = Screen(hub, Role.CARER, CARER)
    screen.join()
    hub.hint(message(carer_id=CARER, pay_minor=12480))
    (event,) = screen.hints()
    data = json.loads(event.partition("data: ")[2])
    assert data == {"service": "matching", "id": "an-offer", "version": 3}


def test_a_stream_goes_on_from_where_it_broke() -> None:
    hub = Hub()
    screen = Screen(hub, Role.DISPATCHER)
    screen.join()
    hub.hint(message(origin="outbox/matching/1"))
    seen = last_id(screen.events())
    hub.leave(screen.browser)
    hub.hint(message(origin="outbox/matching/2"))
    hub.hint(message("billing", "invoice.issued.v1", origin="outbox/billing/1"))
    screen.join(seen)
    assert len(screen.hints()) == 1
    assert len(screen.events()) == 0


@pytest.mark.parametrize("unknown", ["elsewhere-1a2b:7", "nonsense", "matching/0:x", ""])
def test_a_stream_of_another_process_re_reads_everything(unknown: str) -> None:
    hub = Hub()
    hub.hint(message())
    screen = Screen(hub, Role.DISPATCHER)
    screen.join(unknown)
    (event,) = screen.events()
    assert RESET in event


def test_a_stream_that_missed_more_than_is_remembered_re_reads_everything() -> None:
    hub = Hub(remembered=3)
    screen = Screen(hub, Role.DISPATCHER)
    screen.join()
    hub.hint(message())
    seen = last_id(screen.events())
    hub.leave(screen.browser)
    for _ in range(3):
        hub.hint(message())
    screen.join(seen)
    assert len(screen.hints()) == 3
    hub.leave(screen.browser)
    hub.hint(message())
    screen.join(seen)
    (event,) = screen.events()
    assert RESET in event


def test_kafka_offsets_carry_a_stream_over_to_another_process() -> None:
    start = {"matching/0": 40, "roster/1": 7}
    here, there = Hub(), Hub()
    for hub in (here, there):
        hub.begin_at(start)
    screen = Screen(here, Role.DISPATCHER)
    screen.join()
    for hub in (here, there):
        hub.hint(message(origin="matching/0/40"))
    seen = last_id(screen.events())
    there.hint(message(origin="matching/0/41"))
    there.hint(message("roster", "visit.started.v1", origin="roster/1/7"))
    moved = Screen(there, Role.DISPATCHER)
    moved.join(seen)
    assert len(moved.hints()) == 2
    late = Hub()
    late.begin_at({"matching/0": 50, "roster/1": 8})
    behind = Screen(late, Role.DISPATCHER)
    behind.join(seen)
    assert RESET in behind.events()[0]


def test_a_message_that_is_delivered_twice_is_hinted_once() -> None:
    hub = Hub()
    screen = Screen(hub, Role.DISPATCHER)
    screen.join()
    for _ in range(2):
        hub.hint(message(origin="matching/3/9"))
    assert len(screen.hints()) == 1


def test_a_browser_that_does_not_listen_is_told_once_to_re_read_everything() -> None:
    hub = Hub()
    screen = Screen(hub, Role.DISPATCHER)
    screen.join()
    for _ in range(MOST_WAITING + 5):
        hub.hint(message())
    events = screen.events()
    assert RESET in events
    assert len(events) < MOST_WAITING


def test_a_message_nobody_can_read_hints_nobody_and_breaks_nothing() -> None:
    hub = Hub()
    screen = Screen(hub, Role.DISPATCHER)
    screen.join()
    broken = message()
    object.__setattr__(broken, "body", b"not json")
    hub.hint(broken)
    hub.hint(message())
    assert len(screen.hints()) == 1


def test_a_quiet_stream_beats_and_a_closed_hub_ends_it() -> None:
    hub = Hub()

    async def listen() -> list[str]:
        browser = Browser(DESK, Role.DISPATCHER, None, asyncio.get_running_loop())
        heard = []
        async for event in stream(hub, browser, None, SETTINGS):
            heard.append(event)
            if heard.count(HEARTBEAT) == 2:
                hub.close()
        return heard

    heard = asyncio.run(asyncio.wait_for(listen(), 5))
    assert heard.count(HEARTBEAT) >= 2
    assert hub.open_pages == 0


def test_a_stream_ends_after_its_time_so_that_the_session_is_looked_at_again() -> None:
    settings = WebSettings(cookie_secret="s", heartbeat_seconds=0.02, stream_seconds=0.1)

    async def listen() -> int:
        browser = Browser(DESK, Role.DISPATCHER, None, asyncio.get_running_loop())
        return len([event async for event in stream(Hub(), browser, None, settings)])

    assert asyncio.run(asyncio.wait_for(listen(), 5)) > 2


def test_a_hundred_open_pages_leave_room_for_others(make_pages: Callable[..., Pages]) -> None:
    pages = make_pages(heartbeat_seconds=5.0)
    pages.sign_in("dispatcher")
    cookie = {"vesper": pages.http.cookies["vesper"]}
    server = uvicorn.Server(uvicorn.Config(pages.http.app, port=0, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started, what="the pages listen")
    port = server.servers[0].sockets[0].getsockname()[1]
    base = f"http://127.0.0.1:{port}"

    async def crowd() -> None:
        limits = httpx.Limits(max_connections=200)
        async with httpx.AsyncClient(base_url=base, cookies=cookie, limits=limits, timeout=10) as http:
            heard: list[str] = []
            streams = [asyncio.create_task(follow(http, heard)) for _ in range(100)]
            while pages.hub.open_pages < 100:
                await asyncio.sleep(0.01)
            assert (await http.get("/board")).status_code == 200
            await asyncio.to_thread(pages.hub.hint, message())
            while len(heard) < 100:
                await asyncio.sleep(0.01)
            for each in streams:
                each.cancel()
            await asyncio.gather(*streams, return_exceptions=True)

    async def follow(http: httpx.AsyncClient, heard: list[str]) -> None:
        async with http.stream("GET", "/live") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            async for line in answer.aiter_lines():
                if line == "event: hint":
                    heard.append(line)

    try:
        asyncio.run(asyncio.wait_for(crowd(), 30))
        wait_until(lambda: pages.hub.open_pages == 0, what="every stream has ended")
    finally:
        server.should_exit = True
        thread.join(timeout=10)
