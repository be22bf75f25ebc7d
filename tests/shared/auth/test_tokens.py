"""Tokens are believed only when our issuer signed them for us, and the issuer is asked no more than it must be."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from shared.auth import tokens
from shared.auth.roles import Role
from shared.auth.tokens import BadToken, FetchedKeys, TokenVerifier
from shared.http.errors import Unavailable

URL = "https://issuer.example/jwks.json"
DESK, ACCOUNT, PERSON = uuid4(), uuid4(), uuid4()


class Issuer:
    """Publishes keys, counts how often it is asked, and can be away."""

    def __init__(self) -> None:
        self.private = {"first": Ed25519PrivateKey.generate()}
        self.more: list[dict[str, Any]] = []
        self.asked = 0
        self.away = False
        self.answer: Any = None

    def get(self, url: str, timeout: float) -> httpx.Response:
        assert (url, timeout <= 3.0) == (URL, True)
        self.asked += 1
        if self.away:
            raise httpx.ConnectError("nobody there")
        keys = [self.jwk(kid) for kid in self.private] + self.more
        answer = {"keys": keys} if self.answer is None else self.answer
        return httpx.Response(200, json=answer, request=httpx.Request("GET", url))

    def jwk(self, kid: str) -> dict[str, Any]:
        return {**OKPAlgorithm.to_jwk(self.private[kid].public_key(), as_dict=True), "kid": kid, "alg": "EdDSA"}

    def sign(self, kid: str = "first", key: Any = None, algorithm: str = "EdDSA", **changes: Any) -> str:
        return jwt.encode(claims(**changes), key or self.private[kid], algorithm=algorithm, headers={"kid": kid})


def claims(**changes: Any) -> dict[str, Any]:
    made = {
        "sub": str(ACCOUNT),
        "iss": "vesper",
        "aud": "vesper",
        "exp": datetime.now(UTC) + timedelta(minutes=5),
        "role": "carer",
        "desk": str(DESK),
        "person": str(PERSON),
        "name": "Ana",
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


class SetMonotonic:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Issuer:
    made = Issuer()
    monkeypatch.setattr(httpx, "get", made.get)
    return made


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> SetMonotonic:
    made = SetMonotonic()
    monkeypatch.setattr(tokens, "time", made)
    return made


@pytest.fixture
def verifier(issuer: Issuer, passing: SetMonotonic) -> TokenVerifier:
    return TokenVerifier(
        FetchedKeys(URL),
        issuer="vesper",
        audience="vesper",
        role_claim="role",
        desk_claim="desk",
        person_claim="person",
    )


def test_a_good_token_says_who_calls(issuer: Issuer, verifier: TokenVerifier) -> None:
    caller = verifier.caller(issuer.sign())
    assert (caller.desk_id, caller.account_id, caller.person_id) == (DESK, ACCOUNT, PERSON)
    assert (caller.role, caller.name) == (Role.CARER, "Ana")


def test_another_issuers_subject_of_any_text_is_the_same_account_each_time(
    issuer: Issuer, verifier: TokenVerifier
) -> None:
    one, again = (verifier.caller(issuer.sign(sub="ana@example.org")) for _ in range(2))
    assert one.account_id == again.account_id
    assert isinstance(one.account_id, UUID)
    assert verifier.caller(issuer.sign(sub="bo@example.org")).account_id != one.account_id


def _unsigned(issuer: Issuer) -> str:
    return jwt.encode(claims(), "", algorithm="none", headers={"kid": "first"})


def _signed_with_secret(secret: bytes, kid: str, algorithm: str) -> str:
    """Whatever its header says, what proves it is an HMAC with this secret."""

    def part(value: Any) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(value, default=lambda at: int(at.timestamp())).encode()).rstrip(b"=")

    signed = part({"alg": algorithm, "typ": "JWT", "kid": kid}) + b"." + part(claims())
    proof = base64.urlsafe_b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).rstrip(b"=")
    return (signed + b"." + proof).decode()


def _by_public_key_as_secret(issuer: Issuer) -> str:
    """The classic: HMAC with the published key as the secret."""
    return _signed_with_secret(json.dumps(issuer.jwk("first")).encode(), "first", "HS256")


def _tampered(issuer: Issuer) -> str:
    head, body, proof = issuer.sign().split(".")
    changed = json.loads(base64.urlsafe_b64decode(body + "=="))
    changed["role"] = "admin"
    body = base64.urlsafe_b64encode(json.dumps(changed).encode()).decode().rstrip("=")
    return f"{head}.{body}.{proof}"


BAD: dict[str, Callable[[Issuer], str]] = {
    "wrong key": lambda issuer: issuer.sign(key=Ed25519PrivateKey.generate()),
    "expired": lambda issuer: issuer.sign(exp=datetime.now(UTC) - timedelta(seconds=30)),
    "never expires": lambda issuer: issuer.sign(exp=None),
    "other issuer": lambda issuer: issuer.sign(iss="somebody"),
    "no issuer": lambda issuer: issuer.sign(iss=None),
    "other audience": lambda issuer: issuer.sign(aud="another product"),
    "no audience": lambda issuer: issuer.sign(aud=None),
    "no subject": lambda issuer: issuer.sign(sub=None),
    "no desk": lambda issuer: issuer.sign(desk=None),
    "a desk that is no id": lambda issuer: issuer.sign(desk="Hove"),
    "an unknown role": lambda issuer: issuer.sign(role="emperor"),
    "a person that is a number": lambda issuer: issuer.sign(person=7),
    "symmetric": lambda issuer: issuer.sign(key="k" * 64, algorithm="HS256"),
    "signed with our public key as a secret": _by_public_key_as_secret,
    "unsigned": _unsigned,
    "changed on its way": _tampered,
    "no token at all": lambda issuer: "not.a.token",
    "not even three parts": lambda issuer: "é" * 20,
    "an unknown key": lambda issuer: jwt.encode(
        claims(), issuer.private["first"], algorithm="EdDSA", headers={"kid": "made-up"}
    ),
    "no key id": lambda issuer: jwt.encode(claims(), issuer.private["first"], algorithm="EdDSA"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_token_that_is_not_ours_is_refused(issuer: Issuer, verifier: TokenVerifier, bad: str) -> None:
    assert verifier.caller(issuer.sign()).role is Role.CARER
    with pytest.raises(BadToken):
        verifier.caller(BAD[bad](issuer))


def test_a_published_symmetric_key_signs_nothing(issuer: Issuer, verifier: TokenVerifier) -> None:
    secret = base64.urlsafe_b64encode(b"s" * 64).decode().rstrip("=")
    issuer.more = [{"kty": "oct", "k": secret, "kid": "shared", "alg": "HS256"}]
    for algorithm in ("HS256", "EdDSA"):
        with pytest.raises(BadToken):
            verifier.caller(_signed_with_secret(b"s" * 64, "shared", algorithm))


def test_another_provider_may_sign_with_its_own_kind_of_key(issuer: Issuer, verifier: TokenVerifier) -> None:
    curve, primes = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)
    issuer.more = [
        {**ECAlgorithm.to_jwk(curve.public_key(), as_dict=True), "kid": "curve", "alg": "ES256"},
        {**RSAAlgorithm.to_jwk(primes.public_key(), as_dict=True), "kid": "primes", "alg": "RS256"},
    ]
    assert verifier.caller(issuer.sign("curve", curve, "ES256")).role is Role.CARER
    assert verifier.caller(issuer.sign("primes", primes, "RS256")).role is Role.CARER
    with pytest.raises(BadToken):
        verifier.caller(issuer.sign("curve", primes, "RS256"))


def test_the_keys_are_fetched_once(issuer: Issuer, verifier: TokenVerifier) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: verifier.caller(issuer.sign()), range(100)))
    assert issuer.asked == 1


def test_a_new_key_is_fetched_and_the_old_one_holds_as_long_as_it_is_published(
    issuer: Issuer, verifier: TokenVerifier, passing: SetMonotonic
) -> None:
    verifier.caller(issuer.sign())
    issuer.private["second"] = Ed25519PrivateKey.generate()
    passing.now += 6
    assert verifier.caller(issuer.sign("second")).role is Role.CARER
    assert verifier.caller(issuer.sign("first")).role is Role.CARER
    assert issuer.asked == 2
    withdrawn = issuer.sign("first")
    del issuer.private["first"]
    issuer.private["third"] = Ed25519PrivateKey.generate()
    passing.now += 6
    verifier.caller(issuer.sign("third"))
    with pytest.raises(BadToken):
        verifier.caller(withdrawn)


def test_made_up_key_ids_do_not_hammer_the_issuer(
    issuer: Issuer, verifier: TokenVerifier, passing: SetMonotonic
) -> None:
    verifier.caller(issuer.sign())
    for number in range(200):
        token = jwt.encode(claims(), issuer.private["first"], algorithm="EdDSA", headers={"kid": f"k{number}"})
        with pytest.raises(BadToken):
            verifier.caller(token)
        passing.now += 0.05
    assert issuer.asked <= 3, "ten seconds of it"


def test_while_the_issuer_is_away_known_keys_are_kept(
    issuer: Issuer, verifier: TokenVerifier, passing: SetMonotonic
) -> None:
    verifier.caller(issuer.sign())
    issuer.away = True
    passing.now += 3600
    assert verifier.caller(issuer.sign()).role is Role.CARER


def test_while_the_issuer_is_away_it_is_asked_once_a_second_not_by_everyone(
    issuer: Issuer, verifier: TokenVerifier, passing: SetMonotonic
) -> None:
    """Each caller with an unknown key used to wait for its own three seconds of silence, one after another."""
    issuer.away = True
    for _ in range(50):
        with pytest.raises(Unavailable, match="Try again"):
            verifier.caller(issuer.sign())
    assert issuer.asked == 1
    issuer.away = False
    passing.now += 1.1
    assert verifier.caller(issuer.sign()).role is Role.CARER


@pytest.mark.parametrize("answer", [[], "keys", {"keys": "none"}, {"nothing": 1}, {"keys": [{"kty": "??"}]}])
def test_an_issuer_that_answers_nonsense_is_as_good_as_away(
    issuer: Issuer, verifier: TokenVerifier, answer: Any
) -> None:
    issuer.answer = answer
    with pytest.raises(Unavailable):
        verifier.caller(issuer.sign())
