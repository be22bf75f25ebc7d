"""The clerk's pages: what is to be invoiced, how shared care was split, invoices, and whether the ledger balances."""

from datetime import date, timedelta
from itertools import groupby
from secrets import token_hex
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from services.web.clients import Problem
from services.web.pages.frame import ClerkForm, ClerkPage, Page

router = APIRouter(include_in_schema=False)
_MOST = 1_000


@router.get("/charges")
def charges(page: ClerkPage) -> Response:
    return _draw_charges(page)


@router.get("/charges/{charge_id}")
def charge(page: ClerkPage, charge_id: UUID) -> Response:
    found = page.api.get("billing", f"/charges/{charge_id}")
    return page.draw("charge.html", charge=found)


@router.post("/charges/invoice")
def issue_invoice(page: ClerkForm) -> Response:
    body = {"family_id": page.text("family_id"), "from": page.text("from"), "until": page.text("until")}
    try:
        page.api.post("billing", "/invoices", body, key=page.text("key") or None)
    except Problem as problem:
        return _draw_charges(page, page.refused(problem))
    return page.go("/invoices", "invoice-issued")


@router.post("/charges/run")
def issue_all_invoices(page: ClerkForm) -> Response:
    body = {"from": page.text("from"), "until": page.text("until")}
    try:
        page.api.post("billing", "/invoice-runs", body, key=page.text("key") or None)
    except Problem as problem:
        return _draw_charges(page, page.refused(problem))
    return page.go("/invoices", "invoices-issued")


@router.get("/invoices")
def invoices(page: ClerkPage) -> Response:
    return page.draw("invoices.html", invoices=page.api.rows("billing", "/invoices"))


@router.get("/invoices/{invoice_id}/pdf")
def invoice_pdf(page: ClerkPage, invoice_id: UUID) -> Response:
    made = page.api.download("billing", f"/invoices/{invoice_id}/pdf")
    return Response(made.body, media_type=made.media_type)


@router.get("/balance")
def trial_balance(page: ClerkPage) -> Response:
    return page.draw("balance.html", balance=page.api.get("billing", "/ledger/trial-balance"))


def _draw_charges(page: Page, status: int = 200) -> Response:
    rows = page.api.rows("billing", "/charges", most=_MOST, state="unbilled")
    by_family = sorted(rows, key=lambda row: (row["family_name"] or "", row["family_id"], row["on"], row["charge_id"]))
    families: list[tuple[dict[str, Any], list[dict[str, Any]], int]] = []
    for _, group in groupby(by_family, key=lambda row: row["family_id"]):
        theirs = list(group)
        families.append((theirs[0], theirs, sum(row["minor"] for row in theirs)))
    first, last = _last_month(page.today)
    if rows:
        first, last = min(first, date.fromisoformat(min(row["on"] for row in rows))), page.today
    return page.draw(
        "charges.html",
        status,
        at="/charges",
        families=families,
        count=len(rows),
        first=first,
        last=last,
        key=token_hex(16),
    )


def _last_month(today: date) -> tuple[date, date]:
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last
