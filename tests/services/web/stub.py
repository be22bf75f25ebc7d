"""Five services that answer from a table, remember what they were asked, and refuse when told to."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx

from services.web.clients import NAMES
from shared.auth.roles import Role

DESK = UUID("00000000-0000-4000-8000-00000000de5c")
CARER = UUID("00000000-0000-4000-8000-0000000ca4e4")
FAMILY = UUID("00000000-0000-4000-8000-00000000fa31")
PASSWORD = "lantern light at six"

Answer = Any | Callable[["Asked"], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request a service got."""

    service: str
    method: str
    path: str
    params: dict[str, str]
    body: Any
    headers: httpx.Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A problem a service answers with."""

    status: int
    detail: str
    code: str = ""
    errors: tuple[tuple[str, str], ...] = ()


class Away(Exception):
    """The service does not answer at all."""


@dataclass
class Stub:
    """`answers` by (service, method and path); a callable is given what was asked. Sign-in works for every role."""

    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    expires_in: int = 600
    renewals: int = 0

    def transports(self) -> dict[str, httpx.BaseTransport]:
        return {name: httpx.MockTransport(self._handler(name)) for name in NAMES}

    def of(self, service: str, line: str) -> list[Asked]:
        """What this service was asked under this method and path."""
        return [a for a in self.asked if a.service == service and f"{a.method} {a.path}" == line]

    def _handler(self, service: str) -> Callable[[httpx.Request], httpx.Response]:
        def handle(request: httpx.Request) -> httpx.Response:
            body = json.loads(request.content) if request.content else None
            asked = Asked(
                service=service,
                method=request.method,
                path=request.url.path,
                params=dict(request.url.params),
                body=body,
                headers=request.headers,
            )
            self.asked.append(asked)
            return self._answer(asked)

        return handle

    def _answer(self, asked: Asked) -> httpx.Response:
        found = self.answers.get((asked.service, f"{asked.method} {asked.path}"))
        if found is None and asked.service == "identity":
            found = self._identity(asked)
        if callable(found):
            found = found(asked)
        if isinstance(found, Away):
            raise httpx.ConnectError("nobody there")
        if isinstance(found, httpx.Response):
            return found
        if found is None:
            found = Refusal(status=404, detail=f"Not stubbed: {asked.service} {asked.method} {asked.path}")
        if isinstance(found, Refusal):
            problem = {
                "type": f"urn:vesper:problem:{found.code}" if found.code else "about:blank",
                "title": "Refused",
                "status": found.status,
                "detail": found.detail,
                "errors": [{"pointer": pointer, "detail": detail} for pointer, detail in found.errors],
            }
            return httpx.Response(found.status, json=problem)
        return httpx.Response(200, json=found)

    def _identity(self, asked: Asked) -> Any:
        if asked.path == "/sign-in":
            role = asked.body["email"].split("@")[0]
            if asked.body["password"] != PASSWORD or role not in tuple(Role):
                return Refusal(status=401, detail="E-mail address or password is wrong.")
            return self._pair(role)
        if asked.path == "/token":
            self.renewals += 1
            role = asked.body["refresh_token"].split("-")[0]
            return self._pair(role)
        if asked.path == "/desk":
            return {
                "desk_id": str(DESK),
                "name": "Brighton Evening Desk",
                "country": "en",
                "currency": "GBP",
                "languages": ["en"],
                "zone": "Europe/London",
            }
        if asked.path == "/me":
            return {"name": "A person", "email": "dispatcher@example.org", "language": None, "role": "dispatcher"}
        if asked.path == "/sign-out":
            return httpx.Response(204)
        return None

    def _pair(self, role: str) -> dict[str, Any]:
        person = {"carer": str(CARER), "family": str(FAMILY)}.get(role)
        return {
            "access_token": f"{role}-access-{uuid4().hex[:8]}",
            "token_type": "Bearer",
            "expires_in": self.expires_in,
            "refresh_token": f"{role}-refresh-{uuid4().hex[:8]}",
            "role": role,
            "desk_id": str(DESK),
            "person_id": person,
            "name": f"Robin {role.title()}",
        }
