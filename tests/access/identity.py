"""The identity service's routes and whom each lets in."""

from shared.auth.roles import Role
from tests.access.rows import PUBLIC, Row

_ANYONE = frozenset(Role)
_ADMIN = frozenset({Role.ADMIN})

ACCESS = [
    Row("POST", "/sign-in", PUBLIC),
    Row("POST", "/token", PUBLIC),
    Row("POST", "/sign-out", PUBLIC),
    Row("GET", "/.well-known/jwks.json", PUBLIC),
    Row("POST", "/signing-keys", _ADMIN),
    Row("GET", "/me", _ANYONE),
    Row("GET", "/desk", _ANYONE),
    Row("POST", "/desk/change", _ADMIN),
    Row("POST", "/accounts", _ADMIN),
    Row("GET", "/accounts", _ADMIN),
    Row("POST", "/accounts/{account_id}/close", _ADMIN),
    Row("GET", "/sign-ins", _ADMIN),
    Row("GET", "/sent-messages", frozenset({Role.DISPATCHER, Role.ADMIN})),
]
