"""The one way into the ledger: a balanced posting, its entries, and the balances they change."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.billing.domain.ledger import Account, Cause, Entry, account_id, reversed_entries
from services.billing.tables import accounts, entries, postings
from shared.db.unit_of_work import UnitOfWork
from shared.domain.values import Money


def post(
    uow: UnitOfWork, cause: Cause, cause_id: UUID, written: list[Entry], *, reverses: UUID | None = None
) -> UUID | None:
    """Write a posting tied to its cause; None when nothing moves. The database refuses one that isn't balanced."""
    moving = [entry for entry in written if entry.amount.minor]
    if not moving:
        return None
    desk_id, posting_id = uow.caller.desk, uow.new_id()
    of_entry = [account_id(desk_id, e.account, e.party_id, e.amount.currency) for e in moving]
    # In the order of ids, so that two postings that touch the same accounts wait for each other instead of deadlocking.
    for account, entry in sorted(zip(of_entry, moving, strict=True), key=lambda pair: str(pair[0])):
        opened = insert(accounts).values(
            account_id=account,
            desk_id=desk_id,
            kind=entry.account,
            party_id=entry.party_id,
            currency=entry.amount.currency,
            balance_minor=entry.amount.minor,
        )
        uow.session.execute(
            opened.on_conflict_do_update(
                index_elements=["account_id"],
                set_={"balance_minor": accounts.c.balance_minor + opened.excluded.balance_minor},
            )
        )
    uow.session.execute(
        postings.insert().values(
            posting_id=posting_id,
            desk_id=desk_id,
            posted_at=uow.now,
            cause_kind=cause,
            cause_id=cause_id,
            reverses_posting_id=reverses,
            entry_count=len(moving),
        )
    )
    uow.session.execute(
        entries.insert(),
        [
            {
                "entry_id": uow.new_id(),
                "desk_id": desk_id,
                "posting_id": posting_id,
                "account_id": account,
                "minor": entry.amount.minor,
                "currency": entry.amount.currency,
            }
            for account, entry in zip(of_entry, moving, strict=True)
        ],
    )
    return posting_id


def reverse(uow: UnitOfWork, cause: Cause, cause_id: UUID) -> UUID | None:
    """Undo what was posted for this cause by its opposite; nothing is edited."""
    posting = uow.one(postings, cause_kind=cause, cause_id=cause_id)
    if posting is None:
        return None
    rows = uow.session.execute(
        select(accounts.c.kind, accounts.c.party_id, entries.c.minor, entries.c.currency)
        .join(accounts, accounts.c.account_id == entries.c.account_id)
        .where(entries.c.posting_id == posting.posting_id)
        .order_by(accounts.c.kind, accounts.c.party_id)
    ).all()
    before = [Entry(Account(row.kind), row.party_id, Money(row.minor, row.currency)) for row in rows]
    return post(uow, Cause.REVERSAL, cause_id, reversed_entries(before), reverses=posting.posting_id)
