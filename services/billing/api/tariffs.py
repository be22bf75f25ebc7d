"""What families pay and carers earn, and how the desk invoices."""

from datetime import date

from fastapi import APIRouter, Response

from services.billing import commands
from services.billing.handlers import tariffs as handlers
from services.billing.queries import tariffs as queries
from services.billing.schemas import PolicyIn, PolicyOut, TariffIn, TariffOut
from shared.auth.dependencies import ClerkEntrance
from shared.http.paging import Page, PagingQuery

router = APIRouter(generate_unique_id_function=lambda route: route.name)


@router.post(
    "/tariffs",
    tags=["tariffs"],
    status_code=201,
    response_model=TariffOut,
    responses={409: {"description": "`type` ends in tariff-overlap, already-charged or desk-unknown."}},
)
def set_tariff(door: ClerkEntrance, body: TariffIn) -> Response:
    """What a family pays or a carer earns an hour in one mode, from a day on; earlier tariffs stay as they were."""
    command = commands.SetTariff(
        party=body.party, mode=body.mode, valid_from=body.valid_from, tariff=body.tariff.facts()
    )
    return door.do(handlers.set_tariff, command, present=TariffOut.model_validate, status=201)


@router.get("/tariffs", tags=["tariffs"], response_model=Page[TariffOut])
def list_tariffs(door: ClerkEntrance, paging: PagingQuery) -> Page[TariffOut]:
    """Every tariff the desk has set, the latest first day first."""
    return door.read(queries.list_tariffs, paging)


@router.post("/policy", tags=["policy"], status_code=201, response_model=PolicyOut)
def set_billing_policy(door: ClerkEntrance, body: PolicyIn) -> Response:
    """Prefix, days to pay and the account to pay to, from a day of issue on."""
    command = commands.SetBillingPolicy(**body.model_dump())
    return door.do(handlers.set_billing_policy, command, present=PolicyOut.model_validate, status=201)


@router.get("/policy", tags=["policy"], response_model=PolicyOut)
def find_billing_policy(door: ClerkEntrance, on: date | None = None) -> PolicyOut:
    """How the desk invoices on a day, today's if none is named."""
    return door.read(queries.find_policy, door.caller.desk_id, on or door.runner.clock.now().date())
