"""Signing in, staying signed in, signing out; who tried is written down."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import select, text

from services.identity.adapters.passwords import Passwords
from services.identity.commands import CloseAccount
from services.identity.handlers.accounts import close_account
from services.identity.service import SERVICE
from services.identity.tables import accounts, refresh_tokens, sign_in_limits
from shared.auth.roles import Role
from shared.auth.tokens import BadToken, TokenVerifier
from tests.services.identity.conftest import PASSWORD, PublishedKeys, Register, found_desk, kid_of, renew, sign_in
from tests.support.postgres import Server
from tests.support.service import Trial, trial


@pytest.fixture(autouse=True)
def _clock_of_the_day(t: Trial) -> None:
    # Tokens are verified against the real time, and one from the future is refused.
    t.clock.move_to(datetime.now(UTC) - timedelta(minutes=1))


def verifier(t: Trial) -> TokenVerifier:
    return TokenVerifier(
        PublishedKeys(t.http),
        issuer="vesper",
        audience="vesper",
        role_claim="role",
        desk_claim="desk",
        person_claim="person",
    )


def audit(t: Trial) -> list[str]:
    """The outcomes the desk's admin reads, oldest first."""
    answer = t.http.get("/sign-ins", headers=t.headers(t.caller(Role.ADMIN))).json()
    return [row["outcome"] for row in reversed(answer["rows"])]


def rows(t: Trial, statement: Any) -> list[Any]:
    with t.running.sessions() as session:
        session.execute(text("SELECT set_config('app.desk_id', :desk, true)"), {"desk": str(t.desk_id)})
        return list(session.execute(statement).all())


def test_a_carer_signs_in_and_any_service_knows_who_calls(t: Trial, register: Register) -> None:
    carer_id = uuid4()
    account = register(role=Role.CARER, person_id=carer_id)
    answer = sign_in(t, email=" Ann@Example.org ")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    told = answer.json()
    assert (told["role"], told["desk_id"], told["person_id"], told["name"]) == (
        "carer",
        str(t.desk_id),
        str(carer_id),
        "Ann Lee",
    )
    caller = verifier(t).caller(told["access_token"])
    assert (caller.account_id, caller.role, caller.desk_id, caller.person_id, caller.name) == (
        account.account_id,
        Role.CARER,
        t.desk_id,
        carer_id,
        "Ann Lee",
    )
    assert told["expires_in"] == 600
    assert audit(t) == ["signed_in"]


def test_a_wrong_password_and_an_unknown_email_get_the_same_answer(t: Trial, register: Register) -> None:
    register()
    wrong = sign_in(t, password="not the password")
    unknown = sign_in(t, email="nobody@example.org")
    nonsense = sign_in(t, email="no address at all")
    assert wrong.status_code == 401
    assert wrong.json() == unknown.json() == nonsense.json()
    assert wrong.headers["WWW-Authenticate"] == "Bearer"
    assert audit(t) == ["refused"]


def test_an_unknown_email_costs_as_much_hashing_as_a_known_one(
    t: Trial, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    register()
    passwords: Passwords = t.http.app.state.passwords  # type: ignore[attr-defined]
    verified: list[str] = []
    real = passwords._argon2id.verify

    def counting(password: str, stored: str) -> bool:
        verified.append(stored)
        return real(password, stored)

    monkeypatch.setattr(passwords._argon2id, "verify", counting)
    sign_in(t, password="not the password")
    sign_in(t, email="nobody@example.org")
    parameters = [stored.split("$")[1:4] for stored in verified]
    assert len(verified) == 2
    assert parameters[0] == parameters[1]


def test_passwords_and_tokens_are_nowhere_in_the_database_and_not_in_the_log(
    t: Trial, register: Register, capfd: pytest.CaptureFixture[str]
) -> None:
    register()
    told = sign_in(t).json()
    sign_in(t, password="not the password")
    secrets = [PASSWORD, "not the password", told["access_token"], told["refresh_token"], told["access_token"][-40:]]
    with t.running.engine.connect() as connection, connection.begin():
        connection.execute(text("SELECT set_config('app.desk_id', :desk, true)"), {"desk": str(t.desk_id)})
        names = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        stored = "".join(
            str(
                connection.execute(
                    text(f"SELECT coalesce(string_agg(x::text, chr(10)), '') FROM \"{name}\" x")
                ).scalar_one()
            )
            for name in names
            if name != "alembic_version"
        )
    assert "ann@example.org" in stored
    logged = "".join(capfd.readouterr())
    assert not [secret for secret in secrets if secret in stored or secret in logged]
    (row,) = rows(t, select(accounts))
    assert row.password_hash.startswith("$argon2id$")


def test_a_refresh_token_is_good_for_one_exchange(t: Trial, register: Register) -> None:
    register()
    first = sign_in(t).json()
    second = renew(t, first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert verifier(t).caller(second["access_token"]).name == "Ann Lee"
    assert renew(t, second["refresh_token"]).status_code == 200


def test_a_refresh_token_that_comes_back_soon_is_refused_and_the_session_goes_on(t: Trial, register: Register) -> None:
    register()
    first = sign_in(t).json()
    second = renew(t, first["refresh_token"]).json()
    t.clock.advance(timedelta(seconds=9))
    assert renew(t, first["refresh_token"]).status_code == 401
    assert renew(t, second["refresh_token"]).status_code == 200
    assert audit(t) == ["signed_in", "reused"]


def test_a_refresh_token_that_comes_back_late_ends_the_session_for_both(t: Trial, register: Register) -> None:
    register()
    first = sign_in(t).json()
    second = renew(t, first["refresh_token"]).json()
    other = sign_in(t).json()
    t.clock.advance(timedelta(seconds=11))
    assert renew(t, first["refresh_token"]).status_code == 401
    assert renew(t, second["refresh_token"]).status_code == 401
    assert renew(t, other["refresh_token"]).status_code == 200, "another session of the same account goes on"


def test_a_refresh_token_runs_out(t: Trial, register: Register) -> None:
    register()
    first = sign_in(t).json()
    t.clock.advance(timedelta(days=30))
    assert renew(t, first["refresh_token"]).status_code == 401
    t.clock.advance(timedelta(seconds=1))
    sign_in(t)
    assert len(rows(t, select(refresh_tokens))) == 1, "what ran out is forgotten"


@pytest.mark.parametrize("token", ["made up", "x" * 43])
def test_a_made_up_refresh_token_is_refused(t: Trial, token: str) -> None:
    assert renew(t, token).status_code == 401
    assert t.http.post("/sign-out", json={"refresh_token": token}).status_code == 204


def test_signing_out_ends_the_session(t: Trial, register: Register) -> None:
    register()
    first = sign_in(t).json()
    t.clock.advance(timedelta(seconds=1))
    assert t.http.post("/sign-out", json={"refresh_token": first["refresh_token"]}).status_code == 204
    assert renew(t, first["refresh_token"]).status_code == 401
    assert audit(t) == ["signed_in", "signed_out", "refused"]


def test_a_closed_account_neither_signs_in_nor_stays_signed_in(t: Trial, register: Register) -> None:
    account = register()
    first = sign_in(t).json()
    t.run(close_account, CloseAccount(account_id=account.account_id))
    assert renew(t, first["refresh_token"]).status_code == 401
    assert sign_in(t).json() == sign_in(t, email="nobody@example.org").json()


def test_too_many_tries_for_one_email_are_refused_until_the_window_ends(t: Trial, register: Register) -> None:
    register()
    for _ in range(10):
        assert sign_in(t, password="not the password").status_code == 401
    t.clock.advance(timedelta(minutes=5))
    blocked = sign_in(t)
    assert blocked.status_code == 429
    assert blocked.headers["Retry-After"] == "600"
    assert blocked.json()["detail"] == "Too many tries to sign in. Wait 10 minutes, then try again."
    assert sign_in(t, email="nobody@example.org").status_code == 401, "others sign in meanwhile"
    t.clock.advance(timedelta(minutes=10))
    assert sign_in(t).status_code == 200
    assert audit(t) == ["refused"] * 10 + ["limited", "signed_in"]


def test_an_unknown_email_is_limited_like_a_known_one(t: Trial, register: Register) -> None:
    register()
    known = [sign_in(t, password="not the password") for _ in range(11)]
    unknown = [sign_in(t, email="nobody@example.org") for _ in range(11)]
    assert [(a.status_code, a.json()) for a in known] == [(a.status_code, a.json()) for a in unknown]


def test_signing_in_forgets_the_tries_before(t: Trial, register: Register) -> None:
    register()
    for _ in range(3):
        for _ in range(9):
            sign_in(t, password="not the password")
        assert sign_in(t).status_code == 200


def test_too_many_tries_from_one_address_are_refused_whatever_the_email(postgres_cluster: Server) -> None:
    with trial(postgres_cluster, SERVICE, sign_in_tries_per_address=3) as t:
        found_desk(t)
        answers = [sign_in(t, email=f"guess{n}@example.org").status_code for n in range(4)]
        assert answers == [401, 401, 401, 429]
        t.clock.advance(timedelta(minutes=15))
        assert sign_in(t, email="guess9@example.org").status_code == 401
        with t.running.sessions() as session:
            assert len(session.execute(select(sign_in_limits)).all()) == 2, "windows that ended are swept up"


def test_the_audit_can_not_be_changed_and_is_its_desks_own(t: Trial, register: Register) -> None:
    register()
    sign_in(t)
    other = t.caller(Role.ADMIN, desk_id=uuid4())
    assert t.http.get("/sign-ins", headers=t.headers(other)).json()["rows"] == []
    url = str(t.running.engine.url.set(drivername="postgresql").render_as_string(hide_password=False))
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('app.desk_id', %s, false)", [str(t.desk_id)])
        assert connection.execute("DELETE FROM sign_ins").rowcount == 0
        assert connection.execute("UPDATE sign_ins SET outcome = 'x'").rowcount == 0
    assert audit(t) == ["signed_in"]


def test_the_looks_across_desks_show_ids_only(t: Trial, register: Register) -> None:
    account = register()
    with t.running.sessions() as session:
        assert session.execute(select(accounts)).all() == [], "bound to no desk, no row is seen"
        found = session.execute(text("SELECT * FROM account_for_sign_in('ann@example.org')")).one()
        assert found._asdict().keys() == {"account_id", "desk_id", "password_hash"}
        assert (found.account_id, found.desk_id) == (account.account_id, t.desk_id)
        grants = session.execute(
            text(
                "SELECT p.proname, p.prosecdef, pg_get_userbyid(p.proowner), has_function_privilege('public', p.oid, 'EXECUTE') "
                "FROM pg_proc p WHERE p.proname IN ('account_for_sign_in', 'desk_of_refresh_token', 'messages_to_send') "
                "ORDER BY p.proname"
            )
        ).all()
    assert [tuple(row) for row in grants] == [
        (name, True, "identity_owner", False)
        for name in ("account_for_sign_in", "desk_of_refresh_token", "messages_to_send")
    ]


def test_sign_in_routes_store_no_answer_under_an_idempotency_key(t: Trial, register: Register) -> None:
    register()
    body = {"email": "ann@example.org", "password": PASSWORD}
    one = t.http.post("/sign-in", json=body, headers={"Idempotency-Key": "k"}).json()
    two = t.http.post("/sign-in", json=body, headers={"Idempotency-Key": "k"}).json()
    assert one["refresh_token"] != two["refresh_token"]
    assert rows(t, text("SELECT * FROM idempotency_keys")) == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"email": "a@b.c", "password": "x", "remember": True}, "#/remember"),
        ({"email": "a@b.c"}, "#/password"),
        ({"email": "a@b.c", "password": "x" * 201}, "#/password"),
        ({"email": "a\u0000@b.c", "password": "x"}, "#"),
    ],
)
def test_a_sign_in_that_can_not_be_right_names_the_field(t: Trial, body: dict[str, Any], pointer: str) -> None:
    answer = t.http.post("/sign-in", json=body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert "x" * 201 not in answer.text


def test_a_rotated_key_signs_new_tokens_and_the_old_ones_hold_until_they_expire(t: Trial, register: Register) -> None:
    register()
    old = sign_in(t).json()["access_token"]
    admin = t.headers(t.caller(Role.ADMIN), key="rotate")
    rotated = t.http.post("/signing-keys", headers=admin)
    assert rotated.status_code == 201
    assert t.http.post("/signing-keys", headers=admin).json() == rotated.json(), "one key for one Idempotency-Key"
    new_kid = rotated.json()["kid"]
    assert kid_of(sign_in(t).json()["access_token"]) == kid_of(old) != new_kid, "published before it signs"
    t.clock.advance(timedelta(seconds=15))
    new = sign_in(t).json()["access_token"]
    assert kid_of(new) == new_kid
    assert verifier(t).caller(old).name == verifier(t).caller(new).name == "Ann Lee"
    t.clock.advance(timedelta(minutes=11))
    published = [key["kid"] for key in t.http.get("/.well-known/jwks.json").json()["keys"]]
    assert published == [new_kid], "the old key is withdrawn once its last token has expired"
    with pytest.raises(BadToken):
        verifier(t).caller(old)


def test_published_keys_hold_nothing_private_and_private_ones_are_sealed(t: Trial) -> None:
    (key,) = t.http.get("/.well-known/jwks.json").json()["keys"]
    assert key.keys() == {"kty", "crv", "x", "kid", "alg", "use"}
    (row,) = rows(t, text("SELECT sealed_key FROM signing_keys"))
    assert row.sealed_key.startswith(b"gAAAA"), "Fernet"


def test_a_key_sealed_under_another_secret_says_so(t: Trial, register: Register) -> None:
    from services.identity.adapters.signing import Seal

    register()
    sign_in(t)
    t.http.app.state.seal = Seal("another secret, of forty characters or so")  # type: ignore[attr-defined]
    answer = sign_in(t)
    assert answer.status_code == 503
    assert "VESPER_KEY_SECRET" in answer.json()["detail"]


def test_the_service_does_not_start_without_its_secret(postgres_cluster: Server) -> None:
    with pytest.raises(ValueError, match="VESPER_KEY_SECRET"), trial(postgres_cluster, SERVICE, key_secret=""):
        pass
