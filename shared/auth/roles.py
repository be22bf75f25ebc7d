"""Who calls: the roles people have, and the caller a command is done for."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    DISPATCHER = "dispatcher"
    CARER = "carer"
    CLERK = "clerk"
    FAMILY = "family"
    REFERRER = "referrer"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whose desk a command is for and who gave it. `person_id` is the carer, family or referrer it stands for.

    A message or a timer acts for the desk itself: no account, no role.
    """

    desk_id: UUID | None
    account_id: UUID | None = None
    role: Role | None = None
    person_id: UUID | None = None
    name: str = ""

    @property
    def desk(self) -> UUID:
        """The caller's desk; every command but the founding of a desk has one."""
        if self.desk_id is None:
            raise RuntimeError("This command needs a desk, and its caller has none.")
        return self.desk_id


def desk_itself(desk_id: UUID | None) -> Caller:
    """The caller of a message or a timer: the desk, not a person."""
    return Caller(desk_id=desk_id)
