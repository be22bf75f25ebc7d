"""The pages' way to the five services: HTTP with the person's own token, short timeouts, refusals in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from services.web.settings import WebSettings
from shared.telemetry.correlation import correlation_id

NAMES = ("request", "matching", "roster", "billing", "identity")
_CONNECT_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """What is wrong with one field: `pointer` names it as JSON Pointer in what was sent."""

    pointer: str
    detail: str


class Problem(Exception):
    """A service said no (RFC 9457), or could not be asked. `code` is the service's name for the reason, or empty."""

    def __init__(
        self, status: int, detail: str, *, code: str = "", errors: tuple[FieldError, ...] = (), service: str = ""
    ) -> None:
        super().__init__(f"{status} {code} {detail}")
        self.status = status
        self.detail = detail
        self.code = code
        self.errors = errors
        self.service = service


@dataclass(frozen=True, slots=True)
class Download:
    """A file a service made."""

    body: bytes = field(repr=False)
    media_type: str


class Services:
    """Connections to the five services, kept open and shared by all requests of this process."""

    def __init__(self, settings: WebSettings, transports: Mapping[str, httpx.BaseTransport] | None = None) -> None:
        timeout = httpx.Timeout(settings.answer_seconds, connect=_CONNECT_SECONDS)
        self._clients = {
            name: httpx.Client(
                base_url=getattr(settings, f"{name}_url"), timeout=timeout, transport=(transports or {}).get(name)
            )
            for name in NAMES
        }

    def as_person(self, token: str) -> "Api":
        """The services as this person may use them."""
        return Api(self._clients, token)

    def as_nobody(self, address: str = "") -> "Api":
        """The services as someone who has not signed in may use them; `address` is where they come from."""
        return Api(self._clients, "", address)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


class Api:
    """The services' APIs for one person. Every call raises Problem when refused or not answered."""

    def __init__(self, clients: Mapping[str, httpx.Client], token: str, address: str = "") -> None:
        self._clients = clients
        self._token = token
        self._address = address

    def get(self, service: str, path: str, **params: Any) -> Any:
        """What the service answers, as read from JSON; parameters that are None are left out."""
        asked = {name.rstrip("_"): value for name, value in params.items() if value is not None}
        return self._json(service, self._send(service, "GET", path, params=asked))

    def rows(self, service: str, path: str, *, most: int = 200, **params: Any) -> list[Any]:
        """The rows of a list that comes in pages, read page by page up to `most`."""
        page = self.get(service, path, limit=min(most, 200), **params)
        found: list[Any] = list(page["rows"])
        while page["next_after"] is not None and len(found) < most:
            page = self.get(service, path, limit=min(most - len(found), 200), after=page["next_after"], **params)
            found += page["rows"]
        return found

    def post(self, service: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """Do something; the same `key` twice does it once."""
        headers = {"Idempotency-Key": key} if key else {}
        return self._json(service, self._send(service, "POST", path, json=body, headers=headers))

    def download(self, service: str, path: str) -> Download:
        """A file."""
        answer = self._send(service, "GET", path)
        return Download(answer.content, answer.headers.get("content-type", "application/octet-stream"))

    def _send(self, service: str, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"X-Correlation-Id": correlation_id.get(), **more.pop("headers", {})}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if self._address:
            # Tries to sign in are counted by where they come from, not by which of us passed them on.
            headers["X-Forwarded-For"] = self._address
        try:
            answer = self._clients[service].request(method, path, headers=headers, **more)
        except httpx.TimeoutException as error:
            raise Problem(504, "The answer took too long.", code="slow", service=service) from error
        except httpx.HTTPError as error:
            raise Problem(503, "This part of the system is away for a moment.", code="away", service=service) from error
        if answer.is_error:
            raise _problem(service, answer)
        return answer

    def _json(self, service: str, answer: httpx.Response) -> Any:
        if not answer.content:
            return None
        try:
            return answer.json()
        except ValueError as error:
            raise Problem(502, "The answer could not be read.", code="unreadable", service=service) from error


def _problem(service: str, answer: httpx.Response) -> Problem:
    try:
        told = answer.json()
        errors = tuple(
            FieldError(pointer=str(e.get("pointer", "#")), detail=str(e["detail"])) for e in told.get("errors", ())
        )
        code = str(told.get("type", "")).removeprefix("urn:vesper:problem:").removeprefix("about:blank")
        return Problem(answer.status_code, str(told["detail"]), code=code, errors=errors, service=service)
    except (ValueError, KeyError, AttributeError, TypeError):
        return Problem(answer.status_code, "The answer could not be read.", service=service)
