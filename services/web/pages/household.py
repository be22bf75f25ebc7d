"""What a family sees: its own requests in plain words, who is coming, and its invoices."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from services.web.clients import Problem
from services.web.pages.frame import FamilyForm, FamilyPage, whole

router = APIRouter(include_in_schema=False)


@router.get("/care")
def care(page: FamilyPage) -> Response:
    requests = page.api.rows("request", "/my/care-requests")
    visits: list[dict[str, Any]] = [
        {**visit, "care_request_id": request["care_request_id"], "children": _names(request, visit)}
        for request in requests
        for visit in request["visits"]
    ]
    visits.sort(key=lambda visit: datetime.fromisoformat(visit["start"]))
    return page.draw("care.html", visits=visits[:60], requests=requests)


@router.get("/care/{care_request_id}")
def my_care_request(page: FamilyPage, care_request_id: UUID) -> Response:
    return page.draw("my_care_request.html", asked=page.api.get("request", f"/my/care-requests/{care_request_id}"))


@router.post("/care/{care_request_id}/withdraw")
def withdraw_my_care_request(page: FamilyForm, care_request_id: UUID) -> Response:
    try:
        body = {"version": whole(page.text("version"))}
        page.api.post("request", f"/my/care-requests/{care_request_id}/withdraw", body)
    except Problem as problem:
        status = page.refused(problem)
        asked = page.api.get("request", f"/my/care-requests/{care_request_id}")
        return page.draw("my_care_request.html", status, at=f"/care/{care_request_id}", asked=asked)
    return page.go("/care", "request-withdrawn")


@router.get("/my-invoices")
def my_invoices(page: FamilyPage) -> Response:
    return page.draw("my_invoices.html", invoices=page.api.rows("billing", "/my/invoices"))


@router.get("/my-invoices/{invoice_id}/pdf")
def my_invoice_pdf(page: FamilyPage, invoice_id: UUID) -> Response:
    made = page.api.download("billing", f"/my/invoices/{invoice_id}/pdf")
    return Response(made.body, media_type=made.media_type)


def _names(request: dict[str, Any], visit: dict[str, Any]) -> list[str]:
    return [child["first_name"] for child in request["children"] if child["child_id"] in visit["child_ids"]]
