"""A real Chromium, driven by Playwright; the pages over stubbed services on a port of their own."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from services.web.assets import fetched
from services.web.live import Hub
from services.web.service import make_app
from services.web.settings import WebSettings
from shared.clock import SetClock
from tests.services.web.stub import PASSWORD, Stub
from tests.services.web.town import evening
from tests.support.waiting import wait_until

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "chromium-browser", "google-chrome")
PHONE = (390, 844)
DESKTOP = (1440, 900)
NOW = datetime(2026, 6, 1, 17, 15, tzinfo=UTC)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium; without one these tests are skipped, in CI they fail."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        reason = "no Chromium on PATH: install it (Debian: apt-get install chromium) to run the browser tests"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe_source() -> str:
    """axe-core's script, by the pages' lock file; it is for tests and never served."""
    with fetched(development=True) as modules:
        return (modules / "axe-core" / "axe.min.js").read_text()


@dataclass(frozen=True, slots=True)
class Window:
    """A browser window of one person; whatever its console complains of is kept."""

    context: BrowserContext
    page: Page
    base: str
    complaints: list[str]

    def open(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page

    def sign_in(self, email: str, password: str = PASSWORD) -> Page:
        self.open("/sign-in")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda address: "/sign-in" not in address)
        return self.page


@pytest.fixture
def open_window(chromium: Browser) -> Iterator[Callable[..., Window]]:
    """`open_window(base, PHONE)`: a window of that size with a cookie jar of its own."""
    opened: list[BrowserContext] = []

    def open_(base: str, size: tuple[int, int] = DESKTOP) -> Window:
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale="en-GB")
        context.set_default_timeout(15_000)
        opened.append(context)
        complaints: list[str] = []
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: dialog.accept())
        return Window(context, page, base, complaints)

    yield open_
    for context in opened:
        context.close()


@dataclass(frozen=True, slots=True)
class Evening:
    """The pages over stubbed services, on a port."""

    base: str
    stub: Stub
    hub: Hub


@pytest.fixture
def an_evening() -> Iterator[Evening]:
    stub, hub = evening(), Hub()
    app = make_app(
        WebSettings(cookie_secret="a secret of the tests"), hub, clock=SetClock(NOW), transports=stub.transports()
    )
    with served(app) as base:
        yield Evening(base, stub, hub)
        hub.close()


@contextmanager
def served(app: Any) -> Iterator[str]:
    """An app on a free port for as long as the `with` lasts; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started, what="the pages listen")
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def keep_picture(page: Page, name: str) -> None:
    """A picture for people to look at, in the folder VESPER_PICTURES names; none otherwise."""
    folder = os.environ.get("VESPER_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
