"""Pages over stubbed services, at a quarter past six on a Monday evening in June."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from services.web.live import Hub
from services.web.service import make_app
from services.web.settings import WebSettings
from shared.clock import SetClock
from tests.services.web.stub import PASSWORD, Stub
from tests.services.web.town import evening

NOW = datetime(2026, 6, 1, 17, 15, tzinfo=UTC)


@dataclass
class Pages:
    """The pages and a browser's worth of means: cookies kept, no redirect followed."""

    stub: Stub
    hub: Hub
    clock: SetClock
    http: TestClient
    csrf: str = field(default="")

    def sign_in(self, role: str, **more: str) -> httpx.Response:
        answer: httpx.Response = self.http.post(
            "/sign-in", data={"email": f"{role}@example.org", "password": PASSWORD, **more}
        )
        if answer.status_code == 303:
            session = self.http.app.state.sessions.open(self.http.cookies["vesper"])  # type: ignore[attr-defined]
            self.csrf = session.csrf
        return answer

    def get(self, path: str, **more: Any) -> httpx.Response:
        answer: httpx.Response = self.http.get(path, **more)
        return answer

    def post(self, path: str, data: dict[str, Any] | None = None) -> httpx.Response:
        answer: httpx.Response = self.http.post(path, data={"csrf": self.csrf, **(data or {})})
        return answer


@pytest.fixture
def make_pages() -> Iterator[Callable[..., Pages]]:
    opened: list[TestClient] = []

    def make(*, issuer: httpx.BaseTransport | None = None, **settings: Any) -> Pages:
        stub, hub, clock = evening(), Hub(), SetClock(NOW)
        app = make_app(
            WebSettings(cookie_secret="a secret of the tests", **settings),
            hub,
            clock=clock,
            transports=stub.transports(),
            issuer_transport=issuer,
        )
        http = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
        opened.append(http)
        return Pages(stub, hub, clock, http)

    yield make
    for http in opened:
        http.close()


@pytest.fixture
def pages(make_pages: Callable[..., Pages]) -> Pages:
    return make_pages()


@pytest.fixture
def signed_in(pages: Pages) -> Callable[[str], Pages]:
    """`signed_in("carer")`: the pages as a carer has them."""

    def enter(role: str) -> Pages:
        assert pages.sign_in(role).status_code == 303
        return pages

    return enter
