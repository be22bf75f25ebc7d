"""One row of the table of routes and roles."""

from dataclasses import dataclass

from shared.auth.roles import Role

PUBLIC: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class Row:
    """A route and the roles it lets in; PUBLIC for a route that needs no sign-in."""

    method: str
    path: str
    roles: frozenset[Role]
