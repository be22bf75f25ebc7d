"""The roster of one day: who is where, what runs late, and what a dispatcher may put right."""

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response

from services.web.clients import Problem
from services.web.language import one_day
from services.web.pages.frame import DispatcherForm, DispatcherPage, Page

router = APIRouter(include_in_schema=False)


@router.get("/roster")
def roster(page: DispatcherPage, on: date | None = None) -> Response:
    day = on or page.today
    start, end = one_day(day, page.words.zone)
    visits = page.api.get("roster", "/visits", from_=start.isoformat(), until=end.isoformat())
    rows: list[dict[str, Any]] = visits["rows"]
    by_carer = sorted(rows, key=lambda v: (v["carer"]["last_name"], v["carer"]["first_name"], v["carer"]["carer_id"]))
    lanes = [(carer, list(theirs)) for carer, theirs in groupby(by_carer, key=lambda v: v["carer"])]
    return page.draw(
        "roster.html",
        day=day,
        previous=day - timedelta(days=1),
        following=day + timedelta(days=1),
        lanes=lanes,
        visits=rows,
        alerts=[visit for visit in rows if visit["alert"]],
    )


@router.get("/roster/{visit_id}")
def rostered_visit(page: DispatcherPage, visit_id: UUID) -> Response:
    return _draw(page, visit_id)


@router.post("/roster/{visit_id}/cancel")
def cancel_visit(page: DispatcherForm, visit_id: UUID) -> Response:
    try:
        body = {"by": page.text("by"), "reason": page.text("reason")}
        page.api.post("roster", f"/visits/{visit_id}/cancel", body)
    except Problem as problem:
        return _draw(page, visit_id, page.refused(problem))
    return page.go(f"/roster/{visit_id}", "visit-cancelled")


@router.post("/roster/{visit_id}/correct")
def correct_visit(page: DispatcherForm, visit_id: UUID) -> Response:
    zone = page.text("zone")
    try:
        body = {
            "started_at": _instant(page.text("started_at"), zone),
            "ended_at": _instant(page.text("ended_at"), zone),
            "reason": page.text("reason"),
        }
        page.api.post("roster", f"/visits/{visit_id}/correct", body)
    except Problem as problem:
        return _draw(page, visit_id, page.refused(problem))
    return page.go(f"/roster/{visit_id}", "visit-corrected")


def _draw(page: Page, visit_id: UUID, status: int = 200) -> Response:
    visit = page.api.get("roster", f"/visits/{visit_id}")
    return page.draw("rostered_visit.html", status, at=f"/roster/{visit_id}", visit=visit)


def _instant(local: str, zone: str) -> str:
    """A local time as typed, as an instant; what can't be read is left for the service to name."""
    try:
        return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).isoformat()
    except (ValueError, KeyError, OSError):
        return local
