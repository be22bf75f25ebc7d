"""Requests for care: taken by phone in one form, read back, withdrawn."""

import secrets
from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.web.clients import Problem
from services.web.pages.frame import DispatcherForm, DispatcherPage, Page, whole

router = APIRouter(include_in_schema=False)
STATES = ("open", "offered", "accepted", "certain", "running", "unfilled", "completed", "cancelled")
# What the request service calls a field, and what the form calls it.
_FIELDS = {
    "#/visits/0/start_local": "on",
    "#/visits/0/end_local": "until",
    "#/visits/0/start": "on",
    "#/visits/0/end": "until",
    "#/visits": "on",
    "#/patterns": "slots",
    "#/patterns/0": "slots",
    "#/patterns/0/slots": "slots",
    "#/patterns/0/starts_on": "starts_on",
    "#/patterns/0/ends_on": "ends_on",
    "#/patterns/0/weeks": "weeks",
}


@router.get("/requests")
def care_requests(page: DispatcherPage, state: str = "") -> Response:
    rows = page.api.rows("request", "/care-requests", state=state if state in STATES else None)
    return page.draw("care_requests.html", requests=rows, state_asked=state, states=STATES)


@router.get("/requests/new")
def new_care_request(page: DispatcherPage, family: UUID | None = None) -> Response:
    return _draw(page, family)


@router.get("/requests/families")
def find_family(page: DispatcherPage, q: Annotated[str, Query(max_length=100)] = "") -> Response:
    found = page.api.get("request", "/families", q=q, limit=8)["rows"] if q.strip() else []
    return page.draw("found_families.html", found=found, q=q.strip())


@router.post("/requests/new")
def open_care_request(page: DispatcherForm) -> Response:
    body: dict[str, Any] = {
        "family_id": page.text("family_id"),
        "child_ids": page.texts("child_ids"),
        "mode": page.text("mode"),
        "skills": [skill.strip() for skill in page.text("skills").split(",") if skill.strip()],
    }
    if page.text("reason"):
        body["reason"] = page.text("reason")
    if page.text("shared_care_id"):
        body["shared_care_id"] = page.text("shared_care_id")
    if page.text("urgency"):
        body["urgency"] = page.text("urgency")
    body |= {"patterns": [_pattern(page)]} if page.text("kind") == "pattern" else {"visits": [_visit(page)]}
    try:
        opened = page.api.post("request", "/care-requests", body, key=page.text("key") or None)
    except Problem as problem:
        return _draw(page, UUID(body["family_id"]), page.refused(problem, _FIELDS))
    return page.go(f"/requests/{opened['care_request_id']}", "request-recorded")


@router.get("/requests/{care_request_id}")
def care_request(page: DispatcherPage, care_request_id: UUID) -> Response:
    asked = page.api.get("request", f"/care-requests/{care_request_id}")
    return page.draw("care_request.html", asked=asked)


@router.post("/requests/{care_request_id}/withdraw")
def withdraw_care_request(page: DispatcherForm, care_request_id: UUID) -> Response:
    body: dict[str, Any] = {"version": whole(page.text("version"))}
    body |= {"why": page.text("why")} if page.text("why") else {}
    try:
        page.api.post("request", f"/care-requests/{care_request_id}/withdraw", body)
    except Problem as problem:
        status = page.refused(problem)
        asked = page.api.get("request", f"/care-requests/{care_request_id}")
        return page.draw("care_request.html", status, at=f"/requests/{care_request_id}", asked=asked)
    return page.go(f"/requests/{care_request_id}", "request-withdrawn")


def _draw(page: Page, family_id: UUID | None, status: int = 200) -> Response:
    family = page.api.get("request", f"/families/{family_id}") if family_id else None
    shared = page.api.rows("request", "/shared-care") if family else []
    slots = list(
        zip(
            page.form.getlist("weekday"),
            page.form.getlist("slot_start"),
            page.form.getlist("slot_end"),
            page.form.getlist("week"),
            strict=False,
        )
    )
    return page.draw(
        "new_care_request.html",
        status,
        at=f"/requests/new?family={family_id}" if family_id else "/requests/new",
        family=family,
        shared=[each for each in shared if any(c["family_id"] == str(family_id) for c in each["consents"])],
        slots=slots or [("0", "", "", "0")],
        key=page.text("key") or secrets.token_hex(16),
        picked=page.texts("child_ids"),
    )


def _visit(page: Page) -> dict[str, str]:
    """One visit in local time; an end not after the start is the next day's."""
    on, start, end = page.text("on"), page.text("start"), page.text("end")
    last = on
    if end and start and end <= start:
        try:
            last = (date.fromisoformat(on) + timedelta(days=1)).isoformat()
        except ValueError:
            last = on
    if page.text("until"):
        last = page.text("until")
    return {"start_local": f"{on}T{start}", "end_local": f"{last}T{end}"}


def _pattern(page: Page) -> dict[str, Any]:
    columns = [
        [str(value).strip() for value in page.form.getlist(name)]
        for name in ("week", "weekday", "slot_start", "slot_end")
    ]
    slots = [
        {"week": whole(week or "0"), "weekday": whole(weekday), "start": start, "end": end}
        for week, weekday, start, end in zip(*columns, strict=False)
        if start or end
    ]
    pattern: dict[str, Any] = {
        "starts_on": page.text("starts_on"),
        "weeks": whole(page.text("weeks") or "1"),
        "slots": slots,
    }
    if page.text("ends_on"):
        pattern["ends_on"] = page.text("ends_on")
    return pattern
