"""Every route of every service against every role, over HTTP on the real apps with a real database.

A new route needs a row in `tests/access/<service>.py`, and each thing its address names one in `things()` there.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx import Response

from services.billing.service import SERVICE as BILLING
from services.identity.service import SERVICE as IDENTITY
from services.matching.service import SERVICE as MATCHING
from services.request.service import SERVICE as REQUEST
from services.roster.service import SERVICE as ROSTER
from shared.auth.roles import Caller, Role
from shared.http.errors import PROBLEM
from shared.service import Service
from tests.access import billing, identity, matching, request, roster
from tests.access.rows import PUBLIC, Row, Things, matched
from tests.support.postgres import Server
from tests.support.service import Trial, trial

# Roles whose account stands for a person and sees that person's things only.
_THEIR_OWN = frozenset({Role.CARER, Role.FAMILY})
TABLES: Mapping[str, tuple[Service, list[Row], Callable[[Trial, UUID], Things]]] = {
    "request": (REQUEST, request.ACCESS, request.things),
    "matching": (MATCHING, matching.ACCESS, matching.things),
    "roster": (ROSTER, roster.ACCESS, roster.things),
    "billing": (BILLING, billing.ACCESS, billing.things),
    "identity": (IDENTITY, identity.ACCESS, identity.things),
}


@dataclass(frozen=True, slots=True)
class Desk:
    """A service with one of each thing at one desk; `elsewhere` is a desk that has nothing of it."""

    trial: Trial
    things: Things
    elsewhere: UUID

    def ask(self, row: Row, caller: Caller | None) -> Response:
        """The row's request as this caller, or as nobody."""
        headers = self.trial.headers(caller) if caller else {}
        answer: Response = self.trial.http.request(
            row.method, self.address(row), json=self.things.fill(row.body, row), headers=headers
        )
        return answer

    def address(self, row: Row) -> str:
        """The row's path and query with the ids of the desk's things."""
        query = f"?{row.query}" if row.query else ""
        filled: str = self.things.fill(f"{row.path}{query}", row)
        return filled

    def own(self, role: Role) -> Caller:
        """Whoever of this desk the things belong to, in this role."""
        return self.trial.caller(role, self.things.person_of(role))


@pytest.fixture(scope="module")
def desks(postgres_cluster: Server) -> Iterator[Callable[[str], Desk]]:
    """`desks("roster")`: one database and one app per service, for all of its rows."""
    with ExitStack() as until_the_end:
        opened: dict[str, Desk] = {}

        def find(name: str) -> Desk:
            if name not in opened:
                service, _, things = TABLES[name]
                running = until_the_end.enter_context(trial(postgres_cluster, service))
                elsewhere = uuid4()
                opened[name] = Desk(running, things(running, elsewhere), elsewhere)
            return opened[name]

        yield find


def rows(chosen: Callable[[Row], Any] = lambda row: True) -> pytest.MarkDecorator:
    """Every chosen row with its service, as a test's parameters."""
    return pytest.mark.parametrize(
        ("service", "row"),
        [
            pytest.param(name, row, id=f"{name} {row.name}")
            for name, (_, table, _) in TABLES.items()
            for row in table
            if chosen(row)
        ],
    )


def refused(answer: Response, status: int) -> None:
    """The answer is a problem of this status, and says so in the shape every refusal has."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM
    said = answer.json()
    assert said.keys() >= {"type", "title", "status", "detail", "instance"}
    assert said["status"] == status


@pytest.mark.parametrize("service", TABLES)
def test_every_route_has_a_row_and_every_row_a_route(desks: Callable[[str], Desk], service: str) -> None:
    app = desks(service).trial.http.app
    assert isinstance(app, FastAPI)
    matched(app, TABLES[service][1])


@rows(lambda row: row.roles != PUBLIC)
def test_without_a_token_it_is_401(desks: Callable[[str], Desk], service: str, row: Row) -> None:
    answer = desks(service).ask(row, None)
    refused(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


@rows(lambda row: row.roles not in (PUBLIC, frozenset(Role)))
def test_a_wrong_role_is_403(desks: Callable[[str], Desk], service: str, row: Row) -> None:
    desk = desks(service)
    for role in Role:
        if role not in row.roles:
            refused(desk.ask(row, desk.own(role)), 403)


@rows(lambda row: row.method == "GET" or row.names or row.roles & _THEIR_OWN)
def test_another_desk_is_told_nothing_of_it(desks: Callable[[str], Desk], service: str, row: Row) -> None:
    """A thing of one desk is 404 to the right role at another, even to a person who is a carer at both."""
    desk = desks(service)
    for role in row.roles:
        for person in {desk.things.person_of(role), uuid4()}:
            answer = desk.ask(row, desk.trial.caller(role, person, desk.elsewhere))
            if row.names_in_path or (row.names and row.elsewhere == 404):
                refused(answer, 404)
            elif row.names:
                assert answer.status_code == row.elsewhere, answer.text
            asked = f"{desk.address(row)} {desk.things.fill(row.body, row)} {person}"
            assert not [each for each in desk.things.unnamed_by(asked) if each in answer.text]


@rows(lambda row: row.names_in_path and row.roles & _THEIR_OWN)
def test_another_persons_thing_is_404(desks: Callable[[str], Desk], service: str, row: Row) -> None:
    desk = desks(service)
    for role in row.roles & _THEIR_OWN:
        for person in (uuid4(), None):
            refused(desk.ask(row, desk.trial.caller(role, person)), 404)


@rows()
def test_an_allowed_role_is_served(desks: Callable[[str], Desk], service: str, row: Row) -> None:
    """In the order of the table: a thing is read before it is withdrawn."""
    desk = desks(service)
    for caller in (None,) if row.roles == PUBLIC else tuple(map(desk.own, sorted(row.roles))):
        answer = desk.ask(row, caller)
        assert answer.is_success, f"give the row what the route needs: {answer.status_code} {answer.text}"
        for shown in row.shows:
            assert desk.things.ids[shown] in answer.text, answer.text
