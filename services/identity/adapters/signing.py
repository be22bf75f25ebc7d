"""Key material and tokens. All of it is random on purpose: the one exception to ids that follow from their cause.

A secret that could be derived from a message would be none; nothing here decides what happens to anyone.
"""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jwt.algorithms import OKPAlgorithm

from shared.http.errors import Unavailable

ALGORITHM = "EdDSA"


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKey:
    """A new signing key: its public half as published, its private half sealed for the table."""

    kid: str
    sealed_key: bytes = field(repr=False)
    public_jwk: dict[str, Any]


class Seal:
    """What is derived from VESPER_KEY_SECRET: the seal of private keys, and the keyed hash of what is only compared."""

    def __init__(self, secret: str) -> None:
        """Raises ValueError for an empty secret."""
        if not secret:
            raise ValueError("VESPER_KEY_SECRET is empty: signing keys can't be sealed.")
        self._fernet = Fernet(base64.urlsafe_b64encode(_derive(secret, b"vesper signing keys")))
        self._hash_key = _derive(secret, b"vesper fingerprints")

    def make_key(self) -> MadeKey:
        """A fresh Ed25519 key; its id is the thumbprint of its public half (RFC 7638)."""
        private = Ed25519PrivateKey.generate()
        public: dict[str, Any] = OKPAlgorithm.to_jwk(private.public_key(), as_dict=True)
        members = {name: public[name] for name in ("crv", "kty", "x")}
        canonical = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
        kid = base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()
        raw = private.private_bytes(
            serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
        )
        return MadeKey(
            kid=kid,
            sealed_key=self._fernet.encrypt(raw),
            public_jwk={**members, "kid": kid, "alg": ALGORITHM, "use": "sig"},
        )

    def sign(self, claims: dict[str, Any], *, kid: str, sealed_key: bytes) -> str:
        """A token signed with a sealed key. Raises Unavailable when the key was sealed under another secret."""
        try:
            raw = self._fernet.decrypt(sealed_key)
        except InvalidToken as error:
            raise Unavailable(
                "Sign-in is out of order: the signing key was sealed under another VESPER_KEY_SECRET."
            ) from error
        return jwt.encode(claims, Ed25519PrivateKey.from_private_bytes(raw), ALGORITHM, headers={"kid": kid})

    def fingerprint(self, text: str) -> str:
        """The same for the same text; without the secret nobody can try what text it was."""
        return hmac.new(self._hash_key, text.encode(), hashlib.sha256).hexdigest()


def new_refresh_token() -> str:
    """An opaque token of 256 random bits."""
    return secrets.token_urlsafe(32)


def refresh_hash(token: str) -> bytes:
    """What is stored of a refresh token; with 256 random bits there is nothing to guess."""
    return hashlib.sha256(token.encode()).digest()


def _derive(secret: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
