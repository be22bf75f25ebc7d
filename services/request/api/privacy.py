"""What is held about a family, who read it, and who may know what of it."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from services.request.api.entrance import logged_read
from services.request.api.responses import CHANGED, NOT_FOUND
from services.request.commands.families import ExportFamily, KeepConsent, WithdrawConsent
from services.request.handlers import consents, reads
from services.request.queries.privacy import accesses_page, displaced, waivers
from services.request.schemas.families import (
    AccessOut,
    ConsentIn,
    ConsentKeptOut,
    DisplacementOut,
    WaiverOut,
)
from shared.auth.dependencies import DispatcherEntrance
from shared.http.paging import Page, PagingQuery

router = APIRouter(tags=["privacy"], generate_unique_id_function=lambda route: route.name)


@router.get("/families/{family_id}/accesses", response_model=Page[AccessOut])
def find_accesses(door: DispatcherEntrance, paging: PagingQuery, family_id: UUID) -> Page[AccessOut]:
    """Who read data of this family's children, the latest first."""
    rows, next_after = door.read(accesses_page, family_id, paging.after, paging.limit)
    return Page(rows=[AccessOut.model_validate(row) for row in rows], next_after=next_after)


@router.get("/families/{family_id}/introductions-skipped", response_model=list[WaiverOut])
def find_waivers(door: DispatcherEntrance, family_id: UUID) -> list[WaiverOut]:
    """First meetings with strangers that were skipped, and on whose word."""
    return [WaiverOut.model_validate(row) for row in door.read(waivers, family_id)]


@router.get("/families/{family_id}/displacements", response_model=list[DisplacementOut])
def find_displacements(door: DispatcherEntrance, family_id: UUID) -> list[DisplacementOut]:
    """Carers the family gave up for a more urgent need, and on whose word."""
    return [DisplacementOut.model_validate(row) for row in door.read(displaced, family_id)]


@router.get("/families/{family_id}/export", response_model=dict[str, list[dict[str, Any]]], responses=NOT_FOUND)
def export_family(door: DispatcherEntrance, family_id: UUID) -> Response:
    """Everything this service holds about a family, machine-readable. The read is logged."""
    return logged_read(door, reads.export_family, ExportFamily(family_id=family_id), present=lambda held: held.rows)


@router.post("/families/{family_id}/consents", status_code=201, response_model=ConsentKeptOut, responses=CHANGED)
def keep_consent(door: DispatcherEntrance, family_id: UUID, body: ConsentIn) -> Response:
    """What a party may know of the family from now on; an earlier consent about the same party is over."""
    command = KeepConsent(family_id=family_id, **body.model_dump())
    return door.do(consents.keep_consent, command, present=lambda kept: ConsentKeptOut(consent_id=kept), status=201)


@router.post("/consents/{consent_id}/withdraw", response_model=ConsentKeptOut, responses=CHANGED)
def withdraw_consent(door: DispatcherEntrance, consent_id: UUID) -> Response:
    """The family allows it no longer."""
    command = WithdrawConsent(consent_id=consent_id)
    return door.do(consents.withdraw_consent, command, present=lambda kept: ConsentKeptOut(consent_id=kept))
