"""What comes in and goes out over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from shared.auth.roles import Role
from shared.http.schema import Body, Out, Text

# Long enough for any sentence; longer ones would only cost time to hash.
Password = Annotated[str, Field(min_length=1, max_length=200, json_schema_extra={"format": "password"})]
Email = Annotated[str, Field(min_length=3, max_length=254)]
Language = Annotated[str, Field(pattern="^[a-z]{2}$")]
Token = Annotated[str, Field(min_length=1, max_length=200)]


class _SecretBody(Body):
    # A blank at either end of a password is part of it.
    model_config = ConfigDict(str_strip_whitespace=False, hide_input_in_errors=True)


class SignInIn(_SecretBody):
    email: Annotated[str, Field(min_length=1, max_length=254)]
    password: Password


class TokenIn(_SecretBody):
    refresh_token: Token


class TokensOut(Out):
    """`expires_in` is the access token's life in seconds; the refresh token is good for one exchange."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int
    refresh_token: str
    role: Role
    desk_id: UUID
    person_id: UUID | None
    name: str


class KeysOut(Out):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[dict[str, Any]]


class KeyOut(Out):
    """The key that signs as soon as everyone can know it."""

    kid: str


class MeOut(Out):
    account_id: UUID
    email: str | None
    name: str
    role: Role
    desk_id: UUID
    person_id: UUID | None
    language: str | None


class DeskIn(Body):
    """`country` names the rule pack: be_vl, nl, fr or en."""

    name: Text
    country: Text
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=10)]
    zone: Text


class DeskOut(Out):
    desk_id: UUID
    name: str
    country: str
    currency: str
    languages: tuple[str, ...]
    zone: str


class AccountIn(_SecretBody):
    """`person_id` is the carer or family the account stands for; `language` defaults to the desk's first."""

    email: Email
    name: Text
    password: Password
    role: Role
    person_id: UUID | None = None
    language: Language | None = None


class AccountOut(Out):
    account_id: UUID
    email: str
    name: str
    role: Role
    person_id: UUID | None
    language: str
    opened_at: datetime
    closed_at: datetime | None


class SignInOut(Out):
    """One try: signed_in, refused, limited, reused (an old refresh token) or signed_out."""

    sign_in_id: UUID
    at: datetime
    account_id: UUID | None
    address: str
    outcome: str


class MessageOut(Out):
    """What a person was or is to be told. `link` leads to a page; `cause` says why it has not been sent."""

    message_id: UUID
    key: str
    person_id: UUID
    channel: Literal["email", "sms", "none"]
    address: str
    language: str
    subject: str
    text: str
    link: str
    state: Literal["waiting", "sent", "failed"]
    attempts: int
    cause: str | None
    written_at: datetime
    sent_at: datetime | None
