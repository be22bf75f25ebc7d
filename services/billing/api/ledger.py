"""The desk's ledger."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.billing.queries import ledger as queries
from services.billing.schemas import PostingOut, TrialBalanceOut
from shared.auth.dependencies import ClerkEntrance
from shared.http.paging import MOST, Page, Paging, PagingQuery
from shared.http.schema import InstantIn

router = APIRouter(generate_unique_id_function=lambda route: route.name)


def _long_page(
    after: Annotated[str | None, Query(max_length=200)] = None, limit: Annotated[int, Query(ge=1, le=MOST)] = MOST
) -> Paging:
    return Paging(after=after, limit=limit)


@router.get("/ledger/trial-balance", tags=["ledger"], response_model=TrialBalanceOut)
def trial_balance(
    door: ClerkEntrance, paging: Annotated[Paging, Depends(_long_page)], at: InstantIn | None = None
) -> TrialBalanceOut:
    """Accounts that aren't at zero, now or at a time; the sums over all of them are zero in each currency."""
    return door.read(queries.trial_balance, at or door.runner.clock.now(), at is None, paging)


@router.get("/ledger/postings", tags=["ledger"], response_model=Page[PostingOut])
def list_postings(door: ClerkEntrance, paging: PagingQuery, cause: UUID | None = None) -> Page[PostingOut]:
    """Postings with their entries, newest first; `cause` is the id of a stretch of care or a payout."""
    return door.read(queries.list_postings, paging, cause)
