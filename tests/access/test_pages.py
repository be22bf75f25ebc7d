"""Every page against every role: the services behind them are stubbed, who is let in is not.

A new page needs a row in `tests/access/web.py`.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from services.web.live import Hub
from services.web.service import make_app
from services.web.settings import WebSettings
from shared.auth.roles import Role
from shared.clock import SetClock
from tests.access.rows import PUBLIC, Row, Things, matched
from tests.access.web import ACCESS, IDS
from tests.services.web.conftest import Pages
from tests.services.web.town import INVOICE, evening

THINGS = Things(ids=IDS)
GUARDED = [row for row in ACCESS if row.roles != PUBLIC]


def named(table: list[Row]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", table, ids=lambda row: row.name)


@pytest.fixture(scope="module")
def pages() -> Iterator[dict[Role | None, Pages]]:
    """The pages as each role has them in a browser of their own; under None as somebody who never signed in."""
    stub, hub, clock = evening(), Hub(), SetClock(datetime(2026, 6, 1, 17, 15, tzinfo=UTC))
    for path in ("/invoices", "/my/invoices"):
        made = Response(200, content=b"%PDF-1.7", headers={"content-type": "application/pdf"})
        stub.answers["billing", f"GET {path}/{INVOICE}/pdf"] = made
    # A stream that ends at once, so that its page can be read to the end.
    settings = WebSettings(cookie_secret="a secret of the tests", stream_seconds=0)
    app = make_app(settings, hub, clock=clock, transports=stub.transports())
    found = {
        role: Pages(stub, hub, clock, TestClient(app, follow_redirects=False, raise_server_exceptions=False))
        for role in (None, *Role)
    }
    for role, browser in found.items():
        if role is not None:
            assert browser.sign_in(role).status_code == 303
    yield found
    for browser in found.values():
        browser.http.close()


def address(row: Row) -> str:
    filled: str = THINGS.fill(row.path, row)
    return filled


def test_every_page_has_a_row_and_every_row_a_page(pages: dict[Role | None, Pages]) -> None:
    app = pages[None].http.app
    assert isinstance(app, FastAPI)
    matched(app, ACCESS, besides={"/static"})


@named(GUARDED)
def test_whoever_is_not_signed_in_is_sent_to_sign_in(pages: dict[Role | None, Pages], row: Row) -> None:
    answer = pages[None].http.request(row.method, address(row))
    if row.path == "/live":
        assert answer.status_code == 401
    else:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")


@named(GUARDED)
def test_a_wrong_role_is_403_and_no_service_is_asked(pages: dict[Role | None, Pages], row: Row) -> None:
    for role in Role:
        if role not in row.roles:
            browser = pages[role]
            before = len(browser.stub.asked)
            form = {"data": {"csrf": browser.csrf}} if row.method == "POST" else {}
            answer = browser.http.request(row.method, address(row), **form)
            assert (role, answer.status_code) == (role, 403)
            assert len(browser.stub.asked) == before


@named([row for row in GUARDED if row.method == "POST"])
def test_a_form_with_another_sessions_token_is_403(pages: dict[Role | None, Pages], row: Row) -> None:
    for role in row.roles:
        before = len(pages[role].stub.asked)
        answer = pages[role].http.post(address(row), data={"csrf": pages[None].csrf or "of somebody else"})
        assert answer.status_code == 403
        assert len(pages[role].stub.asked) == before


@named(ACCESS)
def test_an_allowed_role_is_let_in(pages: dict[Role | None, Pages], row: Row) -> None:
    """A page is shown; a form is taken, even if what is in it, or the stub, then says no."""
    for role in row.roles or [None]:
        browser = pages[role]
        if row.path == "/sign-out":
            continue  # it would end the session the other rows need; tests/services/web/test_door.py does it
        if row.method == "GET":
            answer = browser.http.get(address(row))
            assert answer.status_code in (200, 303), answer.text
        else:
            answer = browser.post(address(row), dict(row.body or {}))
            assert answer.status_code not in (401, 403, 500), answer.text
        assert row.roles == PUBLIC or not answer.headers.get("location", "").startswith("/sign-in")
