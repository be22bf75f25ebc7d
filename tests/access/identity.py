"""The identity service's routes and whom each lets in."""

from uuid import UUID, uuid4

from services.identity.commands import RegisterAccount, RegisterDesk
from services.identity.handlers.accounts import register_account
from services.identity.handlers.desks import register_desk
from shared.auth.roles import Role, desk_itself
from tests.access.rows import PUBLIC, Row, Things
from tests.services.identity.conftest import PASSWORD
from tests.services.identity.facts import carer, offer
from tests.support.service import Trial

_ANYONE = frozenset(Role)
_ADMIN = frozenset({Role.ADMIN})
_EMAIL = "ann@example.org"
_DESK = {"name": "Brighton", "country": "en", "currency": "GBP", "languages": ["en"], "zone": "Europe/London"}
_ACCOUNT = {"email": "bob@example.org", "name": "Bob", "password": PASSWORD, "role": "clerk"}

ACCESS = [
    Row("POST", "/sign-in", PUBLIC, body={"email": _EMAIL, "password": PASSWORD}, shows=("desk_id",)),
    Row("POST", "/token", PUBLIC, body={"refresh_token": "{refresh_token}"}, shows=("desk_id",)),
    Row("POST", "/sign-out", PUBLIC, body={"refresh_token": "{refresh_token}"}),
    Row("GET", "/.well-known/jwks.json", PUBLIC),
    Row("POST", "/signing-keys", _ADMIN),
    Row("GET", "/me", _ANYONE, shows=("desk_id",)),
    Row("GET", "/desk", _ANYONE, shows=("desk_id",)),
    Row("POST", "/desk/change", _ADMIN, body=_DESK),
    Row("POST", "/accounts", _ADMIN, body=_ACCOUNT),
    Row("GET", "/accounts", _ADMIN, shows=("account_id", "carer_id")),
    Row("POST", "/accounts/{account_id}/close", _ADMIN),
    Row("GET", "/sign-ins", _ADMIN, shows=("account_id",)),
    Row("GET", "/sent-messages", frozenset({Role.DISPATCHER, Role.ADMIN}), shows=("carer_id",)),
]


def things(trial: Trial, elsewhere: UUID) -> Things:
    """An account that has signed in, and a carer who was told of an offer."""
    for desk_id in (trial.desk_id, elsewhere):
        founding = RegisterDesk(
            name=f"Desk {desk_id}", country="en", currency="GBP", languages=("en",), zone="Europe/London"
        )
        trial.run(register_desk, founding, desk_itself(desk_id))
    carer_id = uuid4()
    trial.hear(carer(trial.desk_id, carer_id))
    trial.hear(offer(trial.desk_id, carer_id=carer_id))
    trial.run_timers()
    account = trial.run(
        register_account,
        RegisterAccount(
            email=_EMAIL,
            name="Ann Lee",
            password_hash=trial.http.app.state.passwords.hash(PASSWORD),  # type: ignore[attr-defined]
            role=Role.CARER,
            person_id=carer_id,
        ),
    )
    signed_in = trial.http.post("/sign-in", json={"email": _EMAIL, "password": PASSWORD})
    return Things(
        ids={
            "desk_id": str(trial.desk_id),
            "account_id": str(account.account_id),
            "carer_id": str(carer_id),
            "refresh_token": signed_in.json()["refresh_token"],
        },
        carer_id=carer_id,
    )
