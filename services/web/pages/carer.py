"""A carer's phone: offers to take or leave, visits with their door, hours they are free, and being ill."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from services.web.clients import Problem
from services.web.language import first_instant, one_day
from services.web.pages.frame import CarerForm, CarerPage, Page, whole

router = APIRouter(include_in_schema=False)
LIVE = ("sent", "seen")
_DAYS_AHEAD = 7
_ABSENCES = ("sick", "family", "holiday", "other")
_KEPT = ("weeks", "first_monday", "on_holidays", "quiet", "urgent_in_quiet", "leave_by")


@router.get("/offers")
def offers(page: CarerPage) -> Response:
    rows = page.api.get("matching", "/my/offers", limit=50)["rows"]
    return page.draw(
        "offers.html",
        waiting=sorted((o for o in rows if o["state"] in LIVE), key=lambda o: o["expires_at"]),
        answered=[o for o in rows if o["state"] not in LIVE][:15],
    )


@router.get("/offers/{offer_id}")
def offer(page: CarerPage, offer_id: UUID) -> Response:
    found = page.api.get("matching", f"/my/offers/{offer_id}")
    if found["state"] == "sent":
        page.api.post("matching", f"/offers/{offer_id}/seen")
    return page.draw("offer.html", offer=found)


@router.post("/offers/{offer_id}/accept")
def accept_offer(page: CarerForm, offer_id: UUID) -> Response:
    try:
        page.api.post("matching", f"/offers/{offer_id}/accept")
    except Problem as problem:
        return _draw_offer(page, offer_id, page.refused(problem))
    return page.go("/offers", "accepted")


@router.post("/offers/{offer_id}/decline")
def decline_offer(page: CarerForm, offer_id: UUID) -> Response:
    body = {"reason": page.text("reason")} if page.text("reason") else {}
    try:
        page.api.post("matching", f"/offers/{offer_id}/decline", body)
    except Problem as problem:
        return _draw_offer(page, offer_id, page.refused(problem))
    return page.go("/offers", "declined")


@router.get("/visits")
def visits(page: CarerPage) -> Response:
    # A night that began yesterday is still tonight's work.
    start = first_instant(page.today - timedelta(days=1), page.words.zone)
    end = one_day(page.today + timedelta(days=_DAYS_AHEAD), page.words.zone)[1]
    rows: list[dict[str, Any]] = page.api.get("roster", "/my/visits", from_=start.isoformat(), until=end.isoformat())[
        "rows"
    ]
    current = [v for v in rows if v["state"] in ("rostered", "on_the_way", "started")]
    days: dict[date, list[dict[str, Any]]] = {}
    for visit in current:
        days.setdefault(page.words.local(visit["start"], visit["zone"]).date(), []).append(visit)
    return page.draw("my_visits.html", days=days, done=[v for v in rows if v not in current])


@router.get("/visits/{visit_id}")
def visit(page: CarerPage, visit_id: UUID) -> Response:
    return _draw_visit(page, visit_id)


@router.post("/visits/{visit_id}/check-in")
def check_in(page: CarerForm, visit_id: UUID) -> Response:
    try:
        page.api.post("roster", f"/visits/{visit_id}/check-in", {})
    except Problem as problem:
        return _draw_visit(page, visit_id, page.refused(problem))
    return page.go(f"/visits/{visit_id}", "checked-in")


@router.post("/visits/{visit_id}/check-out")
def check_out(page: CarerForm, visit_id: UUID) -> Response:
    try:
        page.api.post("roster", f"/visits/{visit_id}/check-out", {"handed_to": page.text("handed_to") or None})
    except Problem as problem:
        return _draw_visit(page, visit_id, page.refused(problem))
    return page.go(f"/visits/{visit_id}", "checked-out")


@router.get("/availability")
def availability(page: CarerPage) -> Response:
    return _draw_availability(page)


@router.post("/availability")
def change_availability(page: CarerForm) -> Response:
    rows = zip(*(page.form.getlist(name) for name in ("week", "weekday", "slot_start", "slot_end")), strict=False)
    weekly = [
        {"week": whole(str(week)), "weekday": whole(str(weekday)), "start": start, "end": end}
        for week, weekday, start, end in rows
        if start or end
    ]
    kept = page.api.get("roster", "/my/availability")
    try:
        # The API takes it whole: what this page doesn't show stays as it was.
        page.api.post("roster", "/my/availability", {name: kept[name] for name in _KEPT} | {"weekly": weekly})
    except Problem as problem:
        return _draw_availability(page, page.refused(problem), kept | {"weekly": weekly})
    return page.go("/availability", "availability-saved")


@router.get("/absence")
def absence(page: CarerPage) -> Response:
    return page.draw("absence.html", reasons=_ABSENCES)


@router.post("/absence")
def report_absence(page: CarerForm) -> Response:
    first, last = page.text("first"), page.text("last") or page.text("first")
    try:
        start = max(first_instant(date.fromisoformat(first), page.words.zone), page.words.local(page.now))
        end = one_day(date.fromisoformat(last), page.words.zone)[1]
    except ValueError:
        page.errors["first"] = page.words.say("Give the first and the last day you are away.")
        return page.draw("absence.html", 422, at="/absence", reasons=_ABSENCES)
    body = {"start": start.isoformat(), "end": end.isoformat(), "reason": page.text("reason")}
    try:
        page.api.post("roster", "/my/absences", body)
    except Problem as problem:
        status = page.refused(problem, {"#/start": "first", "#/end": "last"})
        return page.draw("absence.html", status, at="/absence", reasons=_ABSENCES)
    return page.go("/visits", "absence-reported")


def _draw_offer(page: Page, offer_id: UUID, status: int = 200) -> Response:
    return page.draw(
        "offer.html", status, at=f"/offers/{offer_id}", offer=page.api.get("matching", f"/my/offers/{offer_id}")
    )


def _draw_visit(page: Page, visit_id: UUID, status: int = 200) -> Response:
    return page.draw(
        "my_visit.html", status, at=f"/visits/{visit_id}", visit=page.api.get("roster", f"/my/visits/{visit_id}")
    )


def _draw_availability(page: Page, status: int = 200, kept: dict[str, Any] | None = None) -> Response:
    shown = kept or page.api.get("roster", "/my/availability")

    def slots(week: int, day: int) -> list[dict[str, Any]]:
        return [slot for slot in shown["weekly"] if (slot["week"], slot["weekday"]) == (week, day)]

    weeks = [[slots(week, day) or [{"start": "", "end": ""}] for day in range(7)] for week in range(shown["weeks"])]
    return page.draw("availability.html", status, at="/availability", weeks=weeks)
