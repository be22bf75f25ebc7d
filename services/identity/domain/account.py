"""An account: who may sign in, in which role, for which carer, family or referrer."""

import re
from datetime import datetime
from uuid import UUID

from shared.auth.roles import Role
from shared.contracts.identity import AccountClosed, AccountRegistered
from shared.domain.aggregate import Aggregate
from shared.domain.errors import Conflict, Invalid

_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+")
_LONGEST_EMAIL = 254
_STAND_FOR_SOMEONE = (Role.CARER, Role.FAMILY, Role.REFERRER)
_NO_PASSWORD = "!"


def normal_email(text: str) -> str:
    """The address as it is compared: without blanks around it, in small letters. Raises Invalid."""
    email = text.strip().lower()
    if len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise Invalid("This is not an e-mail address: it should look like name@example.org.", pointer="#/email")
    return email


class Account(Aggregate):
    """A carer's, family's or referrer's account names whom it stands for; the desk's own people stand for nobody else."""

    def __init__(
        self,
        *,
        account_id: UUID,
        desk_id: UUID,
        email: str,
        name: str,
        password_hash: str,
        role: Role,
        person_id: UUID | None,
        language: str,
        opened_at: datetime,
    ) -> None:
        """Raises Invalid when role and person don't go together."""
        if role in _STAND_FOR_SOMEONE and person_id is None:
            raise Invalid(f"A {role}'s account needs the person_id of the {role} it stands for.", pointer="#/person_id")
        if role not in _STAND_FOR_SOMEONE and person_id is not None:
            raise Invalid(f"A {role}'s account stands for nobody else: leave person_id out.", pointer="#/person_id")
        if not name.strip():
            raise Invalid("An account needs the name of its person.", pointer="#/name")
        self.account_id = account_id
        self.desk_id = desk_id
        self.email = normal_email(email)
        self.name = name.strip()
        self.password_hash = password_hash
        self.role = str(role)
        self.person_id = person_id
        self.language = language
        self.opened_at = opened_at
        self.closed_at: datetime | None = None
        self.version = 1
        self.record(
            AccountRegistered(
                desk_id=desk_id,
                version=self.version,
                account_id=account_id,
                role=self.role,
                person_id=person_id,
                name=self.name if person_id is None else None,
            )
        )

    @property
    def closed(self) -> bool:
        return self.closed_at is not None

    def close(self, now: datetime) -> None:
        """From now on nobody signs in with it. Raises Conflict when it is closed already."""
        if self.closed:
            raise Conflict("This account is closed already.", code="already-closed")
        self.closed_at = now
        self.version += 1
        self.record(AccountClosed(desk_id=self.desk_id, version=self.version, account_id=self.account_id))

    def erase(self, now: datetime) -> None:
        """Close it and forget who it was."""
        if not self.closed:
            self.close(now)
        self.email = f"{self.account_id}@erased.invalid"
        self.name = ""
        self.password_hash = _NO_PASSWORD
