"""Signing in and the tokens that follow from it. These routes take no Idempotency-Key: no token is ever stored."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException

from services.identity import commands, queries
from services.identity.adapters.signing import Seal, new_refresh_token, refresh_hash
from services.identity.domain.account import normal_email
from services.identity.handlers import sign_in as handlers
from services.identity.handlers import signing_keys
from services.identity.schemas import KeyOut, KeysOut, SignInIn, TokenIn, TokensOut
from services.identity.settings import IdentitySettings
from shared.auth.dependencies import AdminEntrance
from shared.auth.roles import Role, desk_itself
from shared.clock import Clock
from shared.commands import Runner
from shared.db.engine import reading
from shared.domain.errors import Invalid

T = TypeVar("T")

router = APIRouter()


@router.post("/sign-in", tags=["sign-in"], responses={401: {}, 429: {}}, response_model=TokensOut)
def sign_in(body: SignInIn, request: Request, response: Response) -> TokensOut:
    """Sign in. A wrong password and an unknown e-mail get the same answer."""
    settings, seal = _settings(request), _seal(request)
    email = _plausible(body.email)
    email_hash, address = seal.fingerprint(f"email/{email}"), _address(request)
    found = _ask(request, lambda session: queries.account_for_sign_in(session, email))
    desk = desk_itself(found.desk_id if found else None)
    count = commands.CountTry(
        email_hash=email_hash,
        address_hash=seal.fingerprint(f"address/{address}"),
        address=address,
        account_id=found.account_id if found else None,
        window=timedelta(minutes=settings.sign_in_window_minutes),
        most_per_email=settings.sign_in_tries_per_email,
        most_per_address=settings.sign_in_tries_per_address,
    )
    wait = _runner(request).run(handlers.count_try, count, caller=desk)
    if wait is not None:
        seconds = max(1, round(wait.total_seconds()))
        detail = f"Too many tries to sign in. Wait {-(-seconds // 60)} minutes, then try again."
        raise HTTPException(429, detail, {"Retry-After": str(seconds)})
    right = request.app.state.passwords.right(body.password, found.password_hash if found else None)
    refresh = new_refresh_token()
    command = commands.SignIn(
        account_id=found.account_id if found else None,
        password_right=right,
        email_hash=email_hash,
        address=address,
        refresh_hash=refresh_hash(refresh),
        refresh_lasts=timedelta(days=settings.refresh_token_days),
    )
    signed_in = _runner(request).run(handlers.sign_in, command, caller=desk)
    if signed_in is None:
        raise HTTPException(401, "The e-mail address or the password is wrong.", {"WWW-Authenticate": "Bearer"})
    return _tokens(request, response, signed_in, refresh)


@router.post("/token", tags=["sign-in"], responses={401: {}}, response_model=TokensOut)
def renew_token(body: TokenIn, request: Request, response: Response) -> TokensOut:
    """Exchange a refresh token for a new pair. Each is good once; one that comes back ends the session."""
    settings = _settings(request)
    old, refresh = refresh_hash(body.refresh_token), new_refresh_token()
    desk_id = _ask(request, lambda session: queries.desk_of_refresh_token(session, old))
    signed_in = None
    if desk_id is not None:
        command = commands.RenewToken(
            refresh_hash=old,
            next_hash=refresh_hash(refresh),
            refresh_lasts=timedelta(days=settings.refresh_token_days),
            grace=timedelta(seconds=settings.refresh_grace_seconds),
            address=_address(request),
        )
        signed_in = _runner(request).run(handlers.renew_token, command, caller=desk_itself(desk_id))
    if signed_in is None:
        raise HTTPException(401, "The sign-in no longer holds. Please sign in again.", {"WWW-Authenticate": "Bearer"})
    return _tokens(request, response, signed_in, refresh)


@router.post("/sign-out", tags=["sign-in"], status_code=204)
def sign_out(body: TokenIn, request: Request) -> None:
    """End the session of this refresh token. The access token runs out by itself, in minutes."""
    token_hash = refresh_hash(body.refresh_token)
    desk_id = _ask(request, lambda session: queries.desk_of_refresh_token(session, token_hash))
    if desk_id is not None:
        command = commands.SignOut(refresh_hash=token_hash, address=_address(request))
        _runner(request).run(handlers.sign_out, command, caller=desk_itself(desk_id))


@router.get("/.well-known/jwks.json", tags=["signing keys"], response_model=KeysOut)
def jwks(request: Request) -> KeysOut:
    """The public keys a valid token may be signed with: the present one, the next, and those not yet run out."""
    _key(request)
    return KeysOut(keys=_ask(request, lambda session: queries.published_keys(session, _now(request))))


@router.post("/signing-keys", tags=["signing keys"], status_code=201, response_model=KeyOut)
def rotate_signing_keys(request: Request, door: AdminEntrance) -> Response:
    """Add a new signing key. Tokens already issued stay valid until they run out."""
    return door.do(signing_keys.add_signing_key, _new_key(request), present=lambda kid: KeyOut(kid=kid), status=201)


def _tokens(request: Request, response: Response, who: handlers.SignedIn, refresh: str) -> TokensOut:
    settings, now, key = _settings(request), _now(request), _key(request)
    lasts = timedelta(minutes=settings.access_token_minutes)
    claims = {
        "iss": settings.token_issuer,
        "aud": settings.token_audience,
        "sub": str(who.account_id),
        settings.role_claim: who.role,
        settings.desk_claim: str(who.desk_id),
        settings.person_claim: str(who.person_id) if who.person_id else None,
        "name": who.name,
        "iat": int(now.timestamp()),
        "exp": int((now + lasts).timestamp()),
        "jti": new_refresh_token(),
    }
    response.headers["Cache-Control"] = "no-store"
    return TokensOut(
        access_token=_seal(request).sign(claims, kid=key.kid, sealed_key=key.sealed_key),
        expires_in=int(lasts.total_seconds()),
        refresh_token=refresh,
        role=Role(who.role),
        desk_id=who.desk_id,
        person_id=who.person_id,
        name=who.name,
    )


def _key(request: Request) -> Any:
    """The key that signs now; made on first need."""
    found = _ask(request, lambda session: queries.signing_key(session, _now(request)))
    if found is None:
        first = _new_key(request, only_first=True)
        _runner(request).run(signing_keys.add_signing_key, first, caller=desk_itself(None))
        found = _ask(request, lambda session: queries.signing_key(session, _now(request)))
    return found


def _new_key(request: Request, *, only_first: bool = False) -> commands.AddSigningKey:
    settings, made = _settings(request), _seal(request).make_key()
    return commands.AddSigningKey(
        kid=made.kid,
        sealed_key=made.sealed_key,
        public_jwk=made.public_jwk,
        lead=timedelta(seconds=settings.key_lead_seconds),
        tokens_last=timedelta(minutes=settings.access_token_minutes),
        only_first=only_first,
    )


def _plausible(email: str) -> str:
    # What is no address is looked up like one that nobody has: the answer is the same.
    try:
        return normal_email(email)
    except Invalid:
        return email.strip().lower()


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _ask(request: Request, query: Callable[[Session], T]) -> T:
    with reading(_runner(request).sessions) as session:
        return query(session)


def _runner(request: Request) -> Runner:
    return cast("Runner", request.app.state.runner)


def _settings(request: Request) -> IdentitySettings:
    return cast("IdentitySettings", request.app.state.running.settings)


def _seal(request: Request) -> Seal:
    return cast("Seal", request.app.state.seal)


def _now(request: Request) -> datetime:
    clock: Clock = request.app.state.running.clock
    return clock.now()
