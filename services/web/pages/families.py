"""Families: found by name or phone, read, registered."""

import secrets
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.web.clients import Problem
from services.web.language import LANGUAGES
from services.web.pages.frame import DispatcherForm, DispatcherPage, Page

router = APIRouter(include_in_schema=False)
_EMPTY_CHILD = ("", "", "", "")


@router.get("/families")
def families(
    page: DispatcherPage,
    q: Annotated[str, Query(max_length=100)] = "",
    after: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    found = page.api.get("request", "/families", q=q.strip() or None, after=after)
    return page.draw("families.html", found=found["rows"], next_after=found["next_after"], q=q.strip())


@router.get("/families/new")
def new_family(page: DispatcherPage) -> Response:
    return _draw(page)


@router.post("/families/new")
def register_family(page: DispatcherForm) -> Response:
    body: dict[str, Any] = {
        "name": page.text("name"),
        "language": page.text("language"),
        "home": {
            "latitude": _number(page.text("latitude")),
            "longitude": _number(page.text("longitude")),
            "zone": page.text("zone"),
            "area": page.text("area"),
            "address": page.text("address"),
        },
        "children": [
            {"first_name": name, "born": born, "care_needs": _list(needs), "allergies": _list(allergies)}
            for name, born, needs, allergies in _children(page)
            if name or born
        ],
    }
    body |= {name: page.text(name) for name in ("phone", "email") if page.text(name)}
    try:
        registered = page.api.post("request", "/families", body, key=page.text("key") or None)
    except Problem as problem:
        fields = {f"#/home/{name}": name for name in ("latitude", "longitude", "zone", "area", "address")}
        return _draw(page, page.refused(problem, fields))
    return page.go(f"/families/{registered['family_id']}", "family-registered")


@router.get("/families/{family_id}")
def family(page: DispatcherPage, family_id: UUID) -> Response:
    return page.draw("family.html", family=page.api.get("request", f"/families/{family_id}"))


def _draw(page: Page, status: int = 200) -> Response:
    return page.draw(
        "new_family.html",
        status,
        at="/families/new",
        children=_children(page) or [_EMPTY_CHILD],
        family_languages=LANGUAGES,
        key=page.text("key") or secrets.token_hex(16),
    )


def _children(page: Page) -> list[tuple[str, ...]]:
    columns = [
        [str(value).strip() for value in page.form.getlist(name)] for name in ("first_name", "born", "needs", "allergy")
    ]
    return list(zip(*columns, strict=False))


def _list(written: str) -> list[str]:
    return [part.strip() for part in written.split(",") if part.strip()]


def _number(written: str) -> float | str:
    """The number, however its decimals are written; what is none is left for the service to name."""
    try:
        return float(written.replace(",", "."))
    except ValueError:
        return written
