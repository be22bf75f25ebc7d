"""What carers are paid."""

from uuid import UUID

from fastapi import APIRouter, Response

from services.billing import commands
from services.billing.handlers import payouts as handlers
from services.billing.handlers import runs
from services.billing.queries import payouts as queries
from services.billing.schemas import PayoutIn, PayoutOrderedOut, PayoutOut, PeriodIn, RunStartedOut
from shared.auth.dependencies import CarerEntrance, ClerkEntrance
from shared.domain.errors import NotFound
from shared.http.paging import Page, PagingQuery

router = APIRouter(generate_unique_id_function=lambda route: route.name)


@router.post(
    "/payouts",
    tags=["payouts"],
    status_code=201,
    response_model=PayoutOrderedOut,
    responses={
        404: {"description": "Not at this desk."},
        409: {"description": "`type` ends in nothing-to-pay, credit-waits or desk-unknown."},
    },
)
def order_payout(door: ClerkEntrance, body: PayoutIn) -> Response:
    """Pay a carer what they earned on these days and weren't paid yet."""
    command = commands.OrderPayout(carer_id=body.carer_id, period_from=body.from_, period_until=body.until)
    return door.do(handlers.order_payout, command, present=PayoutOrderedOut.model_validate, status=201)


@router.post("/payout-runs", tags=["payouts"], status_code=202, response_model=RunStartedOut)
def start_payout_run(door: ClerkEntrance, body: PeriodIn) -> Response:
    """Have every carer paid who earned something on these days; it goes on by itself, see the run."""
    command = commands.StartPayoutRun(period_from=body.from_, period_until=body.until)
    return door.do(runs.start_payout_run, command, present=RunStartedOut.model_validate, status=202)


@router.get("/payouts", tags=["payouts"], response_model=Page[PayoutOut])
def list_payouts(door: ClerkEntrance, paging: PagingQuery, carer_id: UUID | None = None) -> Page[PayoutOut]:
    """Every payout, newest first."""
    return door.read(queries.list_payouts, paging, carer_id=carer_id)


@router.get("/my/payouts", tags=["my payouts"], response_model=Page[PayoutOut])
def my_payouts(door: CarerEntrance, paging: PagingQuery) -> Page[PayoutOut]:
    """The carer's own payouts, newest first."""
    if door.caller.person_id is None:
        raise NotFound("Your account stands for no carer of this desk; ask your desk to link it.")
    return door.read(queries.list_payouts, paging, carer_id=door.caller.person_id)
