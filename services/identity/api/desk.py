"""The desk, its accounts, and who signed in."""

from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.identity import commands, queries
from services.identity.handlers import accounts, desks
from services.identity.schemas import AccountIn, AccountOut, DeskIn, DeskOut, MeOut, SignInOut
from shared.auth.dependencies import AdminEntrance, AnyoneSignedIn
from shared.http.paging import Page, PagingQuery

router = APIRouter()


@router.get("/me", tags=["sign-in"])
def me(door: AnyoneSignedIn) -> MeOut:
    """Who is signed in."""
    account = door.read(queries.account, door.caller.account_id)
    return MeOut.model_validate(
        {
            "account_id": door.caller.account_id,
            "email": account.email if account else None,
            "name": account.name if account else door.caller.name,
            "role": door.caller.role,
            "desk_id": door.caller.desk,
            "person_id": door.caller.person_id,
            "language": account.language if account else None,
        }
    )


@router.get("/desk", tags=["desk"])
def desk(door: AnyoneSignedIn) -> DeskOut:
    """The caller's desk."""
    return DeskOut.model_validate(door.read(queries.desk, door.caller.desk))


@router.post("/desk/change", tags=["desk"], response_model=DeskOut)
def change_desk(body: DeskIn, door: AdminEntrance) -> Response:
    """What the desk is from now on."""
    command = commands.ChangeDesk(
        name=body.name, country=body.country, currency=body.currency, languages=body.languages, zone=body.zone
    )
    return door.do(desks.change_desk, command, present=DeskOut.model_validate)


@router.post("/accounts", tags=["accounts"], status_code=201, response_model=AccountOut)
def register_account(body: AccountIn, request: Request, door: AdminEntrance) -> Response:
    """Let somebody sign in. The password is kept as its argon2id hash only."""
    command = commands.RegisterAccount(
        email=body.email,
        name=body.name,
        password_hash=request.app.state.passwords.hash(body.password),
        role=body.role,
        person_id=body.person_id,
        language=body.language,
    )
    # The digest kept under the Idempotency-Key covers the password: without the secret nobody can try passwords on it.
    sealed = replace(door, asked=request.app.state.seal.fingerprint(door.asked))
    return sealed.do(accounts.register_account, command, present=AccountOut.model_validate, status=201)


@router.get("/accounts", tags=["accounts"])
def list_accounts(door: AdminEntrance, paging: PagingQuery) -> Page[AccountOut]:
    """The desk's accounts, by e-mail."""
    page = door.read(queries.list_accounts, paging)
    return Page(rows=[AccountOut.model_validate(row) for row in page.rows], next_after=page.next_after)


@router.post("/accounts/{account_id}/close", tags=["accounts"], response_model=AccountOut)
def close_account(account_id: UUID, door: AdminEntrance) -> Response:
    """Nobody signs in with it any more; who is signed in stays so until the access token runs out, in minutes."""
    return door.do(
        accounts.close_account, commands.CloseAccount(account_id=account_id), present=AccountOut.model_validate
    )


@router.get("/sign-ins", tags=["accounts"])
def list_sign_ins(door: AdminEntrance, paging: PagingQuery) -> Page[SignInOut]:
    """Who signed in or tried to, newest first."""
    page = door.read(queries.list_sign_ins, paging)
    return Page(rows=[SignInOut.model_validate(row) for row in page.rows], next_after=page.next_after)
