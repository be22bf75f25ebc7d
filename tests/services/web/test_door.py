"""Coming in and going out: who gets which page, and what keeps a session to its owner."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from urllib.parse import quote

import pytest
from fastapi.routing import APIRoute

from services.web.pages import board, care_requests, carer, charges, door, families, household, roster
from services.web.pages.frame import local_path
from tests.services.web.conftest import Pages
from tests.services.web.stub import PASSWORD, Refusal
from tests.services.web.town import VISIT

OPEN = {"/sign-in", "/sign-in/away", "/sign-in/back", "/language/{language}"}
PARTS = (board, care_requests, carer, charges, door, families, household, roster)
ROUTES = [route for part in PARTS for route in part.router.routes if isinstance(route, APIRoute)]
GUARDED = [
    (next(iter(route.methods or ())), route.path.replace("{", "").replace("}", ""))
    for route in ROUTES
    if route.path not in OPEN
]


def filled(path: str) -> str:
    """The path with an id wherever one belongs."""
    return "/".join(VISIT if part.endswith("_id") else part for part in path.split("/"))


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_nobody_sees_a_page_without_signing_in(pages: Pages, method: str, path: str) -> None:
    answer = pages.http.request(method, filled(path))
    if path == "/live":
        assert answer.status_code == 401
        return
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")
    assert pages.stub.asked == []


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("carer", "/board"),
        ("carer", f"/board/{VISIT}"),
        ("carer", "/roster"),
        ("carer", "/charges"),
        ("carer", "/care"),
        ("family", "/board"),
        ("family", "/offers"),
        ("family", "/families"),
        ("clerk", "/requests/new"),
        ("clerk", "/visits"),
        ("dispatcher", "/charges"),
        ("dispatcher", "/offers"),
        ("admin", "/board"),
    ],
)
def test_a_page_of_another_role_is_refused(signed_in: Callable[[str], Pages], role: str, path: str) -> None:
    pages = signed_in(role)
    before = len(pages.stub.asked)
    answer = pages.get(path)
    assert answer.status_code == 403
    assert "This page is not for you." in answer.text
    assert len(pages.stub.asked) == before


def test_signing_in_leads_each_role_home(pages: Pages) -> None:
    homes = {"dispatcher": "/board", "carer": "/offers", "clerk": "/charges", "family": "/care", "admin": "/account"}
    for role, home in homes.items():
        assert pages.sign_in(role).headers["location"] == home


def test_signing_in_leads_back_to_the_page_that_was_asked_for(pages: Pages) -> None:
    asked = f"/board/{VISIT}?days=2"
    sent = pages.get(asked).headers["location"]
    assert sent == f"/sign-in?next={quote(asked, safe='')}"
    assert asked.replace("&", "&amp;") in pages.get(sent).text
    assert pages.sign_in("dispatcher", next=asked).headers["location"] == asked


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "", "/a\r\nSet-Cookie: x=y", "/\t/e"],
)
def test_the_way_back_never_leaves_the_site(elsewhere: str) -> None:
    assert local_path(elsewhere) == "/"


def test_a_wrong_password_is_told_and_nothing_typed_but_it_is_lost(pages: Pages) -> None:
    answer = pages.http.post("/sign-in", data={"email": "dispatcher@example.org", "password": "no", "next": "/roster"})
    assert answer.status_code == 401
    assert "E-mail address or password is not right." in answer.text
    assert 'value="dispatcher@example.org"' in answer.text
    assert 'value="/roster"' in answer.text
    assert "vesper" not in pages.http.cookies


def test_too_many_tries_are_told_as_identity_says_it(pages: Pages) -> None:
    pages.stub.answers["identity", "POST /sign-in"] = Refusal(status=429, detail="Too many tries; wait 15 minutes.")
    answer = pages.sign_in("dispatcher")
    assert answer.status_code == 429
    assert "Too many tries; wait 15 minutes." in answer.text


def test_identity_is_told_where_a_try_comes_from(pages: Pages) -> None:
    pages.sign_in("carer")
    assert pages.stub.of("identity", "POST /sign-in")[0].headers["x-forwarded-for"] == "testclient"


def test_the_cookie_hides_the_tokens_from_scripts_and_other_sites(pages: Pages) -> None:
    cookie = pages.sign_in("dispatcher").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "dispatcher" not in cookie
    assert "Secure" not in cookie
    answer = pages.http.post(
        "/sign-in",
        data={"email": "dispatcher@example.org", "password": PASSWORD},
        headers={"X-Forwarded-Proto": "https"},
    )
    assert "Secure" in answer.headers["set-cookie"]


def test_a_cookie_of_another_secret_is_no_session(make_pages: Callable[..., Pages], pages: Pages) -> None:
    pages.sign_in("dispatcher")
    other = make_pages()
    other.http.app.state.sessions._box = type(other.http.app.state.sessions._box)(b"x" * 43 + b"=")  # type: ignore[attr-defined]
    other.http.cookies.set("vesper", pages.http.cookies["vesper"])
    assert other.get("/board").headers["location"].startswith("/sign-in")


def test_a_form_without_the_sessions_own_token_does_nothing(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("carer")
    for data in ({}, {"csrf": "guessed"}):
        answer = pages.http.post(f"/offers/{VISIT}/accept", data=data)
        assert answer.status_code == 403
        assert "not from your own session" in answer.text
    assert pages.stub.of("matching", f"POST /offers/{VISIT}/accept") == []


def test_a_form_sent_from_another_site_is_refused_before_it_is_read(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("carer")
    answer = pages.http.post("/offers/x/accept", data={"csrf": pages.csrf}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "another site" in answer.text


def test_every_answer_forbids_foreign_scripts_and_frames(pages: Pages) -> None:
    for path in ("/sign-in", "/board", "/static/styles.css", "/nowhere"):
        headers = pages.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_no_page_has_a_script_or_style_of_its_own_inside(signed_in: Callable[[str], Pages]) -> None:
    text = signed_in("dispatcher").get(f"/board/{VISIT}").text
    assert "<style" not in text
    assert " style=" not in text
    assert " onclick=" not in text
    assert text.count("<script") == text.count("<script src=")


def test_an_access_token_is_renewed_before_it_ends_and_the_cookie_with_it(make_pages: Callable[..., Pages]) -> None:
    pages = make_pages()
    pages.sign_in("dispatcher")
    first = pages.stub.asked[-1].headers["authorization"]
    pages.clock.advance(timedelta(seconds=541))
    answer = pages.get("/board")
    assert answer.status_code == 200
    assert pages.stub.renewals == 1
    assert pages.stub.of("matching", "GET /visits/open")[-1].headers["authorization"] != first
    pages.get("/board")
    assert pages.stub.renewals == 1


def test_pages_that_open_at_once_share_one_renewal(pages: Pages) -> None:
    pages.sign_in("dispatcher")
    sessions = pages.http.app.state.sessions  # type: ignore[attr-defined]
    stale = sessions.open(pages.http.cookies["vesper"])
    pages.clock.advance(timedelta(minutes=10))
    ready = Barrier(8)

    def ask() -> str:
        ready.wait()
        return str(sessions.fresh(stale).access_token)

    with ThreadPoolExecutor(8) as pool:
        tokens = {future.result() for future in [pool.submit(ask) for _ in range(8)]}
    assert len(tokens) == 1
    assert pages.stub.renewals == 1


def test_a_renewal_that_another_process_won_does_not_sign_anyone_out(pages: Pages) -> None:
    pages.sign_in("dispatcher")
    pages.clock.advance(timedelta(seconds=541))
    pages.stub.answers["identity", "POST /token"] = Refusal(status=401, detail="Used already.")
    for _ in range(2):
        answer = pages.get("/board")
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
    assert len(pages.stub.of("identity", "POST /token")) == 1


def test_a_sign_in_that_identity_has_ended_leads_to_the_door(pages: Pages) -> None:
    pages.sign_in("dispatcher")
    pages.clock.advance(timedelta(hours=1))
    pages.stub.answers["identity", "POST /token"] = Refusal(status=401, detail="Over.")
    answer = pages.get("/board")
    assert answer.headers["location"].startswith("/sign-in?next=")
    assert "vesper" not in pages.http.cookies


def test_a_fragment_that_finds_the_session_over_takes_the_whole_page_to_the_door(pages: Pages) -> None:
    answer = pages.get("/board", headers={"HX-Request": "true"})
    assert answer.headers["hx-redirect"] == "/sign-in?next=%2Fboard"


def test_signing_out_ends_the_session_here_and_at_identity(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("carer")
    assert pages.post("/sign-out").headers["location"] == "/sign-in?done=signed-out"
    assert pages.stub.of("identity", "POST /sign-out")[0].body["refresh_token"].startswith("carer-refresh")
    assert pages.get("/offers").headers["location"].startswith("/sign-in")


def test_an_address_that_is_none_is_told_in_plain_words(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("dispatcher")
    for path in ("/nowhere", "/board/not-a-visit", "/roster?on=yesterday"):
        answer = pages.get(path)
        assert answer.status_code == 404, path
        assert "There is nothing at this address." in answer.text


def test_a_service_that_is_away_is_told_and_the_rest_goes_on(signed_in: Callable[[str], Pages]) -> None:
    from tests.services.web.stub import Away

    pages = signed_in("dispatcher")
    pages.stub.answers["matching", "GET /visits/open"] = Away()
    answer = pages.get("/board")
    assert answer.status_code == 503
    assert "away for a moment" in answer.text
    assert answer.headers["retry-after"] == "5"
    assert pages.get("/roster").status_code == 200


def test_the_pages_pass_on_the_correlation_id(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("dispatcher")
    answer = pages.get("/board", headers={"X-Correlation-Id": "evening-1"})
    assert answer.headers["x-correlation-id"] == "evening-1"
    assert pages.stub.of("matching", "GET /visits/open")[-1].headers["x-correlation-id"] == "evening-1"


def test_a_process_says_how_it_is(pages: Pages) -> None:
    assert pages.get("/healthz").json() == {"status": "alive"}
    assert pages.get("/readyz").json()["status"] == "ready"
    assert "vesper_commands" in pages.get("/metrics").text
