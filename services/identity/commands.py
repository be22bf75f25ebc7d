"""What people, messages and time ask of the identity service. No command carries a password or a token in plain."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.auth.roles import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterDesk:
    """`desk_id` must be the caller's own when given: a desk is founded by a caller of that desk."""

    name: str
    country: str
    currency: str
    languages: tuple[str, ...]
    zone: str
    desk_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDesk:
    name: str
    country: str
    currency: str
    languages: tuple[str, ...]
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAccount:
    """`password_hash` is made by `adapters.passwords`; `language` defaults to the desk's first."""

    email: str
    name: str
    password_hash: str = field(repr=False)
    role: Role
    person_id: UUID | None = None
    language: str | None = None
    account_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDesk:
    """A new desk with its first admin: both or neither."""

    desk: RegisterDesk
    admin: RegisterAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseAccount:
    account_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CountTry:
    """A try to sign in, counted for its e-mail and its address before anything is looked at."""

    email_hash: str
    address_hash: str
    address: str
    account_id: UUID | None
    window: timedelta
    most_per_email: int
    most_per_address: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """`password_right` was found before, outside the transaction: hashing takes long on purpose."""

    account_id: UUID | None
    password_right: bool
    email_hash: str
    address: str
    refresh_hash: bytes
    refresh_lasts: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewToken:
    """Exchange a refresh token for the next one; both are known by their hash only."""

    refresh_hash: bytes
    next_hash: bytes
    refresh_lasts: timedelta
    grace: timedelta
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOut:
    refresh_hash: bytes
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSigningKey:
    """A key made by `adapters.signing`. The first signs at once; a later one `lead` after it is published.

    `unless_newer_than` leaves it when another process has rotated since; None rotates whatever there is.
    """

    kid: str
    sealed_key: bytes = field(repr=False)
    public_jwk: dict[str, Any]
    lead: timedelta
    tokens_last: timedelta
    only_first: bool = False
    unless_newer_than: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TellOffer:
    offer_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TellVisit:
    visit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class TellInvoice:
    invoice_id: UUID
    family_id: UUID
    number: str
    total_minor: int
    currency: str
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimMessage:
    """Take a waiting message for one attempt; nobody else tries before the back-off is over."""

    message_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleMessage:
    """How an attempt ended; `cause` is None when it was sent. `give_up` when no further attempt can help."""

    message_id: UUID
    cause: str | None
    give_up: bool
