"""The dispatcher's board: visits without a certain carer, who may come and why, and the offers sent."""

import secrets
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.web.clients import Problem
from services.web.pages.frame import DispatcherForm, DispatcherPage, Page, whole

router = APIRouter(include_in_schema=False)
HORIZONS = (2, 7, 14, 28)
_BEGUN_HOURS = 12


@router.get("/board")
def board(page: DispatcherPage, days: Annotated[int, Query(ge=1, le=60)] = 14) -> Response:
    since = page.now - timedelta(hours=_BEGUN_HOURS)
    visits = page.api.get(
        "matching", "/visits/open", from_=since.isoformat(), until=(page.now + timedelta(days=days)).isoformat()
    )["rows"]
    soon = page.now + timedelta(hours=24)
    tallies = {
        "all": len(visits),
        "call": sum(visit["call_dispatcher"] for visit in visits),
        "soon": sum(datetime.fromisoformat(visit["start"]) <= soon for visit in visits),
        "asked": sum(visit["state"] == "offered" for visit in visits),
        "confirming": sum(visit["state"] == "accepted" for visit in visits),
    }
    children = _children(page) if visits else {}
    return page.draw(
        "board.html", visits=visits, tallies=tallies, children=children, days=days, horizons=HORIZONS, soon=soon
    )


@router.get("/board/{visit_id}")
def open_visit(page: DispatcherPage, visit_id: UUID) -> Response:
    return _draw(page, visit_id)


@router.post("/board/{visit_id}/offers")
def send_offers(page: DispatcherForm, visit_id: UUID) -> Response:
    minutes = page.text("expires_in_minutes")
    body: dict[str, Any] = {"carer_ids": page.texts("carer_ids")}
    if minutes:
        body["expires_in_minutes"] = whole(minutes)
    try:
        page.api.post("matching", f"/visits/{visit_id}/offers", body, key=page.text("key") or None)
    except Problem as problem:
        return _draw(page, visit_id, page.refused(problem))
    return page.go(f"/board/{visit_id}", "offers-sent")


@router.post("/board/{visit_id}/withdraw/{offer_id}")
def withdraw_offer(page: DispatcherForm, visit_id: UUID, offer_id: UUID) -> Response:
    try:
        page.api.post("matching", f"/offers/{offer_id}/withdraw")
    except Problem as problem:
        return _draw(page, visit_id, page.refused(problem))
    return page.go(f"/board/{visit_id}", "offer-withdrawn")


@router.post("/board/{visit_id}/release")
def release_visit(page: DispatcherForm, visit_id: UUID) -> Response:
    try:
        page.api.post("matching", f"/visits/{visit_id}/release", {"reason": page.text("reason")})
    except Problem as problem:
        return _draw(page, visit_id, page.refused(problem))
    return page.go(f"/board/{visit_id}", "visit-released")


def _draw(page: Page, visit_id: UUID, status: int = 200) -> Response:
    visit = _visit(page, visit_id)
    request = page.api.get("request", f"/care-requests/{visit['care_request_id']}") if visit else None
    offers = page.api.rows("matching", f"/visits/{visit_id}/offers")
    return page.draw(
        "open_visit.html",
        status,
        at=f"/board/{visit_id}",
        visit_id=visit_id,
        visit=visit,
        asked=request,
        family=page.api.get("request", f"/families/{visit['family_id']}") if visit else None,
        shortlist=_shortlist(page, visit_id),
        offers=offers,
        policy=page.api.get("matching", "/policy"),
        key=secrets.token_hex(16),
        picked=set(page.texts("carer_ids")),
    )


def _visit(page: Page, visit_id: UUID) -> dict[str, Any] | None:
    """The visit as the board knows it, or None once it needs no carer any more."""
    since, until = page.now - timedelta(hours=_BEGUN_HOURS), page.now + timedelta(days=61)
    rows: list[dict[str, Any]] = page.api.get(
        "matching", "/visits/open", from_=since.isoformat(), until=until.isoformat()
    )["rows"]
    return next((row for row in rows if row["visit_id"] == str(visit_id)), None)


def _shortlist(page: Page, visit_id: UUID) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = page.api.get("matching", f"/visits/{visit_id}/shortlist")
    except Problem as problem:
        if problem.status == 404:
            return None
        raise
    return found


def _children(page: Page) -> dict[str, list[dict[str, Any]]]:
    """First names and ages of the children of each request; the board stays usable without them."""
    try:
        requests = page.api.rows("request", "/care-requests", most=400)
    except Problem as problem:
        if problem.status < 500:
            raise
        return {}
    return {request["care_request_id"]: request["children"] for request in requests}
