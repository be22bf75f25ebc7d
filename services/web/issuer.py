"""Another issuer that stands in for our sign-in: its own page, a code, and tokens our services verify like any other."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from authlib.common.security import generate_token
from authlib.deprecate import AuthlibDeprecationWarning
from authlib.integrations.base_client import OAuthError

from services.web.clients import Problem
from services.web.settings import WebSettings
from shared.auth.roles import Caller
from shared.auth.tokens import BadToken, FetchedKeys, TokenVerifier
from shared.http.errors import Unavailable

with warnings.catch_warnings():
    # It would rather have a successor of httpx; that is for us to know, not for whoever starts the pages.
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import OAuth2Client

# Long enough for an authorization code with PKCE (RFC 7636: 43 to 128 characters).
_VERIFIER_LENGTH = 64
_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """Who left for the issuer's page: what must come back with them, and where they wanted to go."""

    state: str
    verifier: str
    return_to: str


class Issuer:
    """An OpenID Connect issuer found by discovery: authorization code with PKCE, refresh tokens.

    Whoever signed in is who the access token says; its claims are named in the same settings as for the services.
    """

    def __init__(self, settings: WebSettings, transport: httpx.BaseTransport | None = None) -> None:
        self._settings = settings
        self._transport = transport
        self._found: dict[str, Any] = {}
        self._verifier = TokenVerifier(
            FetchedKeys(settings.jwks_url),
            issuer=settings.token_issuer,
            audience=settings.token_audience,
            role_claim=settings.role_claim,
            desk_claim=settings.desk_claim,
            person_claim=settings.person_claim,
        )

    def leave(self, return_to: str) -> tuple[str, Leaving]:
        """The address of the issuer's page, and what to remember until somebody comes back. Raises Problem."""
        verifier = generate_token(_VERIFIER_LENGTH)
        with self._client() as client:
            address, state = client.create_authorization_url(
                self._endpoint("authorization_endpoint"), code_verifier=verifier
            )
        return str(address), Leaving(state=str(state), verifier=verifier, return_to=return_to)

    def come_back(self, leaving: Leaving, code: str) -> dict[str, Any]:
        """The tokens for this code, good once. Raises Problem."""
        return self._tokens(
            lambda client, address: client.fetch_token(
                address, grant_type="authorization_code", code=code, code_verifier=leaving.verifier
            )
        )

    def renew(self, refresh_token: str) -> dict[str, Any]:
        """A new access token. Raises Problem when the issuer won't give one."""
        return self._tokens(lambda client, address: client.refresh_token(address, refresh_token=refresh_token))

    def who(self, access_token: str) -> Caller:
        """Whom the token is for. Raises Problem for one that our services would refuse."""
        try:
            return self._verifier.caller(access_token)
        except BadToken as error:
            raise Problem(
                403, "Your account has no desk or role here yet.", code="no-role", service="issuer"
            ) from error
        except Unavailable as error:
            raise Problem(503, error.detail, code="away", service="issuer") from error

    def sign_out_address(self, back_to: str) -> str | None:
        """Where the issuer ends its own session, if it does."""
        address = self._discovered().get("end_session_endpoint")
        if address is None:
            return None
        asked = {"client_id": self._settings.oidc_client_id, "post_logout_redirect_uri": back_to}
        return str(httpx.URL(str(address), params=asked))

    def _tokens(self, ask: Callable[[OAuth2Client, str], Any]) -> dict[str, Any]:
        try:
            with self._client() as client:
                told = ask(client, self._endpoint("token_endpoint"))
        except OAuthError as error:
            raise Problem(401, "The sign-in was not finished.", code="sign-in-refused", service="issuer") from error
        except (httpx.HTTPError, ValueError) as error:
            raise _away() from error
        return dict(told)

    def _endpoint(self, name: str) -> str:
        found = self._discovered().get(name)
        if not isinstance(found, str):
            raise Problem(502, f"The issuer names no {name}.", code="away", service="issuer")
        return found

    def _discovered(self) -> dict[str, Any]:
        if not self._found:
            address = f"{self._settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration"
            try:
                with httpx.Client(transport=self._transport, timeout=_SECONDS) as client:
                    answer = client.get(address).raise_for_status()
                    self._found = dict(answer.json())
            except (httpx.HTTPError, ValueError, TypeError) as error:
                raise _away() from error
        return self._found

    def _client(self) -> OAuth2Client:
        settings = self._settings
        return OAuth2Client(
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret or None,
            token_endpoint_auth_method="client_secret_basic" if settings.oidc_client_secret else "none",
            scope=settings.oidc_scope,
            redirect_uri=f"{settings.public_url.rstrip('/')}/sign-in/back",
            code_challenge_method="S256",
            transport=self._transport,
            timeout=_SECONDS,
        )


def _away() -> Problem:
    return Problem(503, "Sign-in is away for a moment.", code="away", service="issuer")
