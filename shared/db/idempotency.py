"""`Idempotency-Key`: an account's doubled POST gets the first one's answer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Integer, LargeBinary, String, Table, Uuid, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.db.types import KIT, Instant
from shared.domain.errors import Invalid

idempotency_keys = Table(
    "idempotency_keys",
    KIT,
    Column("account_id", Uuid, primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("asked", String(64), nullable=False),
    Column("status", Integer),
    Column("answer", LargeBinary),
    Column("content_type", String),
    Column("at", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller was told: kept with their key and told again, word for word."""

    status: int
    body: bytes
    content_type: str = "application/json"


class Answered(Exception):
    """The same account asked the same under the same key before; `answer` is what it was told then."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("answered before")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class RequestClaim:
    """Claims an account's key for one request; `asked` is a digest of method, path and body."""

    account_id: UUID
    key: str
    asked: str
    request_id: UUID

    def take(self, session: Session, now: datetime) -> None:
        """Raises Answered for the same request, Invalid when the key was used for another one."""
        claimed = {"account_id": self.account_id, "key": self.key, "asked": self.asked, "at": now}
        if session.execute(_CLAIM, claimed).first() is None:
            raise_answer(session, self)

    def keep(self, session: Session, answer: Answer) -> None:
        """Remember what the caller is told, in the transaction that makes it true."""
        kept = {"status": answer.status, "answer": answer.body, "content_type": answer.content_type}
        session.execute(_KEEP, {"of_account": self.account_id, "under": self.key, **kept})

    def cause(self) -> str:
        return f"request/{self.request_id}"


def raise_answer(session: Session, claim: RequestClaim) -> None:
    """Tell again what was told under this key."""
    row = session.execute(
        select(idempotency_keys).where(
            idempotency_keys.c.account_id == claim.account_id, idempotency_keys.c.key == claim.key
        )
    ).one()
    if row.asked != claim.asked:
        raise Invalid(
            "This Idempotency-Key was used for another request. Use a new key for a new request.",
            pointer="#",
            code="idempotency-key-reused",
        )
    raise Answered(Answer(row.status, row.answer, row.content_type))


# Building a statement takes longer than running it; these are run for every request and built once.
_CLAIM = (
    insert(idempotency_keys)
    .values({name: bindparam(name) for name in ("account_id", "key", "asked", "at")})
    .on_conflict_do_nothing()
    .returning(idempotency_keys.c.key)
)
_KEEP = (
    update(idempotency_keys)
    .where(idempotency_keys.c.account_id == bindparam("of_account"), idempotency_keys.c.key == bindparam("under"))
    .values({name: bindparam(name) for name in ("status", "answer", "content_type")})
)
