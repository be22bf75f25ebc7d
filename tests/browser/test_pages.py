"""Every page in a browser, wide and narrow: usable by keyboard and screen reader, nothing sticks out, nothing is blocked."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import expect

from shared.messages import Message
from tests.browser.conftest import DESKTOP, PHONE, Evening, Window, keep_picture
from tests.services.web.stub import CARER, DESK, FAMILY, Asked, Refusal
from tests.services.web.town import BEA, CHARGE, OFFER, REQUEST, ROSTERED, RUNNING, VISIT, offer
from tests.support.waiting import wait_until

pytestmark = pytest.mark.browser

PAGES = {
    "dispatcher": (
        "/board",
        f"/board/{VISIT}",
        "/roster",
        f"/roster/{ROSTERED}",
        "/requests",
        "/requests/new",
        f"/requests/new?family={FAMILY}",
        f"/requests/{REQUEST}",
        "/families",
        "/families/new",
        f"/families/{FAMILY}",
    ),
    "carer": ("/offers", f"/offers/{OFFER}", "/visits", f"/visits/{ROSTERED}", "/availability", "/absence"),
    "clerk": ("/charges", f"/charges/{CHARGE}", "/invoices", "/balance"),
    "family": ("/care", f"/care/{REQUEST}", "/my-invoices"),
    "admin": ("/account",),
}


def serious(page: Any, axe_source: str) -> list[str]:
    """What axe finds that would keep people out. The script comes from the tests, past the page's own policy."""
    page.evaluate(axe_source)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {violation['nodes'][0]['html'][:160]}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("role", sorted(PAGES))
def test_every_page_is_usable_by_everyone(
    an_evening: Evening, open_window: Callable[..., Window], axe_source: str, role: str, size: tuple[int, int]
) -> None:
    window = open_window(an_evening.base, size)
    window.open("/sign-in")
    assert serious(window.page, axe_source) == []
    window.sign_in(f"{role}@example.org")
    for path in PAGES[role]:
        page = window.open(path)
        keep_picture(page, f"{role}{path.partition('?')[0].replace('/', '-')[:24]}-{size[0]}")
        assert serious(page, axe_source) == [], path
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, path
        assert page.locator("h1").count() == 1 or page.locator(".hours").count() >= 1, path
    assert window.complaints == []


def test_a_page_reads_again_what_a_hint_names_and_says_so(
    an_evening: Evening, open_window: Callable[..., Window]
) -> None:
    window = open_window(an_evening.base)
    page = window.sign_in("dispatcher@example.org")
    expect(page.locator("#stream")).to_contain_text("Live")
    expect(page.get_by_text("Nzeogwu", exact=True)).to_be_visible()
    board = an_evening.stub.answers["matching", "GET /visits/open"]
    assert isinstance(board, dict)
    board["rows"][0]["state"] = "accepted"
    board["rows"][0]["carer_name"] = "Bea Lund"
    page.get_by_role("link", name="New request").focus()
    an_evening.hub.hint(hint_of("matching", "offer.accepted.v1"))
    expect(page.get_by_text("Bea Lund")).to_be_visible()
    expect(page.locator("#heard")).to_contain_text("Updated at")
    expect(page.get_by_role("link", name="New request")).to_be_focused()


def test_a_hint_of_another_service_leaves_a_page_alone(an_evening: Evening, open_window: Callable[..., Window]) -> None:
    window = open_window(an_evening.base, PHONE)
    page = window.sign_in("carer@example.org")
    expect(page.locator("#stream")).to_contain_text("Live")
    before = len(an_evening.stub.of("matching", "GET /my/offers"))
    an_evening.hub.hint(hint_of("roster", "visit.rostered.v1", carer_id=str(CARER)))
    an_evening.hub.hint(hint_of("matching", "offer.made.v1", carer_id=str(CARER)))
    wait_until(lambda: len(an_evening.stub.of("matching", "GET /my/offers")) > before, what="the offers are re-read")
    assert an_evening.stub.of("roster", "GET /my/visits") == []


def test_a_page_says_when_it_is_not_live_any_more(an_evening: Evening, open_window: Callable[..., Window]) -> None:
    window = open_window(an_evening.base)
    page = window.sign_in("dispatcher@example.org")
    expect(page.locator("#stream")).to_contain_text("Live")
    an_evening.hub.close()
    expect(page.locator("#stream")).to_contain_text("Not live, reconnecting")


def test_a_double_click_sends_one_form(an_evening: Evening, open_window: Callable[..., Window]) -> None:
    window = open_window(an_evening.base)
    window.sign_in("dispatcher@example.org")
    page = window.open(f"/requests/new?family={FAMILY}")
    page.get_by_label("From").first.fill("21:00")
    page.get_by_label("Until").first.fill("07:00")
    page.get_by_role("button", name="Record the request").dblclick()
    page.wait_for_url("**/requests/*?done=request-recorded")
    assert len(an_evening.stub.of("request", "POST /care-requests")) == 1


def test_a_weekly_request_is_written_with_the_rows_one_adds(
    an_evening: Evening, open_window: Callable[..., Window]
) -> None:
    window = open_window(an_evening.base)
    window.sign_in("dispatcher@example.org")
    page = window.open("/requests/new")
    page.get_by_label("Who is calling?").press_sequentially("bou", delay=20)
    page.get_by_role("link", name="Choose Bouazza").click()
    page.get_by_label("Every week").check()
    page.locator(".slots-row").get_by_label("From").fill("21:00")
    page.locator(".slots-row").get_by_label("Until").fill("07:00")
    page.get_by_role("button", name="Another weekday").click()
    row = page.locator(".slots-row").nth(1)
    row.get_by_label("Weekday").select_option("2")
    row.get_by_label("From").fill("05:30")
    row.get_by_label("Until").fill("08:00")
    page.get_by_role("button", name="Record the request").click()
    page.wait_for_url("**/requests/*?done=request-recorded")
    (sent,) = an_evening.stub.of("request", "POST /care-requests")
    assert sent.body["patterns"][0]["slots"] == [
        {"week": 0, "weekday": 0, "start": "21:00", "end": "07:00"},
        {"week": 0, "weekday": 2, "start": "05:30", "end": "08:00"},
    ]
    assert "visits" not in sent.body


def test_the_board_is_worked_by_keyboard_alone(an_evening: Evening, open_window: Callable[..., Window]) -> None:
    window = open_window(an_evening.base)
    page = window.sign_in("dispatcher@example.org")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Who can come Bouazza").focus()
    page.keyboard.press("Enter")
    box = page.get_by_role("checkbox", name="Bea Lund")
    send = page.get_by_role("button", name="Send offers")
    expect(send).to_be_disabled()
    box.focus()
    page.keyboard.press("Space")
    expect(send).to_have_text("Send offers (1)")
    send.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**?done=offers-sent")
    assert an_evening.stub.of("matching", f"POST /visits/{VISIT}/offers")[0].body["carer_ids"] == [BEA]


def test_a_carer_who_is_too_late_is_told_at_the_phone(an_evening: Evening, open_window: Callable[..., Window]) -> None:
    window = open_window(an_evening.base, PHONE)
    page = window.sign_in("carer@example.org")

    def taken(asked: Asked) -> Refusal:
        late = offer(state="lost", ended_at="2026-06-01T17:42:00+00:00")
        an_evening.stub.answers["matching", f"GET /my/offers/{OFFER}"] = late
        return Refusal(status=409, detail="taken by another at 18:42", code="taken")

    an_evening.stub.answers["matching", f"POST /offers/{OFFER}/accept"] = taken
    page.get_by_role("button", name="Accept Mon 1 Jun, Hanover").click()
    expect(page.get_by_role("alert")).to_contain_text("taken by another at 18:42")
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)


def test_checking_out_is_asked_again_and_can_be_left(an_evening: Evening, open_window: Callable[..., Window]) -> None:
    window = open_window(an_evening.base, PHONE)
    window.sign_in("carer@example.org")
    page = window.open(f"/visits/{RUNNING}")
    page.evaluate("window.confirm = () => false")
    page.get_by_label("Who takes the children over").fill("Samir Bouazza")
    page.get_by_role("button", name="Check out").click()
    assert an_evening.stub.of("roster", f"POST /visits/{RUNNING}/check-out") == []
    page.evaluate("window.confirm = () => true")
    page.get_by_role("button", name="Check out").click()
    page.wait_for_url("**?done=checked-out")
    assert len(an_evening.stub.of("roster", f"POST /visits/{RUNNING}/check-out")) == 1


def hint_of(topic: str, type_: str, **facts: str) -> Message:
    """A message of this desk."""
    return Message(
        message_id="m",
        topic=topic,
        key=VISIT,
        type=type_,
        desk_id=DESK,
        time=datetime(2026, 6, 1, tzinfo=UTC),
        correlation_id="c",
        body=json.dumps({"version": 2, **facts}).encode(),
        origin="outbox/x/1",
    )
