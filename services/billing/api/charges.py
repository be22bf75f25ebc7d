"""What was charged for care, and how."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.billing.queries import charges as queries
from services.billing.schemas import ChargeOut, ChargeSheetOut, TraceOut, WaitingVisitOut
from shared.auth.dependencies import ClerkEntrance
from shared.http.paging import Page, PagingQuery

router = APIRouter(generate_unique_id_function=lambda route: route.name)


@router.get("/charges", tags=["charges"], response_model=Page[ChargeOut])
def list_charges(
    door: ClerkEntrance,
    paging: PagingQuery,
    state: queries.Billed | None = None,
    family_id: UUID | None = None,
    from_: Annotated[date | None, Query(alias="from")] = None,
    until: date | None = None,
) -> Page[ChargeOut]:
    """Charges and their reversals by day of care; `state=unbilled` are those on no invoice."""
    return door.read(queries.list_charges, paging, state=state, family_id=family_id, first=from_, last=until)


@router.get(
    "/charges/{charge_id}",
    tags=["charges"],
    response_model=ChargeSheetOut,
    responses={404: {"description": "Not at this desk."}},
)
def find_charge(door: ClerkEntrance, charge_id: UUID) -> ChargeSheetOut:
    """The allocation sheet: the price's lines, who was there when, the rule, and each family's part."""
    return door.read(queries.find_charge, charge_id)


@router.get("/visits/waiting", tags=["charges"], response_model=Page[WaitingVisitOut])
def list_waiting(door: ClerkEntrance, paging: PagingQuery) -> Page[WaitingVisitOut]:
    """Visits that are over and not charged yet, and what each waits for: a tariff, rules, the other family."""
    return door.read(queries.list_waiting, paging)


@router.get(
    "/visits/{visit_id}/trace",
    tags=["charges"],
    response_model=TraceOut,
    responses={404: {"description": "Not at this desk."}},
)
def trace_visit(door: ClerkEntrance, visit_id: UUID) -> TraceOut:
    """From a visit to the last posting it caused, reversals and invoices included."""
    return door.read(queries.trace_visit, visit_id)
