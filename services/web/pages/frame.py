"""What every page stands in: who reads it, in which language, what time it is, and how it is drawn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import FormData

from services.web.clients import Api, Problem
from services.web.language import DEFAULT, LANGUAGES, Words, best_of, catalogue
from services.web.notices import notice, sentence_of, words_for_code
from services.web.session import COOKIE, Session
from shared.auth.roles import Role
from shared.clock import Clock

HERE = Path(__file__).parent.parent
LANGUAGE_COOKIE = "vesper-language"
HOMES: Mapping[Role, str] = {
    Role.DISPATCHER: "/board",
    Role.CARER: "/offers",
    Role.CLERK: "/charges",
    Role.FAMILY: "/care",
    Role.REFERRER: "/account",
    Role.ADMIN: "/account",
}


class SignInNeeded(Exception):
    """Nobody is signed in, or the sign-in is over."""


class WrongRole(Exception):
    """Somebody is signed in whom this page is not for."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.role)
        self.session = session


class Drawing:
    """The templates, ready in every language."""

    def __init__(self) -> None:
        self._environments = {language: _environment(language) for language in LANGUAGES}

    def draw(self, template: str, words: Words, facts: Mapping[str, Any]) -> str:
        """The template's HTML for this reader."""
        return self._environments[words.language].get_template(template).render({**facts, "words": words})


def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals["said"] = lambda code: words_for_code(code, language)
    return environment


@dataclass(slots=True)
class Page:
    """One request of one reader. `form` holds what they posted, `errors` what is wrong with it, field by field."""

    request: Request
    session: Session | None
    words: Words
    form: FormData = field(default_factory=FormData)
    errors: dict[str, str] = field(default_factory=dict)
    trouble: str = ""

    @property
    def api(self) -> Api:
        """The services, as this reader may use them."""
        assert self.session is not None
        api: Api = self.request.app.state.services.as_person(self.session.access_token)
        return api

    @property
    def now(self) -> datetime:
        clock: Clock = self.request.app.state.clock
        return clock.now()

    @property
    def today(self) -> date:
        """The date on the desk's wall clock."""
        return self.words.local(self.now).date()

    def text(self, name: str) -> str:
        """What was posted under this name, without the spaces around it; empty if nothing."""
        value = self.form.get(name, "")
        return value.strip() if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """All that was posted under this name and is not empty."""
        return [value.strip() for value in self.form.getlist(name) if isinstance(value, str) and value.strip()]

    def refused(self, problem: Problem, fields: Mapping[str, str] | None = None) -> int:
        """Note what a service said against the form, at the fields it names; gives the status to answer with.

        `fields` says which field of the form stands for which pointer of what was sent, where the names differ.
        """
        if problem.status == 401:
            raise SignInNeeded
        self.trouble = sentence_of(problem, self.words)
        for error in problem.errors:
            self.errors[(fields or {}).get(error.pointer, error.pointer.removeprefix("#/"))] = error.detail
        return problem.status

    def draw(self, template: str, status: int = 200, *, at: str = "", **facts: Any) -> Response:
        """The page. `at` is its own address where it answers a form that was sent to another."""
        here = at or self._address()
        told = notice(self.request.query_params.get("done", ""), self.words)
        frame = {
            "page": self,
            "session": self.session,
            "now": self.now,
            "today": self.today,
            "here": here,
            "path": here.partition("?")[0],
            "notice": told,
            "languages": LANGUAGES,
            "asset": self.request.app.state.asset,
            "home": HOMES[self.session.role] if self.session else "/sign-in",
        }
        drawing: Drawing = self.request.app.state.drawing
        html = drawing.draw(template, self.words, {**frame, **facts})
        return HTMLResponse(html, status, headers={"Cache-Control": "no-store"})

    def _address(self) -> str:
        if self.request.method != "GET":
            return "/"
        return self.request.url.path + (f"?{self.request.url.query}" if self.request.url.query else "")

    def go(self, path: str, done: str = "") -> Response:
        """Send the reader to another page, where `done` names what to tell them."""
        joint = "&" if "?" in path else "?"
        return RedirectResponse(f"{path}{joint}done={done}" if done else path, 303)


def reader(request: Request) -> Page:
    """The reader of a page for anyone, signed in or not."""
    session = request.app.state.sessions.open(request.cookies.get(COOKIE, ""))
    return Page(request, session, _words(request, session))


def page_for(*roles: Role) -> Callable[[Request], Page]:
    """A dependency that lets in these roles only, with a token that is good for a while."""

    def page(request: Request) -> Page:
        sessions = request.app.state.sessions
        session = sessions.open(request.cookies.get(COOKIE, ""))
        if session is None:
            raise SignInNeeded
        if session.role not in roles:
            raise WrongRole(session)
        try:
            fresh = sessions.fresh(session)
        except Problem as problem:
            if problem.status < 500:
                raise SignInNeeded from problem
            raise
        if fresh is not session:
            request.state.cookie = sessions.seal(fresh)
        return Page(request, fresh, _words(request, fresh))

    return page


async def read_form(request: Request) -> FormData:
    """What was posted."""
    return await request.form(max_fields=400, max_files=0)


def form_for(*roles: Role) -> Callable[..., Page]:
    """As `page_for`, with a posted form that carries the session's own token."""
    entrance = page_for(*roles)

    def page(request: Request, form: Annotated[FormData, Depends(read_form)]) -> Page:
        opened = entrance(request)
        assert opened.session is not None
        given = form.get("csrf") or request.headers.get("x-csrf-token", "")
        if given != opened.session.csrf:
            raise Problem(403, "The form carries another session's token.", code="foreign-form")
        opened.form = form
        return opened

    return page


def whole(written: str) -> int | str:
    """The whole number; what is none is left as it is, for the service to name."""
    return int(written) if written.isdecimal() else written


def _words(request: Request, session: Session | None) -> Words:
    chosen = request.cookies.get(LANGUAGE_COOKIE, "") or (session.language if session else "")
    if chosen not in LANGUAGES:
        chosen = best_of(request.headers.get("accept-language", DEFAULT))
    return Words(chosen, session.zone if session else "UTC")


def local_path(wanted: str) -> str:
    """The path to return to after sign-in: one of ours, never another site's; else the start."""
    if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not any(c in wanted for c in "\\\r\n\t"):
        return wanted
    return "/"


def sign_in_path(request: Request) -> str:
    """The sign-in page, with where to return to."""
    if request.method != "GET" or request.url.path == "/":
        return "/sign-in"
    query = f"?{request.url.query}" if request.url.query else ""
    return f"/sign-in?next={quote(request.url.path + query, safe='')}"


AnyReader = Annotated[Page, Depends(reader)]
SignedInPage = Annotated[Page, Depends(page_for(*Role))]
SignedInForm = Annotated[Page, Depends(form_for(*Role))]
DispatcherPage = Annotated[Page, Depends(page_for(Role.DISPATCHER))]
DispatcherForm = Annotated[Page, Depends(form_for(Role.DISPATCHER))]
CarerPage = Annotated[Page, Depends(page_for(Role.CARER))]
CarerForm = Annotated[Page, Depends(form_for(Role.CARER))]
ClerkPage = Annotated[Page, Depends(page_for(Role.CLERK))]
ClerkForm = Annotated[Page, Depends(form_for(Role.CLERK))]
FamilyPage = Annotated[Page, Depends(page_for(Role.FAMILY))]
FamilyForm = Annotated[Page, Depends(form_for(Role.FAMILY))]
