"""Signing in through another issuer: its page, its code, its tokens, and everything that can come back wrong."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from jwt.algorithms import RSAAlgorithm

from tests.services.web.conftest import Pages
from tests.services.web.stub import DESK

ISSUER = "https://login.example.org/realms/care"
PAGES = "https://vesper.example.org"
SETTINGS: dict[str, Any] = {
    "oidc_issuer": ISSUER,
    "oidc_client_id": "vesper-pages",
    "oidc_client_secret": "kept by both",
    "public_url": PAGES,
    "token_issuer": ISSUER,
    "token_audience": "vesper-api",
    "role_claim": "vesper_role",
    "desk_claim": "vesper_desk",
}


@dataclass
class Login:
    """An OpenID Connect issuer: discovery, keys, codes good once that fit one verifier, tokens."""

    claims: dict[str, Any] = field(default_factory=lambda: {"vesper_role": "dispatcher", "vesper_desk": str(DESK)})
    away: bool = False
    lasts: int = 600
    renewals: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._key = generate_private_key(65537, 2048)
        self._codes: dict[str, str] = {}

    def enter(self, address: str) -> dict[str, str]:
        """Somebody signs in on the issuer's page; what their browser brings back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert (asked["client_id"], asked["redirect_uri"]) == ("vesper-pages", f"{PAGES}/sign-in/back")
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = uuid4().hex
        self._codes[code] = asked["code_challenge"]
        return {"code": code, "state": asked["state"]}

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("nobody there")
        path = request.url.path.removeprefix("/realms/care")
        if path == "/.well-known/openid-configuration":
            return httpx.Response(
                200,
                json={
                    "issuer": ISSUER,
                    "authorization_endpoint": f"{ISSUER}/auth",
                    "token_endpoint": f"{ISSUER}/token",
                    "end_session_endpoint": f"{ISSUER}/logout",
                },
            )
        if path == "/keys":
            jwk = RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
            return httpx.Response(200, json={"keys": [{**jwk, "kid": "rsa-1", "alg": "RS256", "use": "sig"}]})
        if path == "/token":
            return self._tokens(request)
        return httpx.Response(404)

    def _tokens(self, request: httpx.Request) -> httpx.Response:
        asked = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        self.asked.append({**asked, "authorization": request.headers.get("authorization")})
        if asked["grant_type"] == "authorization_code":
            challenge = self._codes.pop(asked["code"], None)
            digest = hashlib.sha256(asked["code_verifier"].encode()).digest()
            if challenge != base64.urlsafe_b64encode(digest).rstrip(b"=").decode():
                return httpx.Response(400, json={"error": "invalid_grant"})
        else:
            self.renewals += 1
            if not asked["refresh_token"].startswith("refresh-"):
                return httpx.Response(400, json={"error": "invalid_grant"})
        return httpx.Response(
            200,
            json={
                "access_token": self._token(),
                "token_type": "Bearer",
                "expires_in": self.lasts,
                "refresh_token": f"refresh-{uuid4().hex}",
            },
        )

    def _token(self) -> str:
        now = datetime.now(UTC)
        claims = {"iss": ISSUER, "aud": "vesper-api", "sub": "ann", "name": "Ann Lee", "iat": now}
        return jwt.encode(
            {**claims, "exp": now + timedelta(minutes=5), **self.claims},
            self._key,
            algorithm="RS256",
            headers={"kid": "rsa-1"},
        )


@pytest.fixture
def login(monkeypatch: pytest.MonkeyPatch) -> Login:
    """The issuer, whose published keys are reached without a network."""
    found = Login()
    keys = httpx.Client(transport=found.transport())
    monkeypatch.setattr("shared.auth.tokens.httpx.get", lambda url, **_: keys.get(url))
    return found


@pytest.fixture
def pages(login: Login, make_pages: Callable[..., Pages]) -> Pages:
    found = make_pages(issuer=login.transport(), **SETTINGS, jwks_url=f"{ISSUER}/keys")
    found.http.base_url = PAGES
    return found


def come_back(pages: Pages, login: Login, next_: str = "/") -> httpx.Response:
    """Leave for the issuer's page, sign in there, come back."""
    left = pages.get("/sign-in/away", params={"next": next_})
    assert left.status_code == 303
    return pages.get("/sign-in/back", params=login.enter(left.headers["location"]))


def test_the_sign_in_page_leads_to_the_organisation_and_asks_for_no_password(pages: Pages) -> None:
    shown = pages.get("/sign-in?next=/roster")
    assert 'href="/sign-in/away?next=/roster"' in shown.text
    assert "password" not in shown.text
    assert (
        pages.http.post("/sign-in", data={"email": "a@example.org", "password": "x"}).headers["location"] == "/sign-in"
    )
    assert pages.stub.of("identity", "POST /sign-in") == []


def test_whoever_comes_back_is_who_the_token_says(pages: Pages, login: Login) -> None:
    answer = come_back(pages, login, "/roster?day=2026-06-01")
    assert (answer.status_code, answer.headers["location"]) == (303, "/roster?day=2026-06-01")
    account = pages.get("/account")
    assert account.status_code == 200
    assert "Ann Lee" in account.text
    assert login.asked[0]["authorization"].startswith("Basic ")
    sent = pages.stub.of("identity", "GET /me")[-1].headers["authorization"]
    assert jwt.decode(sent.removeprefix("Bearer "), options={"verify_signature": False})["vesper_role"] == "dispatcher"


def test_a_token_is_renewed_by_the_issuer_before_it_ends(pages: Pages, login: Login) -> None:
    come_back(pages, login)
    pages.clock.advance(timedelta(seconds=login.lasts - 30))
    assert pages.get("/account").status_code == 200
    assert login.renewals == 1
    assert pages.stub.of("identity", "POST /token") == []


def test_signing_out_ends_the_issuers_session_too(pages: Pages, login: Login) -> None:
    come_back(pages, login)
    csrf = pages.http.app.state.sessions.open(pages.http.cookies["vesper"]).csrf  # type: ignore[attr-defined]
    left = pages.http.post("/sign-out", data={"csrf": csrf}).headers["location"]
    assert left.startswith(f"{ISSUER}/logout?client_id=vesper-pages&post_logout_redirect_uri=https%3A%2F%2Fvesper")
    assert pages.get("/account").headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("changed", ["state", "code"])
def test_what_comes_back_changed_signs_nobody_in(pages: Pages, login: Login, changed: str) -> None:
    brought = login.enter(pages.get("/sign-in/away").headers["location"])
    answer = pages.get("/sign-in/back", params={**brought, changed: "another"})
    assert answer.status_code == 401
    assert "The sign-in was not finished" in answer.text
    assert "vesper" not in pages.http.cookies


def test_a_code_is_good_once_and_only_in_the_browser_that_left(pages: Pages, login: Login) -> None:
    brought = login.enter(pages.get("/sign-in/away").headers["location"])
    leaving = pages.http.cookies["vesper-leaving"]
    assert pages.get("/sign-in/back", params=brought).status_code == 303
    pages.http.cookies.clear()
    assert pages.get("/sign-in/back", params=brought).status_code == 401
    pages.http.cookies.set("vesper-leaving", leaving)
    assert pages.get("/sign-in/back", params=brought).status_code == 401


def test_one_who_was_away_too_long_begins_again(pages: Pages, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.web.session.LEAVING_SECONDS", -1)
    assert come_back(pages, login).status_code == 401


def test_one_the_organisation_gave_no_desk_is_told_so(pages: Pages, login: Login) -> None:
    del login.claims["vesper_desk"]
    answer = come_back(pages, login)
    assert answer.status_code == 403
    assert "no desk or role here yet" in answer.text


def test_while_the_issuer_is_away_the_page_says_so(pages: Pages, login: Login) -> None:
    login.away = True
    answer = pages.get("/sign-in/away")
    assert answer.status_code == 503
    assert "away for a moment" in answer.text


def test_one_who_said_no_on_the_issuers_page_is_back_at_the_door(pages: Pages) -> None:
    assert pages.get("/sign-in/back?error=access_denied&state=x").headers["location"] == "/sign-in"


def test_without_another_issuer_its_addresses_lead_to_our_own_door(make_pages: Callable[..., Pages]) -> None:
    own = make_pages()
    assert own.get("/sign-in/away").headers["location"] == "/sign-in"
    assert own.get("/sign-in/back?code=x&state=y").headers["location"] == "/sign-in"
    assert "Sign in with your organisation" not in own.get("/sign-in").text
