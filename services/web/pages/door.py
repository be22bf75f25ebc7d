"""Sign in, sign out, language, the way home, and the stream of hints."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import StreamingResponse
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

router = APIRouter(include_in_schema=False)
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
    return page.draw("sign_in.html", email="", return_to=local_path(next_))


@router.post("/sign-in")
def sign_in(page: AnyReader, form: Annotated[FormData, Depends(read_form)]) -> Response:
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
        return page.draw("sign_in.html", problem.status, at="/sign-in", email=page.text("email"), return_to=return_to)
    page.request.state.cookie = page.request.app.state.sessions.seal(session)
    return page.go(return_to if return_to != "/" else HOMES[session.role])


@router.post("/sign-out")
def sign_out(page: SignedInForm) -> Response:
    assert page.session is not None
    page.request.app.state.sessions.end(page.session)
    page.request.state.cookie = ""
    return page.go("/sign-in", "signed-out")


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
