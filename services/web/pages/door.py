"""Sign in, sign out, language, the way home, and the stream of hints."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from starlette.datastructures import FormData

from services.web.clients import Problem
from services.web.language import LANGUAGES
from services.web.live import Browser, stream
from services.web.notices import sentence_of
from services.web.pages.frame import (
    HOMES,
    LANGUAGE_COOKIE,
    AnyReader,
    SignedInForm,
    SignedInPage,
    local_path,
    read_form,
)
from services.web.session import LEAVING_SECONDS

router = APIRouter(include_in_schema=False)
LEAVING_COOKIE = "vesper-leaving"
_A_YEAR = 365 * 24 * 3600


@router.get("/")
def start(page: SignedInPage) -> Response:
    assert page.session is not None
    return page.go(HOMES[page.session.role])


@router.get("/account")
def account(page: SignedInPage) -> Response:
    return page.draw("account.html", me=page.api.get("identity", "/me"))


@router.get("/sign-in")
def sign_in_page(page: AnyReader, next_: Annotated[str, Query(alias="next", max_length=500)] = "/") -> Response:
    return _door(page, return_to=local_path(next_))


@router.get("/sign-in/away")
def leave_to_sign_in(page: AnyReader, next_: Annotated[str, Query(alias="next", max_length=500)] = "/") -> Response:
    if page.request.app.state.issuer is None:
        return page.go("/sign-in")
    try:
        address, cookie = page.request.app.state.sessions.leave(local_path(next_))
    except Problem as problem:
        page.trouble = sentence_of(problem, page.words)
        return _door(page, problem.status, return_to=local_path(next_))
    answer = RedirectResponse(address, 303)
    secure = page.request.app.state.settings.public_url.startswith("https://")
    answer.set_cookie(
        LEAVING_COOKIE, cookie, max_age=LEAVING_SECONDS, path="/sign-in", httponly=True, samesite="lax", secure=secure
    )
    return answer


@router.get("/sign-in/back")
def come_back_signed_in(
    page: AnyReader,
    state: Annotated[str, Query(max_length=500)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
) -> Response:
    if page.request.app.state.issuer is None or not code:
        return page.go("/sign-in")
    cookie = page.request.cookies.get(LEAVING_COOKIE, "")
    language = page.request.cookies.get(LANGUAGE_COOKIE)
    try:
        session, return_to = page.request.app.state.sessions.come_back(cookie, state, code, language)
    except Problem as problem:
        page.trouble = sentence_of(problem, page.words)
        return _door(page, problem.status, return_to="/")
    page.request.state.cookie = page.request.app.state.sessions.seal(session)
    answer = page.go(return_to if return_to != "/" else HOMES[session.role])
    answer.delete_cookie(LEAVING_COOKIE, path="/sign-in")
    return answer


@router.post("/sign-in")
def sign_in(page: AnyReader, form: Annotated[FormData, Depends(read_form)]) -> Response:
    if page.request.app.state.issuer is not None:
        return page.go("/sign-in")
    page.form = form
    return_to = local_path(page.text("next"))
    forwarded = page.request.client.host if page.request.client else ""
    try:
        session = page.request.app.state.sessions.begin(
            page.text("email"), str(form.get("password", "")), page.request.cookies.get(LANGUAGE_COOKIE), forwarded
        )
    except Problem as problem:
        page.trouble = (
            page.words.say("E-mail address or password is not right.")
            if problem.status in (401, 422)
            else sentence_of(problem, page.words)
        )
        return _door(page, problem.status, email=page.text("email"), return_to=return_to)
    page.request.state.cookie = page.request.app.state.sessions.seal(session)
    return page.go(return_to if return_to != "/" else HOMES[session.role])


@router.post("/sign-out")
def sign_out(page: SignedInForm) -> Response:
    assert page.session is not None
    ours = f"{page.request.app.state.settings.public_url}/sign-in?done=signed-out"
    elsewhere = page.request.app.state.sessions.end(page.session, ours)
    page.request.state.cookie = ""
    return page.go("/sign-in", "signed-out") if elsewhere == ours else RedirectResponse(elsewhere, 303)


def _door(page: AnyReader, status: int = 200, *, return_to: str, email: str = "") -> Response:
    elsewhere = page.request.app.state.issuer is not None
    at = "" if status == 200 else "/sign-in"
    return page.draw("sign_in.html", status, at=at, email=email, return_to=return_to, elsewhere=elsewhere)


@router.get("/language/{language}")
def choose_language(page: AnyReader, language: str, back: str = "/") -> Response:
    answer = page.go(local_path(back))
    if language in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=_A_YEAR, samesite="lax", httponly=True)
    return answer


@router.get("/live")
async def live(
    page: SignedInPage,
    last_event_id: Annotated[str | None, Header(max_length=8000)] = None,
    since: Annotated[str | None, Query(max_length=8000)] = None,
) -> Response:
    session = page.session
    assert session is not None
    if session.desk_id is None:
        return Response(status_code=204)
    state = page.request.app.state
    browser = Browser(session.desk_id, session.role, session.person_id, asyncio.get_running_loop())
    events = stream(state.hub, browser, last_event_id or since, state.settings)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)
