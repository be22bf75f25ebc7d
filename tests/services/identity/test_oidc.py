"""Another issuer stands in for our sign-in: a service configured for it takes its tokens, one that isn't refuses them."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from fastapi.testclient import TestClient
from jwt.algorithms import RSAAlgorithm

from services.identity.service import SERVICE
from tests.services.identity.conftest import found_desk
from tests.support.postgres import Server
from tests.support.service import Trial, trial

ISSUER = "https://login.example.org/realms/care"
CONFIGURED: dict[str, Any] = {
    "token_issuer": ISSUER,
    "token_audience": "vesper-api",
    "role_claim": "vesper_role",
    "desk_claim": "https://example.org/desk",
    "person_claim": "vesper_person",
}


class Issuer:
    """An OIDC provider: an RSA key, and the address where it publishes its public half."""

    def __init__(self) -> None:
        self.key: RSAPrivateKey = generate_private_key(65537, 2048)
        jwk = {**RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True), "kid": "rsa-1", "alg": "RS256", "use": "sig"}
        body = json.dumps({"keys": [jwk]}).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/keys"

    def token(self, desk_id: UUID, *, subject: str = "auth0|5f7c8ec7c33c6c004bbafe82", **changes: Any) -> str:
        now = datetime.now(UTC)
        claims = {
            "iss": ISSUER,
            "aud": ["vesper-api", "another"],
            "sub": subject,
            "iat": now,
            "exp": now + timedelta(minutes=5),
            "vesper_role": "clerk",
            "https://example.org/desk": str(desk_id),
            "name": "Cy Low",
            **changes,
        }
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "rsa-1"})


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    provider = Issuer()
    threading.Thread(target=provider.server.serve_forever, daemon=True).start()
    yield provider
    provider.server.shutdown()
    provider.server.server_close()


@pytest.fixture
def configured(postgres_cluster: Server, issuer: Issuer) -> Iterator[Trial]:
    with trial(postgres_cluster, SERVICE, jwks_url=issuer.url, **CONFIGURED) as t:
        found_desk(t)
        yield t


def me(t: Trial, token: str) -> Any:
    with TestClient(t.running.app({}), raise_server_exceptions=False) as http:
        return http.get("/me", headers={"Authorization": f"Bearer {token}"})


def test_a_service_configured_for_another_issuer_takes_its_tokens(configured: Trial, issuer: Issuer) -> None:
    answer = me(configured, issuer.token(configured.desk_id))
    assert answer.status_code == 200
    told = answer.json()
    assert (told["role"], told["desk_id"], told["name"], told["person_id"]) == (
        "clerk",
        str(configured.desk_id),
        "Cy Low",
        None,
    )
    again = me(configured, issuer.token(configured.desk_id)).json()
    other = me(configured, issuer.token(configured.desk_id, subject="auth0|other")).json()
    assert again["account_id"] == told["account_id"] != other["account_id"], "a subject that is no id becomes one"


def test_a_person_claim_of_another_name_says_whom_the_token_stands_for(configured: Trial, issuer: Issuer) -> None:
    family_id = uuid4()
    token = issuer.token(configured.desk_id, vesper_role="family", vesper_person=str(family_id), subject=str(uuid4()))
    assert me(configured, token).json()["person_id"] == str(family_id)


def test_a_service_that_is_not_configured_for_it_refuses(postgres_cluster: Server, issuer: Issuer) -> None:
    with trial(postgres_cluster, SERVICE, jwks_url=issuer.url) as t:
        assert me(t, issuer.token(t.desk_id)).status_code == 401
        assert me(t, issuer.token(t.desk_id, role="clerk", desk=str(t.desk_id))).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://login.example.com"},
        {"aud": "another"},
        {"exp": datetime(2026, 1, 1, tzinfo=UTC)},
        {"vesper_role": "emperor"},
        {"https://example.org/desk": None},
        {"vesper_person": 7},
    ],
)
def test_a_token_that_is_not_for_us_is_refused(configured: Trial, issuer: Issuer, changes: dict[str, Any]) -> None:
    assert me(configured, issuer.token(configured.desk_id, **changes)).status_code == 401


def test_the_issuers_key_does_not_make_our_own_tokens(configured: Trial) -> None:
    forged = Issuer()
    forged.server.server_close()
    assert me(configured, forged.token(configured.desk_id)).status_code == 401
    symmetric = jwt.encode({"sub": "x"}, "k" * 32, algorithm="HS256", headers={"kid": "rsa-1"})
    assert me(configured, symmetric).status_code == 401
