"""The pages as an app: routes, live stream, errors people can read, and the headers that keep a page to itself."""

import hashlib
import sys
import threading
from collections.abc import Callable, Mapping
from threading import Event as Signal
from typing import Any

import httpx
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.web.clients import Problem, Services
from services.web.issuer import Issuer
from services.web.live import Hub, follow_kafka
from services.web.notices import sentence_of
from services.web.pages import board, care_requests, carer, charges, door, families, household, roster
from services.web.pages.frame import HERE, Drawing, Page, SignInNeeded, WrongRole, reader, sign_in_path
from services.web.session import COOKIE, COOKIE_SECONDS, Sessions
from services.web.settings import WebSettings
from shared.clock import Clock, SystemClock
from shared.http.app import Check
from shared.http.app import make_app as make_service_app
from shared.http.serving import server_of
from shared.service import kafka_check
from shared.telemetry.logging import configure_logging, log_of

log = log_of(__name__)

STATIC = HERE / "static"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_STREAMS_END_SECONDS = 3


def make_app(
    settings: WebSettings,
    hub: Hub,
    *,
    clock: Clock | None = None,
    transports: Mapping[str, httpx.BaseTransport] | None = None,
    issuer_transport: httpx.BaseTransport | None = None,
    checks: Mapping[str, Check] | None = None,
) -> FastAPI:
    """The pages over the services the settings name; `hub` feeds the live ones. `transports` stand in for the network."""
    services = Services(settings, transports)
    used = clock or SystemClock()
    issuer = Issuer(settings, issuer_transport) if settings.oidc_issuer else None
    state = {
        "services": services,
        "sessions": Sessions(settings.cookie_secret, services, used, issuer),
        "issuer": issuer,
        "drawing": Drawing(),
        "hub": hub,
        "clock": used,
        "settings": settings,
        "asset": _asset_paths(),
    }
    routers = [part.router for part in (door, board, care_requests, families, roster, carer, charges, household)]
    app = make_service_app("web", routers, dict(checks or {}), body_limit_bytes=settings.body_limit_bytes, state=state)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(SignInNeeded, _sign_in)
    app.add_exception_handler(WrongRole, _wrong_role)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _nothing_here)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)
    app.add_middleware(Shield)
    return app


def main() -> None:
    """`python -m services.web api`: the pages, live from Kafka."""
    if sys.argv[1:] != ["api"]:
        sys.exit("usage: python -m services.web api")
    settings = WebSettings()
    if not settings.cookie_secret:
        sys.exit("VESPER_COOKIE_SECRET is needed: it seals the sign-in cookies. Any long random text will do.")
    configure_logging("web", level=settings.log_level)
    hub, stop = Hub(), Signal()
    app = make_app(settings, hub, checks={"bus": kafka_check(settings.kafka_bootstrap_servers)})
    tail = threading.Thread(target=follow_kafka, args=(hub, settings.kafka_bootstrap_servers, stop), daemon=True)
    tail.start()
    server_of(app, settings.http_host, settings.http_port, graceful_seconds=_STREAMS_END_SECONDS).run()
    stop.set()
    tail.join(timeout=5)


class Shield:
    """Gives every answer its security headers and renewed cookie, and refuses forms sent from another site."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if scope["method"] not in ("GET", "HEAD") and headers.get("sec-fetch-site", "none") not in (
            "same-origin",
            "none",
        ):
            await Response("This form came from another site.", 403)(scope, receive, send)
            return
        secure = scope["scheme"] == "https" or headers.get("x-forwarded-proto") == "https"
        state = scope.setdefault("state", {})

        async def shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                out = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    out.setdefault(name, value)
                if "cookie" in state:
                    out.append("Set-Cookie", session_cookie(state["cookie"], secure))
            await send(message)

        await self._app(scope, receive, shielded)


def session_cookie(value: str, secure: bool) -> str:
    """The session's Set-Cookie; an empty value takes it away."""
    response = Response()
    response.set_cookie(
        COOKIE,
        value,
        max_age=COOKIE_SECONDS if value else 0,
        path="/",
        httponly=True,
        samesite="lax",
        secure=secure,
    )
    return response.headers["set-cookie"]


def _asset_paths() -> Callable[[str], str]:
    versions: dict[str, str] = {}

    def asset(name: str) -> str:
        # The address changes with the content, so that browsers may keep it.
        if name not in versions:
            file = STATIC / name
            versions[name] = hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.exists() else "missing"
        return f"/static/{name}?v={versions[name]}"

    return asset


def _sign_in(request: Request, error: Exception) -> Response:
    target = sign_in_path(request)
    request.state.cookie = ""
    if request.url.path == "/live":
        return Response(status_code=401)
    if "hx-request" in request.headers:
        return Response(status_code=200, headers={"HX-Redirect": target})
    return RedirectResponse(target, 303)


def _wrong_role(request: Request, error: Exception) -> Response:
    page = reader(request)
    return _trouble(page, 403, page.words.say("This page is not for you."), "")


def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    if error.status == 401:
        return _sign_in(request, error)
    if error.status >= 500:
        log.warning("a service did not answer", of=error.service, status=error.status, detail=error.detail)
    page = reader(request)
    status = 503 if error.status >= 500 else error.status
    return _trouble(page, status, _title(page, status), sentence_of(error, page.words))


def _nothing_here(request: Request, error: Exception) -> Response:
    page = reader(request)
    return _trouble(page, 404, _title(page, 404), "")


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    page = reader(request)
    return _trouble(page, error.status_code, _title(page, error.status_code), "")


def _unexpected(request: Request, error: Exception) -> Response:
    log.error("unexpected", path=request.url.path, exc_info=error)
    page = reader(request)
    return _trouble(page, 500, _title(page, 500), "")


def _title(page: Page, status: int) -> str:
    titles = {
        403: page.words.say("This is not possible for you."),
        404: page.words.say("There is nothing at this address."),
        409: page.words.say("This is no longer possible."),
        503: page.words.say("Back in a moment."),
        500: page.words.say("Something broke on our side."),
    }
    return titles.get(status, page.words.say("This did not work."))


def _trouble(page: Page, status: int, title: str, detail: str) -> Response:
    headers: dict[str, Any] = {"Retry-After": "5"} if status == 503 else {}
    answer = page.draw("trouble.html", status, title=title, detail=detail)
    answer.headers.update(headers)
    return answer
