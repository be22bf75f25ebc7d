"""Desks and accounts over HTTP."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from services.identity.commands import CloseAccount, RegisterDesk
from services.identity.handlers.accounts import close_account
from services.identity.handlers.desks import register_desk
from services.identity.tables import accounts
from shared.auth.roles import Role, desk_itself
from shared.contracts.identity import AccountClosed, AccountRegistered, DeskChanged, DeskFacts, DeskRegistered
from shared.domain.errors import Conflict, Invalid
from tests.services.identity.conftest import PASSWORD, Register, sign_in
from tests.support.service import Trial

BRIGHTON = DeskFacts(name="Brighton", country="en", currency="GBP", languages=("en",), zone="Europe/London")
DESK_BODY = {
    "name": "Gent",
    "country": "be_vl",
    "currency": "EUR",
    "languages": ["nl", "fr"],
    "zone": "Europe/Brussels",
}


def account_body(**changes: Any) -> dict[str, Any]:
    return {"email": "bo@example.org", "name": "Bo Ng", "password": PASSWORD, "role": "clerk", **changes}


def admin(t: Trial, key: str | None = None) -> dict[str, str]:
    return t.headers(t.caller(Role.ADMIN), key=key)


def test_a_desk_is_registered_and_changed(t: Trial) -> None:
    assert t.said(DeskRegistered) == [DeskRegistered(desk_id=t.desk_id, version=1, desk=BRIGHTON)]
    answer = t.http.post("/desk/change", json=DESK_BODY, headers=admin(t))
    assert answer.json() == {"desk_id": str(t.desk_id), **DESK_BODY}
    assert t.http.post("/desk/change", json=DESK_BODY, headers=admin(t)).status_code == 200
    (changed,) = t.said(DeskChanged)
    assert (changed.version, changed.desk.languages, changed.desk.zone) == (2, ("nl", "fr"), "Europe/Brussels")
    for role in Role:
        assert t.http.get("/desk", headers=t.headers(t.caller(role))).json()["name"] == "Gent"


def test_a_desk_is_founded_once_and_by_itself(t: Trial) -> None:
    def found(desk_id: UUID | None) -> RegisterDesk:
        return RegisterDesk(
            desk_id=desk_id, name="B", country="en", currency="GBP", languages=("en",), zone="Europe/London"
        )

    with pytest.raises(Conflict):
        t.run(register_desk, found(t.desk_id))
    with pytest.raises(Invalid):
        t.run(register_desk, found(uuid4()), caller=desk_itself(uuid4()))


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"country": "atlantis"}, "#/country"),
        ({"zone": "Europe/Gent"}, "#/zone"),
        ({"zone": "../../etc/passwd"}, "#/zone"),
        ({"currency": "XYZ"}, "#/currency"),
        ({"currency": "GBP"}, "#/currency"),
        ({"languages": []}, "#/languages"),
        ({"languages": ["Dutch"]}, "#/languages/0"),
        ({"name": ""}, "#/name"),
        ({"colour": "red"}, "#/colour"),
    ],
)
def test_a_desk_that_can_not_be_right_names_the_field(t: Trial, change: dict[str, Any], pointer: str) -> None:
    answer = t.http.post("/desk/change", json={**DESK_BODY, **change}, headers=admin(t))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert t.said(DeskChanged) == []


def test_a_desk_nobody_registered_is_not_found(t: Trial) -> None:
    answer = t.http.get("/desk", headers=t.headers(t.caller(Role.CLERK, desk_id=uuid4())))
    assert answer.status_code == 404


def test_an_admin_opens_an_account_and_its_owner_signs_in(t: Trial) -> None:
    answer = t.http.post("/accounts", json=account_body(email=" Bo@Example.ORG "), headers=admin(t))
    assert answer.status_code == 201
    told = answer.json()
    assert (told["email"], told["name"], told["role"], told["language"]) == ("bo@example.org", "Bo Ng", "clerk", "en")
    assert "password" not in answer.text
    (said,) = t.said(AccountRegistered)
    assert (str(said.account_id), said.role, said.person_id) == (told["account_id"], "clerk", None)
    assert sign_in(t, email="bo@example.org").status_code == 200


def test_the_same_key_and_body_open_one_account_and_its_digest_is_keyed(t: Trial) -> None:
    headers = admin(t, key="once")
    one = t.http.post("/accounts", json=account_body(), headers=headers)
    two = t.http.post("/accounts", json=account_body(), headers=headers)
    assert (one.status_code, one.json()) == (two.status_code, two.json())
    assert t.http.post("/accounts", json=account_body(name="Else"), headers=headers).status_code == 422
    import hashlib

    body = t.http.build_request("POST", "/accounts", json=account_body()).read()
    plain = hashlib.sha256(b"POST /accounts\n" + body).hexdigest()
    with t.running.sessions() as session:
        kept = session.execute(text("SELECT asked FROM idempotency_keys")).scalars().all()
    assert len(kept) == 1
    assert plain not in kept


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"password": "short"}, "#/password"),
        ({"email": "bo"}, "#/email"),
        ({"email": "bo@example"}, "#/email"),
        ({"email": "bo@@example.org"}, "#/email"),
        ({"email": "b o@example.org"}, "#/email"),
        ({"name": "  "}, "#/name"),
        ({"role": "king"}, "#/role"),
        ({"role": "carer"}, "#/person_id"),
        ({"role": "family"}, "#/person_id"),
        ({"person_id": str(UUID(int=7))}, "#/person_id"),
        ({"person_id": "seven"}, "#/person_id"),
        ({"language": "english"}, "#/language"),
        ({"nickname": "B"}, "#/nickname"),
    ],
)
def test_an_account_that_can_not_be_right_names_the_field(t: Trial, change: dict[str, Any], pointer: str) -> None:
    answer = t.http.post("/accounts", json=account_body(**change), headers=admin(t))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert t.said(AccountRegistered) == []


def test_an_email_has_one_account_over_all_desks(t: Trial, register: Register) -> None:
    account = register("bo@example.org")
    other_desk = uuid4()
    t.run(
        register_desk,
        RegisterDesk(name="Gent", country="be_vl", currency="EUR", languages=("nl",), zone="Europe/Brussels"),
        caller=desk_itself(other_desk),
    )
    elsewhere = t.headers(t.caller(Role.ADMIN, desk_id=other_desk))
    answer = t.http.post("/accounts", json=account_body(), headers=elsewhere)
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:vesper:problem:email-taken"
    t.run(close_account, CloseAccount(account_id=account.account_id))
    assert t.http.post("/accounts", json=account_body(), headers=elsewhere).status_code == 201, "free once it is closed"


def test_of_ten_accounts_opened_at_once_for_one_email_one_is_there(t: Trial) -> None:
    barrier = Barrier(10)
    headers = [admin(t) for _ in range(10)]

    def open_one(header: dict[str, str]) -> int:
        barrier.wait()
        return int(t.http.post("/accounts", json=account_body(), headers=header).status_code)

    with ThreadPoolExecutor(10) as threads:
        answers = sorted(threads.map(open_one, headers))
    assert answers == [201] + [409] * 9
    assert len(t.said(AccountRegistered)) == 1


def test_accounts_are_listed_in_pages_of_the_own_desk(t: Trial, register: Register) -> None:
    for name in ("cy", "ann", "bo"):
        register(f"{name}@example.org")
    first = t.http.get("/accounts?limit=2", headers=admin(t)).json()
    assert [row["email"] for row in first["rows"]] == ["ann@example.org", "bo@example.org"]
    rest = t.http.get("/accounts", params={"limit": 2, "after": first["next_after"]}, headers=admin(t)).json()
    assert [row["email"] for row in rest["rows"]] == ["cy@example.org"]
    assert rest["next_after"] is None
    other = t.headers(t.caller(Role.ADMIN, desk_id=uuid4()))
    assert t.http.get("/accounts", headers=other).json()["rows"] == []


@pytest.mark.parametrize("path", ["/accounts", "/sign-ins", "/sent-messages"])
@pytest.mark.parametrize("after", ["nonsense", "2026-06-01T09:00:00|00000000-0000-0000-0000-00000000000", "|", "x|y"])
def test_a_page_that_begins_nowhere_is_refused(t: Trial, path: str, after: str) -> None:
    answer = t.http.get(path, params={"after": after}, headers=admin(t))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/after"


def test_closing_an_account_is_said_once(t: Trial, register: Register) -> None:
    account = register()
    path = f"/accounts/{account.account_id}/close"
    other = t.headers(t.caller(Role.ADMIN, desk_id=uuid4()))
    assert t.http.post(path, headers=other).status_code == 404
    assert t.http.post(path, headers=admin(t)).json()["closed_at"] == "2026-06-01T09:00:00Z"
    assert t.http.post(path, headers=admin(t)).json()["type"] == "urn:vesper:problem:already-closed"
    assert [said.account_id for said in t.said(AccountClosed)] == [account.account_id]


def test_two_admins_who_close_each_other_leave_one(t: Trial, register: Register) -> None:
    admins = [register(f"{name}@example.org", Role.ADMIN) for name in ("ann", "bo")]
    barrier = Barrier(2)

    def close(account_id: UUID) -> str:
        barrier.wait()
        try:
            t.run(close_account, CloseAccount(account_id=account_id))
        except Conflict as error:
            return error.reason
        return "closed"

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(close, [a.account_id for a in admins]))
    assert answers == ["closed", "last-admin"]


def test_me_says_who_is_signed_in(t: Trial, register: Register) -> None:
    family_id = uuid4()
    register(role=Role.FAMILY, person_id=family_id)
    t.clock.move_to(datetime.now(UTC))
    told = sign_in(t).json()
    caller = t.caller(Role.FAMILY, family_id)
    with t.running.sessions() as session:
        session.execute(text("SELECT set_config('app.desk_id', :desk, true)"), {"desk": str(t.desk_id)})
        account_id = session.execute(select(accounts.c.account_id)).scalar_one()
    mine = t.http.get("/me", headers={"Authorization": f"Bearer {t.keys.token(caller, sub=str(account_id))}"}).json()
    assert mine == {
        "account_id": str(account_id),
        "email": "ann@example.org",
        "name": told["name"],
        "role": "family",
        "desk_id": str(t.desk_id),
        "person_id": str(family_id),
        "language": "en",
    }
    foreign = t.http.get("/me", headers=t.headers(t.caller(Role.CLERK))).json()
    assert (foreign["email"], foreign["name"]) == (None, "A clerk"), "signed in with another issuer"
