"""What the identity service says: desks, and who may sign in for whom."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from shared.domain.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskFacts:
    """A desk: `country` names its rule pack (be_vl, nl, fr, en), `zone` its own wall clock."""

    name: str
    country: str
    currency: str
    languages: tuple[str, ...]
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRegistered(Event):
    wire_name: ClassVar[str] = "desk.registered.v1"
    key_field: ClassVar[str] = "desk_id"

    desk: DeskFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskChanged(Event):
    wire_name: ClassVar[str] = "desk.changed.v1"
    key_field: ClassVar[str] = "desk_id"

    desk: DeskFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRegistered(Event):
    """`person_id` is the carer or the family the account stands for; None for the desk's own people."""

    wire_name: ClassVar[str] = "account.registered.v1"
    key_field: ClassVar[str] = "account_id"

    account_id: UUID
    role: str
    person_id: UUID | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountClosed(Event):
    wire_name: ClassVar[str] = "account.closed.v1"
    key_field: ClassVar[str] = "account_id"

    account_id: UUID
