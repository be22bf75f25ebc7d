"""Who is signed in: the tokens of one person, kept encrypted in a cookie of their own browser and nowhere else."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections import OrderedDict
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken

from services.web.clients import Problem, Services
from services.web.issuer import Issuer, Leaving
from shared.auth.roles import Role
from shared.clock import Clock

COOKIE = "vesper"
COOKIE_SECONDS = 30 * 24 * 3600
# An access token is renewed this long before it ends, so that none ends between our check and the service's.
RENEW_BEFORE_SECONDS = 60.0
# A page, its live stream and its fragments ask at once with the same cookie: all get the answer of the one renewal.
_REMEMBERED_RENEWALS = 1_000
LEAVING_SECONDS = 600
# How long a token is used whose issuer doesn't say how long it lasts.
_UNSAID_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One person's sign-in. `csrf` is what their own forms carry and nobody else's can."""

    access_token: str
    refresh_token: str
    expires_at: float
    role: Role
    desk_id: UUID | None
    person_id: UUID | None
    name: str
    csrf: str
    language: str
    zone: str
    currency: str
    desk_name: str


class Sessions:
    """Seals sessions into cookies, opens them, and renews their tokens, one renewal at a time."""

    def __init__(self, secret: str, services: Services, clock: Clock, issuer: Issuer | None) -> None:
        """`issuer` signs people in instead of our own identity service."""
        self._box = Fernet(base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()))
        self._services = services
        self._clock = clock
        self._issuer = issuer
        self._renewed: OrderedDict[str, Session | Problem] = OrderedDict()
        self._lock = threading.Lock()
        self._in_progress: dict[str, threading.Lock] = {}

    def seal(self, session: Session) -> str:
        """The cookie's value."""
        return self._box.encrypt(json.dumps(asdict(session), default=str).encode()).decode()

    def open(self, cookie: str) -> Session | None:
        """The session in the cookie, or None if it is not one of ours."""
        try:
            kept: dict[str, Any] = json.loads(self._box.decrypt(cookie.encode(), ttl=COOKIE_SECONDS))
            desk, person = kept.pop("desk_id"), kept.pop("person_id")
            role = Role(kept.pop("role"))
            return Session(
                **kept, role=role, desk_id=UUID(desk) if desk else None, person_id=UUID(person) if person else None
            )
        except (InvalidToken, ValueError, TypeError, KeyError):
            return None

    def begin(self, email: str, password: str, language: str | None, address: str) -> Session:
        """Sign in from this network address. Raises Problem when identity refuses."""
        api = self._services.as_nobody(address)
        told = api.post("identity", "/sign-in", {"email": email, "password": password})
        session = Session(
            **self._tokens(told),
            role=Role(told["role"]),
            desk_id=UUID(told["desk_id"]) if told.get("desk_id") else None,
            person_id=UUID(told["person_id"]) if told.get("person_id") else None,
            name=told["name"],
            csrf=secrets.token_urlsafe(24),
            language=language or "",
            zone="UTC",
            currency="EUR",
            desk_name="",
        )
        return self._with_desk(session)

    def leave(self, return_to: str) -> tuple[str, str]:
        """The address of the other issuer's page, and the cookie that makes sure the same browser comes back."""
        assert self._issuer is not None
        address, leaving = self._issuer.leave(return_to)
        return address, self._box.encrypt(json.dumps(asdict(leaving)).encode()).decode()

    def come_back(self, cookie: str, state: str, code: str, language: str | None) -> tuple[Session, str]:
        """The session of whoever comes back from the issuer with this code, and where they wanted to go.

        Raises Problem when another browser left, it left too long ago, or the issuer or the services refuse.
        """
        assert self._issuer is not None
        leaving = self._left(cookie)
        if leaving is None or not hmac.compare_digest(leaving.state, state):
            raise Problem(401, "The sign-in was begun in another window, or too long ago.", code="sign-in-refused")
        tokens = self._tokens(self._issuer.come_back(leaving, code))
        caller = self._issuer.who(tokens["access_token"])
        assert caller.role is not None
        session = Session(
            **tokens,
            role=caller.role,
            desk_id=caller.desk_id,
            person_id=caller.person_id,
            name=caller.name,
            csrf=secrets.token_urlsafe(24),
            language=language or "",
            zone="UTC",
            currency="EUR",
            desk_name="",
        )
        return self._with_desk(session), leaving.return_to

    def _left(self, cookie: str) -> Leaving | None:
        try:
            return Leaving(**json.loads(self._box.decrypt(cookie.encode(), ttl=LEAVING_SECONDS)))
        except (InvalidToken, ValueError, TypeError):
            return None

    def fresh(self, session: Session) -> Session:
        """The session with an access token that is good for a while. Raises Problem when identity won't renew it.

        While the old token still is good, a refusal is no reason to stop: another process of ours may have renewed it
        at the same moment, and its answer is on the way to the browser.
        """
        left = session.expires_at - self._clock.now().timestamp()
        if left > RENEW_BEFORE_SECONDS:
            return session
        with self._lock:
            turn = self._in_progress.setdefault(session.refresh_token, threading.Lock())
        with turn:
            renewed = self._renewed.get(session.refresh_token)
            if renewed is None:
                renewed = self._renew(session)
            with self._lock:
                self._in_progress.pop(session.refresh_token, None)
        if isinstance(renewed, Problem):
            if left > 0:
                return session
            raise renewed
        return renewed

    def end(self, session: Session, back_to: str) -> str:
        """Sign out: the refresh token is good for nothing from now on. Gives the address to go to."""
        if self._issuer is not None:
            return self._issuer.sign_out_address(back_to) or back_to
        self._services.as_person(session.access_token).post(
            "identity", "/sign-out", {"refresh_token": session.refresh_token}
        )
        return back_to

    def _renew(self, session: Session) -> Session | Problem:
        try:
            told = self._ask_to_renew(session.refresh_token)
        except Problem as problem:
            if problem.status >= 500:
                return problem
            self._remember(session.refresh_token, problem)
            return problem
        renewed = replace(session, **self._tokens(told, session.refresh_token))
        self._remember(session.refresh_token, renewed)
        return renewed

    def _ask_to_renew(self, refresh_token: str) -> dict[str, Any]:
        if self._issuer is not None:
            return self._issuer.renew(refresh_token)
        told: dict[str, Any] = self._services.as_nobody().post("identity", "/token", {"refresh_token": refresh_token})
        return told

    def _remember(self, refresh_token: str, outcome: Session | Problem) -> None:
        with self._lock:
            self._renewed[refresh_token] = outcome
            while len(self._renewed) > _REMEMBERED_RENEWALS:
                self._renewed.popitem(last=False)

    def _tokens(self, told: dict[str, Any], refresh_token: str = "") -> dict[str, Any]:
        return {
            "access_token": told["access_token"],
            "refresh_token": told.get("refresh_token") or refresh_token,
            "expires_at": self._clock.now().timestamp() + float(told.get("expires_in", _UNSAID_SECONDS)),
        }

    def _with_desk(self, session: Session) -> Session:
        if session.desk_id is None:
            return session
        api = self._services.as_person(session.access_token)
        desk = api.get("identity", "/desk")
        me = api.get("identity", "/me")
        language = session.language or me.get("language") or next(iter(desk.get("languages") or ()), "en")
        return replace(session, language=language, zone=desk["zone"], currency=desk["currency"], desk_name=desk["name"])
