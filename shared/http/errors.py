"""Every refusal leaves as RFC 9457 problem details; here the field's errors get their status, once."""

import json
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from shared.db.engine import AWAY
from shared.db.idempotency import Answer
from shared.db.inbox import TooEarly
from shared.domain.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from shared.telemetry.logging import log_of

log = log_of(__name__)

PROBLEM = "application/problem+json"
RETRY_AFTER_SECONDS = "2"
_TITLES = {
    400: "This can't be read",
    401: "Please sign in",
    403: "Not allowed",
    404: "Not found",
    405: "Not possible here",
    409: "No longer possible",
    413: "Too large",
    415: "Not in this form",
    422: "Something in this can't be right",
    429: "Too many tries",
    500: "Our fault",
    503: "Back in a moment",
}
_STATUS = ((NotFound, 404), (Conflict, 409), (NotAllowed, 403), (Invalid, 422))


class Unavailable(Exception):
    """Something we stand on is away for the moment; `detail` says what."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def status_of(error: DomainError) -> int:
    """404, 409, 403 or 422 by the kind of refusal; 409 for one that names no kind."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 409)


def problem(
    status: int, detail: str, instance: str, *, reason: str = "", errors: Sequence[dict[str, str]] = ()
) -> dict[str, Any]:
    """The members of a problem: what kind, how we call it, what is wrong here and what to do, where."""
    body: dict[str, Any] = {
        "type": f"urn:vesper:problem:{reason}" if reason else "about:blank",
        "title": _TITLES.get(status, "Refused"),
        "status": status,
        "detail": detail,
        "instance": instance,
    }
    if errors:
        body["errors"] = list(errors)
    return body


def answer_of(error: DomainError, instance: str) -> Answer:
    """A refusal as the answer that is sent, and kept under the caller's key."""
    errors = [{"detail": error.detail, "pointer": error.pointer}] if isinstance(error, Invalid) else []
    body = problem(status_of(error), error.detail, instance, reason=error.reason, errors=errors) | error.more
    return Answer(status_of(error), json.dumps(body).encode(), PROBLEM)


def install_error_handlers(app: FastAPI) -> None:
    """Give every error of this app the same shape."""
    app.add_exception_handler(DomainError, _domain_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Unavailable, _unavailable)
    app.add_exception_handler(TooEarly, _too_early)
    app.add_exception_handler(DataError, _data_error)
    for away in AWAY:
        app.add_exception_handler(away, _unavailable)


def respond(request: Request, status: int, detail: str, **more: Any) -> Response:
    """A problem as a response."""
    headers = more.pop("headers", None)
    body = problem(status, detail, request.url.path, **more)
    return Response(json.dumps(body), status, headers=headers, media_type=PROBLEM)


def _domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    answer = answer_of(error, request.url.path)
    return Response(answer.body, answer.status, media_type=answer.content_type)


def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = error.errors()
    if any(e["type"] == "json_invalid" for e in wrong):
        found = [{"detail": f"The body is not valid JSON: {e['ctx']['error']}.", "pointer": "#"} for e in wrong]
        return respond(request, 400, "The body is not valid JSON.", reason="unreadable", errors=found)
    if any(e["loc"] == ("body",) and e["type"] != "missing" for e in wrong) and not _says_json(request):
        detail = "The body has to be JSON, sent with Content-Type: application/json."
        return respond(request, 415, detail, reason="not-json", errors=[{"detail": detail, "pointer": "#"}])
    found = [{"detail": _sentence(e), "pointer": _pointer(e["loc"])} for e in wrong]
    count = "One field" if len(found) == 1 else f"{len(found)} fields"
    return respond(request, 422, f"{count} can't be right: {found[0]['detail']}", reason="invalid", errors=found)


def _says_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _sentence(error: Any) -> str:
    name = str(error["loc"][-1]) if error["loc"] else "body"
    if error["type"] == "extra_forbidden":
        return f"{name} is not a field we know. Leave it out or check its spelling."
    if error["type"] == "timezone_aware":
        return f"{name} needs its zone, such as 2026-06-01T22:00:00+02:00."
    if error["type"] == "missing":
        return f"{name} is needed."
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{name}: {message[:1].lower()}{message[1:]}."


def _pointer(location: Sequence[Any]) -> str:
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in location]
    if parts and parts[0] in ("body", "query", "path", "header"):
        parts = parts[1:]
    return "#/" + "/".join(parts) if parts else "#"


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = str(error.detail)
    if error.status_code == 404 and detail == "Not Found":
        detail = "There is nothing at this address."
    return respond(request, error.status_code, detail, headers=error.headers)


def _too_early(request: Request, error: Exception) -> Response:
    assert isinstance(error, TooEarly)
    detail = "Something this needs has not arrived here yet. Nothing was changed; try again in a moment."
    return respond(request, 503, detail, reason="too-early", headers={"Retry-After": RETRY_AFTER_SECONDS})


def _data_error(request: Request, error: Exception) -> Response:
    log.info("value refused by the database", error=repr(error))
    detail = "A value is outside what can be stored. Check numbers and texts."
    return respond(request, 422, detail, reason="invalid", errors=[{"detail": detail, "pointer": "#"}])


def _unavailable(request: Request, error: Exception) -> Response:
    log.warning("unavailable", error=repr(error))
    detail = (
        error.detail
        if isinstance(error, Unavailable)
        # Not "nothing was changed": a connection may be lost while a commit is on its way.
        else "Our database is away for a moment. Try again; under the same Idempotency-Key nothing is done twice."
    )
    return respond(request, 503, detail, reason="unavailable", headers={"Retry-After": RETRY_AFTER_SECONDS})


def unexpected(request: Request, error: Exception) -> Response:
    """The answer to what nobody foresaw, said in full only to the log."""
    log.error("unexpected", path=request.url.path, exc_info=error)
    return respond(
        request, 500, "Something broke on our side. Nothing was changed; we have been told.", reason="broken"
    )
