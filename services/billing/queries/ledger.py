"""What the ledger says: balances, and the postings behind them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Subquery, func, select
from sqlalchemy.orm import Session

from services.billing.queries.paging import paged
from services.billing.schemas import BalanceOut, EntryOut, PostingOut, SumOut, TrialBalanceOut
from services.billing.tables import accounts, carers, entries, families, postings
from shared.http.paging import Page, Paging


def trial_balance(session: Session, at: datetime, kept: bool, paging: Paging) -> TrialBalanceOut:
    """Every account that wasn't at zero at that time; by the balances as `kept` when the time is now."""
    balances = _kept() if kept else _added_up(at)
    sums = session.execute(
        select(balances.c.currency, func.sum(balances.c.balance_minor).label("balance_minor"))
        .group_by(balances.c.currency)
        .order_by(balances.c.currency)
    ).all()
    party_name = func.coalesce(families.c.name, carers.c.first_name + " " + carers.c.last_name).label("party_name")
    statement = (
        select(balances, party_name)
        .outerjoin(families, families.c.family_id == balances.c.party_id)
        .outerjoin(carers, (carers.c.desk_id == balances.c.desk_id) & (carers.c.carer_id == balances.c.party_id))
        .where(balances.c.balance_minor != 0)
    )
    found = paged(session, statement, paging, balances.c.kind, balances.c.account_id)
    return TrialBalanceOut(
        at=at,
        sums=[SumOut.model_validate(row) for row in sums],
        rows=[BalanceOut.model_validate(row) for row in found.rows],
        next_after=found.next_after,
    )


def list_postings(session: Session, paging: Paging, cause_id: UUID | None) -> Page[PostingOut]:
    """Postings, newest first; of one cause (a stretch or a payout) if asked."""
    statement = select(postings)
    if cause_id is not None:
        statement = statement.where(postings.c.cause_id == cause_id)
    found = paged(session, statement, paging, postings.c.posted_at, postings.c.posting_id, newest_first=True)
    return Page(rows=_with_entries(session, found.rows), next_after=found.next_after)


def postings_of(session: Session, cause_id: UUID) -> list[PostingOut]:
    """What was posted for a stretch or a payout, oldest first."""
    rows = session.execute(
        select(postings)
        .where(postings.c.cause_id == cause_id)
        .order_by(postings.c.posted_at, postings.c.reverses_posting_id.is_not(None), postings.c.posting_id)
    ).all()
    return _with_entries(session, rows)


def _kept() -> Subquery:
    return select(accounts).subquery()


def _added_up(at: datetime) -> Subquery:
    return (
        select(
            accounts.c.account_id,
            accounts.c.desk_id,
            accounts.c.kind,
            accounts.c.party_id,
            accounts.c.currency,
            func.sum(entries.c.minor).label("balance_minor"),
        )
        .join(entries, entries.c.account_id == accounts.c.account_id)
        .join(postings, postings.c.posting_id == entries.c.posting_id)
        .where(postings.c.posted_at <= at)
        .group_by(accounts.c.account_id)
        .subquery()
    )


def _with_entries(session: Session, found: Sequence[Row[Any]]) -> list[PostingOut]:
    rows = session.execute(
        select(entries.c.posting_id, accounts.c.kind, accounts.c.party_id, entries.c.minor, entries.c.currency)
        .join(accounts, accounts.c.account_id == entries.c.account_id)
        .where(entries.c.posting_id.in_([posting.posting_id for posting in found]))
        .order_by(accounts.c.kind, accounts.c.account_id)
    ).all()
    return [
        PostingOut(
            posting_id=posting.posting_id,
            posted_at=posting.posted_at,
            cause_kind=posting.cause_kind,
            cause_id=posting.cause_id,
            reverses_posting_id=posting.reverses_posting_id,
            entries=[EntryOut.model_validate(row) for row in rows if row.posting_id == posting.posting_id],
        )
        for posting in found
    ]
