"""The way in for people: who is calling, in which role, and the one path their command takes."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request, Response
from pydantic import TypeAdapter
from sqlalchemy import text
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException

from shared.auth.roles import Caller, Role
from shared.auth.tokens import BadToken
from shared.commands import Handler, Runner
from shared.db.engine import reading
from shared.db.idempotency import Answer, RequestClaim
from shared.http.errors import answer_of

C = TypeVar("C")
R = TypeVar("R")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entrance:
    """One request of one caller: `do` runs their command, `read` answers their question about their own desk."""

    caller: Caller
    runner: Runner
    path: str
    key: str | None
    asked: str

    def do(
        self, handler: Handler[C, R], command: C, present: Callable[[R], Any] = lambda result: result, status: int = 200
    ) -> Response:
        """Run the command and answer with what `present` makes of its result, or with why not.

        `present` may give an Answer of its own: a file, or JSON that PostgreSQL put together.
        """

        def told(result: R) -> Answer:
            shown = present(result)
            if isinstance(shown, Answer):
                return shown
            body = b"" if shown is None else TypeAdapter(type(shown)).dump_json(shown)
            return Answer(204 if shown is None else status, body)

        answer = self.runner.answer(
            handler,
            command,
            caller=self.caller,
            claim=self._claim(),
            present=told,
            refuse=lambda error: answer_of(error, self.path),
        )
        media_type = answer.content_type if answer.body else None
        return Response(answer.body, answer.status, media_type=media_type)

    def read(self, query: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Ask about the caller's desk, in a transaction that can't write."""
        with reading(self.runner.sessions) as session:
            session.execute(text("SET TRANSACTION READ ONLY"))
            bind_to_desk(session, self.caller)
            return query(session, *arguments, **named)

    def _claim(self) -> RequestClaim | None:
        if self.key is None or self.caller.account_id is None:
            return None
        return RequestClaim(self.caller.account_id, self.key, self.asked, self.runner.ids.new())


def bind_to_desk(session: Session, caller: Caller) -> None:
    """Bind this transaction to the caller's desk."""
    session.execute(
        text("SELECT set_config('app.desk_id', :desk, true)"), {"desk": str(caller.desk_id) if caller.desk_id else ""}
    )


async def _asked(request: Request) -> str:
    digest = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    digest.update(await request.body())
    return digest.hexdigest()


def _caller(request: Request, authorization: Annotated[str | None, Header()] = None) -> Caller:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise HTTPException(401, "Sign in first: this needs an access token.", {"WWW-Authenticate": "Bearer"})
    try:
        caller: Caller = request.app.state.verifier.caller(token)
    except BadToken as error:
        raise HTTPException(401, str(error), {"WWW-Authenticate": "Bearer"}) from error
    return caller


def entrance_for(*roles: Role) -> Callable[..., Entrance]:
    """A dependency that lets in these roles only: the signature of a route says who may call it."""

    def entrance(
        request: Request,
        caller: Annotated[Caller, Depends(_caller)],
        asked: Annotated[str, Depends(_asked)],
        idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
    ) -> Entrance:
        if caller.role not in roles:
            raise HTTPException(403, f"This is not for a {caller.role}.")
        return Entrance(caller, request.app.state.runner, request.url.path, idempotency_key, asked)

    return entrance


AnyoneSignedIn = Annotated[Entrance, Depends(entrance_for(*Role))]
AdminEntrance = Annotated[Entrance, Depends(entrance_for(Role.ADMIN))]
DispatcherEntrance = Annotated[Entrance, Depends(entrance_for(Role.DISPATCHER))]
CarerEntrance = Annotated[Entrance, Depends(entrance_for(Role.CARER))]
ClerkEntrance = Annotated[Entrance, Depends(entrance_for(Role.CLERK))]
FamilyEntrance = Annotated[Entrance, Depends(entrance_for(Role.FAMILY))]
ReferrerEntrance = Annotated[Entrance, Depends(entrance_for(Role.REFERRER))]
DeskEntrance = Annotated[Entrance, Depends(entrance_for(Role.DISPATCHER, Role.CLERK))]
