"""The identity service with a desk in Brighton, and people to sign in."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import jwt
import pytest
from fastapi.testclient import TestClient
from httpx import Response
from jwt import PyJWK, PyJWKSet

from services.identity.adapters.passwords import Passwords
from services.identity.commands import RegisterAccount, RegisterDesk
from services.identity.domain.account import Account
from services.identity.handlers.accounts import register_account
from services.identity.handlers.desks import register_desk
from services.identity.service import SERVICE
from shared.auth.roles import Role
from shared.auth.tokens import BadToken
from tests.support.postgres import Server
from tests.support.service import Trial, trial

PASSWORD = "four plain words here"
_HASH = Passwords(10).hash(PASSWORD)

# Between two things people do; what happens at one instant has no order.
_A_MOMENT = timedelta(milliseconds=1)

Register = Callable[..., Account]


class PublishedKeys:
    """The keys a service would find at the JWKS address."""

    def __init__(self, http: TestClient) -> None:
        self._http = http

    def find(self, kid: str) -> PyJWK:
        found = {key.key_id: key for key in PyJWKSet.from_dict(self._http.get("/.well-known/jwks.json").json()).keys}
        if kid not in found:
            raise BadToken("unknown key")
        return found[kid]


def found_desk(t: Trial) -> None:
    t.run(
        register_desk,
        RegisterDesk(name="Brighton", country="en", currency="GBP", languages=("en",), zone="Europe/London"),
    )


@pytest.fixture
def t(postgres_cluster: Server) -> Iterator[Trial]:
    with trial(postgres_cluster, SERVICE) as running:
        found_desk(running)
        yield running


@pytest.fixture
def register(t: Trial) -> Register:
    def register(
        email: str = "ann@example.org", role: Role = Role.DISPATCHER, person_id: UUID | None = None
    ) -> Account:
        command = RegisterAccount(email=email, name="Ann Lee", password_hash=_HASH, role=role, person_id=person_id)
        account: Account = t.run(register_account, command)
        return account

    return register


def sign_in(t: Trial, email: str = "ann@example.org", password: str = PASSWORD) -> Response:
    t.clock.advance(_A_MOMENT)
    answer: Response = t.http.post("/sign-in", json={"email": email, "password": password})
    return answer


def renew(t: Trial, refresh_token: str) -> Response:
    t.clock.advance(_A_MOMENT)
    answer: Response = t.http.post("/token", json={"refresh_token": refresh_token})
    return answer


def kid_of(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])
