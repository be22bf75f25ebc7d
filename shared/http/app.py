"""A service's HTTP app: its routes, its health, its errors, and the correlation id each request carries."""

import re
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.errors import install_error_handlers, respond, unexpected
from shared.http.schema import PROBLEMS
from shared.telemetry.correlation import correlated

Check = Callable[[], str | None]
_CORRELATION = re.compile(r"^[A-Za-z0-9._-]{1,64}$")


def make_app(
    title: str,
    routers: Sequence[APIRouter],
    checks: dict[str, Check],
    *,
    body_limit_bytes: int,
    state: dict[str, Any],
) -> FastAPI:
    """An app with its docs at /docs. `checks` say what is wrong with each part it stands on, or None."""
    app = FastAPI(title=f"Vesper: {title}", version="1", separate_input_output_schemas=False)
    for name, value in state.items():
        setattr(app.state, name, value)
    for router in routers:
        app.include_router(router, responses=PROBLEMS)
    app.include_router(_watching(checks))
    install_error_handlers(app)
    app.add_middleware(BodyLimit, limit=body_limit_bytes)
    app.add_middleware(Correlation)
    return app


def _watching(checks: dict[str, Check]) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz")
    def readyz(request: Request) -> Any:
        wrong = {name: said for name, check in checks.items() if (said := check()) is not None}
        if wrong:
            detail = " ".join(f"{name}: {said}" for name, said in wrong.items())
            return respond(request, 503, detail, reason="not-ready", headers={"Retry-After": "2"})
        return {"status": "ready", **dict.fromkeys(checks, "ok")}

    @router.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


class Correlation:
    """Takes the caller's X-Correlation-Id or makes one, for logs, events and the answer, also when all else breaks."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-correlation-id", "")
        current = given if _CORRELATION.match(given) else str(uuid4())
        started = False

        async def with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message)["X-Correlation-Id"] = current
            await send(message)

        with correlated(current):
            try:
                await self._app(scope, receive, with_id)
            except Exception as error:
                if started:
                    raise
                await unexpected(Request(scope), error)(scope, receive, with_id)


class BodyLimit:
    """Refuses a body over the limit while it arrives, before any of it is parsed."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "0")
        body = b""
        more = True
        too_large = declared.isdigit() and int(declared) > self._limit
        while more and not too_large:
            message = await receive()
            if message["type"] != "http.request":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            too_large = len(body) > self._limit
        if too_large:
            request = Request(scope)
            refusal = respond(request, 413, f"A body may have {self._limit} bytes at most.", reason="too-large")
            await refusal(scope, receive, send)
            return
        sent = False

        async def replay() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)
