"""One evening through the real system, by browser only: a call, a shortlist, a yes on a phone, the door, the invoice."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import expect

from infra.local.base_port import free_base_port
from infra.local.secret import secrets_in
from infra.local.system import PORTS, LocalSystem, databases_in
from services.identity.adapters.passwords import Passwords
from services.identity.commands import RegisterAccount, RegisterDesk
from services.identity.handlers.accounts import register_account
from services.identity.handlers.desks import register_desk
from shared.auth.roles import Caller, Role
from tests.browser.conftest import DESKTOP, PHONE, Window, keep_picture
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ZONE = ZoneInfo("Europe/London")
SECRET = "starlight over the pier"
PAPERS = ("good_conduct", "paediatric_first_aid", "ofsted", "insurance")
BRIGHTON = {"zone": "Europe/London", "area": "Hanover", "address": "12 Islingword Road, Brighton"}


@dataclass(frozen=True, slots=True)
class Town:
    """A running system with one desk, its people's accounts and one carer."""

    system: LocalSystem
    carer_id: UUID


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder: Path = tmp_path_factory.mktemp("evening")
    with databases_in(folder, durable=False) as databases:
        system = LocalSystem(databases, secrets_in(folder), free_base_port(PORTS, 18_000))
        system.start()
        try:
            yield Town(system, _settle(system))
        finally:
            system.close()


def test_an_evening_from_the_call_to_the_invoice(town: Town, open_window: Callable[..., Window]) -> None:
    base = town.system.urls["web"]
    desk, phone, office = open_window(base, DESKTOP), open_window(base, PHONE), open_window(base, DESKTOP)
    start = datetime.now(UTC).astimezone(ZONE).replace(second=0, microsecond=0) + timedelta(minutes=20)
    end = start + timedelta(hours=2)

    page = desk.sign_in("desk@example.org", SECRET)
    _register_family(desk)
    page.get_by_role("link", name="New request").click()
    page.get_by_role("textbox", name="Day", exact=True).fill(start.date().isoformat())
    page.get_by_label("From").first.fill(start.strftime("%H:%M"))
    page.get_by_label("Until").first.fill(end.strftime("%H:%M"))
    page.get_by_label("Reason").fill("Night shift at the hospital")
    page.get_by_role("button", name="Record the request").click()
    expect(page.get_by_text("The request has been recorded.")).to_be_visible()

    desk.open("/board")
    row = page.get_by_role("row", name=re.compile("Okafor"))
    expect(row).to_contain_text("Ife")
    row.get_by_role("link").click()
    wait_until(lambda: _look_again(page), within=20, what="the shortlist is there")
    keep_picture(page, "evening-shortlist")
    _send_offer_unless_sent(page)

    pocket = phone.sign_in("ana@example.org", SECRET)
    expect(pocket.get_by_text("Hanover").first).to_be_visible(timeout=15_000)
    assert "Islingword" not in pocket.content()
    keep_picture(pocket, "evening-offer")
    pocket.get_by_role("button", name="Accept").click()
    expect(pocket.get_by_text("You said yes.")).to_be_visible()

    desk.open(f"/roster?on={start.date()}")
    expect(page.get_by_role("link", name=re.compile("Okafor"))).to_contain_text("planned", timeout=15_000)
    phone.open("/visits")
    pocket.get_by_role("link", name=start.strftime("%H:%M")).click()
    expect(pocket.get_by_text("Islingword Road")).to_be_visible()
    pocket.get_by_role("button", name="Check in").click()
    expect(pocket.get_by_text("You are checked in.")).to_be_visible()
    # The board in the other room follows by itself.
    expect(page.get_by_role("link", name=re.compile("Okafor"))).to_contain_text("running", timeout=15_000)
    pocket.get_by_label("Who takes the children over").fill("Chidi Okafor")
    pocket.get_by_role("button", name="Check out").click()
    expect(pocket.get_by_text("You are checked out. Thank you.")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Okafor"))).to_contain_text("completed", timeout=15_000)
    keep_picture(page, "evening-roster")

    books = office.sign_in("clerk@example.org", SECRET)
    expect(books.get_by_role("heading", name="Okafor")).to_be_visible(timeout=15_000)
    books.get_by_role("link", name="How").first.click()
    expect(books.get_by_text("Allocation sheet").first).to_be_visible()
    keep_picture(books, "evening-sheet")
    office.open("/charges")
    books.get_by_role("button", name="Issue invoice").click()
    expect(books.get_by_text("The invoice has been issued.")).to_be_visible()
    expect(books.get_by_role("row", name=re.compile("Okafor"))).to_be_visible()
    pdf = office.context.request.get(base + str(books.get_by_role("link", name="PDF").get_attribute("href")))
    assert pdf.body().startswith(b"%PDF-")
    office.open("/balance")
    keep_picture(books, "evening-balance")
    for window in (desk, phone, office):
        assert window.complaints == []


def _register_family(desk: Window) -> None:
    page = desk.open("/families/new")
    page.get_by_label("Family name").fill("Okafor")
    page.get_by_label("Street, number, town").fill("12 Islingword Road, Brighton")
    page.get_by_label("Area").fill("Hanover")
    page.get_by_label("Latitude").fill("50.8330")
    page.get_by_label("Longitude").fill("-0.1290")
    page.get_by_label("First name").fill("Ife")
    page.get_by_label("Born").fill("2022-02-01")
    page.get_by_role("button", name="Register the family").click()
    expect(page.get_by_text("The family has been registered.")).to_be_visible()


def _look_again(page: Any) -> bool:
    if page.get_by_text("Ana Field").count():
        return True
    page.reload()
    return bool(page.get_by_text("Ana Field").count())


def _send_offer_unless_sent(page: Any) -> None:
    """The first wave may have asked her already; else the dispatcher does."""
    box = page.get_by_role("checkbox", name=re.compile("Ana Field"))
    if box.is_enabled():
        box.check()
        page.get_by_role("button", name="Send offers").click()
        expect(page.get_by_text("The offers have been sent.")).to_be_visible()
    else:
        expect(page.locator("#offers")).to_contain_text("Ana Field")


def _settle(system: LocalSystem) -> UUID:
    """A desk, its dispatcher, clerk and one carer with papers, hours and tariffs."""
    desk_id = uuid4()
    identity = system.running["identity"].runner
    founder = Caller(desk_id=desk_id)
    identity.run(
        register_desk,
        RegisterDesk(
            name="Brighton Evening Desk",
            country="en",
            currency="GBP",
            languages=("en",),
            zone=ZONE.key,
            desk_id=desk_id,
        ),
        caller=founder,
    )
    password_hash = Passwords(10).hash(SECRET)

    def account(email: str, name: str, role: Role, person_id: UUID | None = None) -> None:
        command = RegisterAccount(email=email, name=name, password_hash=password_hash, role=role, person_id=person_id)
        identity.run(register_account, command, caller=founder)

    account("desk@example.org", "Dana Desk", Role.DISPATCHER)
    account("clerk@example.org", "Cleo Clerk", Role.CLERK)
    for mode in ("family_home",):
        for party, rate in (("family", 1800), ("carer", 1300)):
            _as(system, "clerk@example.org", "billing", "/tariffs", _tariff(party, mode, rate))
    papers = [{"kind": kind, "valid_from": "2020-01-01", "checked": True} for kind in PAPERS]
    carer = {
        "first_name": "Ana",
        "last_name": "Field",
        "modes": ["family_home"],
        "home": {"latitude": 50.835, "longitude": -0.125, **BRIGHTON, "address": "4 Elm Grove, Brighton"},
        "languages": ["en"],
        "transport": "bike",
        "max_distance_km": 15,
        "opt_ins": ["nights", "weekends", "occasional", "sick_child"],
        "credentials": papers,
        "cleared_on": "2020-01-01",
    }
    told = _as(system, "desk@example.org", "roster", "/carers", carer)
    carer_id = UUID(told["carer_id"])
    weekly = [{"weekday": day, "start": "00:00", "end": "00:00"} for day in range(7)]
    _as(system, "desk@example.org", "roster", f"/carers/{carer_id}/availability", {"weekly": weekly})
    account("ana@example.org", "Ana Field", Role.CARER, carer_id)
    return carer_id


def _tariff(party: str, mode: str, minor_per_hour: int) -> dict[str, Any]:
    facts = {
        "minor_per_hour": minor_per_hour,
        "currency": "GBP",
        "per": "household",
        "minimum_minutes": 60,
        "rounding_minutes": 15,
        "rounding": "up",
        "bands": [],
    }
    return {"party": party, "mode": mode, "valid_from": "2020-01-01", "tariff": facts}


def _as(system: LocalSystem, email: str, service: str, path: str, body: dict[str, Any]) -> Any:
    signed = httpx.post(f"{system.urls['identity']}/sign-in", json={"email": email, "password": SECRET}).json()
    headers = {"Authorization": f"Bearer {signed['access_token']}"}
    answer = httpx.post(f"{system.urls[service]}{path}", json=body, headers=headers)
    assert answer.is_success, answer.text
    return answer.json()
