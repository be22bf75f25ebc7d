"""One row of the table of routes and roles, and the desk's things that its request names."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from shared.auth.roles import Role
from shared.contracts.identity import DeskFacts, DeskRegistered
from tests.support.service import Trial

PUBLIC: frozenset[Role] = frozenset()
# What every app has beside its own: its documentation and what watches it. They name no desk's things.
WATCHING = {"/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json", "/healthz", "/readyz", "/metrics"}
_NAME = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Row:
    """A route and the roles it lets in; PUBLIC for a route that needs no sign-in.

    What is asked of it: `query`, and `body` for a POST that needs one. Both may name things of the desk as `{carer_id}`,
    as the path does; `of` says which thing stands for a name where it isn't the one called so (another visit to
    cancel than to read). An allowed role is then served: the answer is 2xx and holds the ids of `shows`.

    Whoever names a thing of another desk gets 404; where only the body or the query names it, `elsewhere` says if it is
    another answer: 200 for a filter that finds nothing.
    """

    method: str
    path: str
    roles: frozenset[Role]
    query: str = ""
    body: Mapping[str, Any] | None = None
    of: Mapping[str, str] = field(default_factory=dict)
    shows: tuple[str, ...] = ()
    elsewhere: int = 404

    @property
    def name(self) -> str:
        """Such as `GET /visits/{visit_id}`."""
        return f"{self.method} {self.path}"

    @property
    def names_in_path(self) -> frozenset[str]:
        """The things its address names."""
        return frozenset(_NAME.findall(self.path))

    @property
    def names(self) -> frozenset[str]:
        """The things its request names anywhere."""
        return frozenset(_NAME.findall(f"{self.path} {self.query} {self.body}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Things:
    """One of each thing of a desk, by the names rows have for them, and the people it belongs to."""

    ids: Mapping[str, str]
    carer_id: UUID | None = None
    family_id: UUID | None = None
    referrer_id: UUID | None = None

    def person_of(self, role: Role) -> UUID | None:
        """Whom an account of this role stands for, if it is theirs to see."""
        theirs = {Role.CARER: self.carer_id, Role.FAMILY: self.family_id, Role.REFERRER: self.referrer_id}
        return theirs.get(role)

    def fill(self, template: Any, row: Row) -> Any:
        """The template with the ids of the row's things in it. Raises KeyError for a thing nobody made."""
        if isinstance(template, str):
            return _NAME.sub(lambda found: self.ids[row.of.get(found[1], found[1])], template)
        if isinstance(template, Mapping):
            return {key: self.fill(value, row) for key, value in template.items()}
        if isinstance(template, list):
            return [self.fill(value, row) for value in template]
        return template

    def unnamed_by(self, request: str) -> set[str]:
        """The ids that this request doesn't name: who asks for another's things must not be told of these."""
        return {each for each in self.ids.values() if each not in request}


def matched(app: FastAPI, table: Sequence[Row], besides: Set[str] = frozenset()) -> None:
    """Every route of the app has one row, and every row a route; `besides` and WATCHING are not in the table."""
    routes = {
        f"{method} {route.path}"
        for route in iter_route_contexts(app.routes)
        for method in route.methods or {"EVERY METHOD"}
        if route.path not in WATCHING | besides
    }
    named = [row.name for row in table]
    assert not routes - set(named), "a route without a row"
    assert not set(named) - routes, "a row without a route"
    assert len(named) == len(set(named)), "two rows for one route"


def another_desk(trial: Trial, desk_id: UUID) -> None:
    """A desk that the service knows and that has nothing of the first one's."""
    facts = DeskFacts(name="Elsewhere", country="en", currency="GBP", languages=("en",), zone="Europe/London")
    trial.hear(DeskRegistered(desk_id=desk_id, version=1, desk=facts))
