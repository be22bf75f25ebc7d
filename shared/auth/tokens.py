"""Access tokens, verified offline against the issuer's published keys."""

import threading
import time
from typing import Any, Protocol
from uuid import UUID, uuid5

import httpx
import jwt
from jwt import PyJWK, PyJWKSet

from shared.auth.roles import Caller, Role
from shared.http.errors import Unavailable
from shared.telemetry.logging import log_of

log = log_of(__name__)

# Our own keys are EdDSA; the others are for an OIDC provider that stands in. None of them is symmetric.
_ALGORITHMS = ["EdDSA", "ES256", "RS256"]
_REFETCH_SECONDS = 5.0
_ASK_AGAIN_SECONDS = 1.0
_FOREIGN = UUID("0f4f6a5c-8a0b-4f4e-9f0b-1c9a2d7e6b35")


class BadToken(Exception):
    """The token is missing, expired, forged or not for us."""


class Keys(Protocol):
    """Finds the key a token names."""

    def find(self, kid: str) -> PyJWK: ...


class FetchedKeys:
    """The issuer's JWKS, fetched when a key is first needed or unknown, kept while the issuer is away."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str, PyJWK] = {}
        self._ask_again_at = 0.0
        self._away = False
        self._lock = threading.Lock()

    def find(self, kid: str) -> PyJWK:
        """Raises BadToken for a key the issuer doesn't publish, Unavailable when the issuer can't be asked."""
        if kid not in self._keys:
            self._fetch(kid)
        if kid not in self._keys:
            raise BadToken("The token is signed with a key we don't know.")
        return self._keys[kid]

    def _fetch(self, kid: str) -> None:
        with self._lock:
            if kid in self._keys:
                return
            # A made-up key id must not make us ask the issuer each time, nor wait each time for one that is away.
            if time.monotonic() >= self._ask_again_at:
                self._ask()
            if self._away:
                raise Unavailable("Sign-in can't be checked for a moment. Try again.")

    def _ask(self) -> None:
        try:
            answer = httpx.get(self._url, timeout=3.0)
            answer.raise_for_status()
            self._keys = {key.key_id or "": key for key in PyJWKSet.from_dict(answer.json()).keys}
            self._away = False
        except (httpx.HTTPError, ValueError, AttributeError, jwt.PyJWTError) as error:
            log.warning("the issuer's keys can't be had", error=repr(error))
            self._away = True
        self._ask_again_at = time.monotonic() + (_ASK_AGAIN_SECONDS if self._away else _REFETCH_SECONDS)


class TokenVerifier:
    """Turns a bearer token into a caller. The names of the claims are settings, so that another issuer can stand in."""

    def __init__(
        self, keys: Keys, *, issuer: str, audience: str, role_claim: str, desk_claim: str, person_claim: str
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._claims = (role_claim, desk_claim, person_claim)

    def caller(self, token: str) -> Caller:
        """Raises BadToken."""
        try:
            key = self._keys.find(jwt.get_unverified_header(token).get("kid", ""))
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=_ALGORITHMS,
                issuer=self._issuer,
                audience=self._audience,
                options={"require": ["exp", "sub", "iss", "aud"]},
                leeway=5,
            )
            role, desk, person = (claims.get(name) for name in self._claims)
            return Caller(
                desk_id=UUID(str(desk)),
                account_id=_account_id(claims["iss"], claims["sub"]),
                role=Role(str(role)),
                person_id=UUID(person) if person else None,
                name=str(claims.get("name", "")),
            )
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError) as error:
            raise BadToken("The sign-in has expired or is not valid. Please sign in again.") from error


def _account_id(issuer: str, subject: str) -> UUID:
    """Our own subjects are ids; another issuer's may be any text, and become the same id each time."""
    try:
        return UUID(subject)
    except ValueError:
        return uuid5(_FOREIGN, f"{issuer}/{subject}")
