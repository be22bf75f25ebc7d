"""The pages of carers, clerks and families."""

from collections.abc import Callable

import httpx
import pytest

from tests.services.web.conftest import Pages
from tests.services.web.stub import FAMILY, Refusal
from tests.services.web.test_board import plain
from tests.services.web.town import CHARGE, INVOICE, OFFER, REQUEST, ROSTERED, RUNNING, offer


def test_an_offer_tells_what_it_is_worth_and_until_when_but_not_the_address(signed_in: Callable[[str], Pages]) -> None:
    told = plain(signed_in("carer").get("/offers").text)
    for fact in ("21:00–07:00 (+1 day)", "Hanover", "4 yr, 7 yr", "3.2 km · 24 min", "£124.80", "1 Jun 18:42"):
        assert fact in told, fact
    assert "£12.00 an hour, travel time counted" in told
    assert "Islingword" not in told
    assert "taken by another at 18:42" in told


def test_looking_at_an_offer_says_that_it_was_seen(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("carer")
    pages.get("/offers")
    assert pages.stub.of("matching", f"POST /offers/{OFFER}/seen") == []
    pages.get(f"/offers/{OFFER}")
    assert len(pages.stub.of("matching", f"POST /offers/{OFFER}/seen")) == 1


def test_a_yes_is_told_as_being_confirmed(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("carer")
    answer = pages.post(f"/offers/{OFFER}/accept")
    assert answer.headers["location"] == "/offers?done=accepted"
    assert len(pages.stub.of("matching", f"POST /offers/{OFFER}/accept")) == 1
    assert "The visit is being confirmed" in pages.get("/offers?done=accepted").text


def test_a_no_needs_no_reason_and_passes_one_on(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("carer")
    pages.post(f"/offers/{OFFER}/decline")
    pages.post(f"/offers/{OFFER}/decline", {"reason": "my own child is ill"})
    bodies = [asked.body for asked in pages.stub.of("matching", f"POST /offers/{OFFER}/decline")]
    assert bodies == [{}, {"reason": "my own child is ill"}]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("taken", "Taken by another at 18:42."),
        ("expired", "The time to answer this offer is over."),
        ("terms-changed", "The visit has changed since it was offered."),
        ("overlaps", "You already have a visit at that time."),
        ("rest", "This would leave you too little rest between visits."),
    ],
)
def test_a_late_or_impossible_yes_is_told_why(signed_in: Callable[[str], Pages], code: str, told: str) -> None:
    pages = signed_in("carer")
    refusal = Refusal(status=409, detail="Taken by another at 18:42.", code=code)
    pages.stub.answers["matching", f"POST /offers/{OFFER}/accept"] = refusal
    pages.stub.answers["matching", f"GET /my/offers/{OFFER}"] = offer(
        state="lost", ended_at="2026-06-01T17:42:00+00:00"
    )
    answer = pages.post(f"/offers/{OFFER}/accept")
    assert answer.status_code == 409
    assert told in answer.text
    assert "/accept" not in answer.text
    assert f'hx-get="/offers/{OFFER}"' in answer.text


def test_a_carers_visits_tell_the_door_the_children_and_what_to_mind(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("carer")
    listed = plain(pages.get("/visits").text)
    assert "12 Islingword Road, Brighton" in listed
    asked = pages.stub.of("roster", "GET /my/visits")[0].params
    assert asked == {"from": "2026-05-31T00:00:00+01:00", "until": "2026-06-09T00:00:00+01:00"}
    told = plain(pages.get(f"/visits/{ROSTERED}").text)
    for fact in ("Lina 4 yr · asthma", "Allergies: peanut", "+44 1273 555 014", "Adam 14 mo"):
        assert fact in told, fact


def test_checking_in_is_one_tap_and_checking_out_asks_first(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("carer")
    assert "data-confirm" not in pages.get(f"/visits/{ROSTERED}").text
    assert "data-confirm" in pages.get(f"/visits/{RUNNING}").text
    assert pages.post(f"/visits/{ROSTERED}/check-in").headers["location"] == f"/visits/{ROSTERED}?done=checked-in"
    assert (
        pages.post(f"/visits/{RUNNING}/check-out", {"handed_to": "Samir"}).headers["location"]
        == f"/visits/{RUNNING}?done=checked-out"
    )
    assert len(pages.stub.of("roster", f"POST /visits/{ROSTERED}/check-in")) == 1
    assert [asked.body for asked in pages.stub.of("roster", f"POST /visits/{RUNNING}/check-out")] == [
        {"handed_to": "Samir"}
    ]


def test_a_carers_week_is_read_and_written_whole(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("carer")
    text = pages.get("/availability").text
    assert 'name="slot_start" value="18:00"' in text
    assert 'name="slot_end" value="08:00"' in text
    assert "Week 2" in text
    form = {
        "week": ["0", "1", "1"],
        "weekday": ["0", "0", "1"],
        "slot_start": ["18:00", "05:00", ""],
        "slot_end": ["23:00", "07:30", ""],
    }
    assert pages.post("/availability", form).status_code == 303
    assert pages.stub.of("roster", "POST /my/availability")[0].body == {
        "weekly": [
            {"week": 0, "weekday": 0, "start": "18:00", "end": "23:00"},
            {"week": 1, "weekday": 0, "start": "05:00", "end": "07:30"},
        ],
        "weeks": 2,
        "first_monday": "2026-06-01",
        "on_holidays": False,
        "quiet": [{"start": "21:00", "end": "06:00"}],
        "urgent_in_quiet": True,
        "leave_by": [{"weekday": 3, "at": "17:30"}],
    }


def test_a_refused_week_is_shown_as_it_was_typed(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("carer")
    pages.stub.answers["roster", "POST /my/availability"] = Refusal(status=422, detail="Monday overlaps with itself.")
    form = {"week": ["0"], "weekday": ["3"], "slot_start": ["10:10"], "slot_end": ["11:11"]}
    answer = pages.post("/availability", form)
    assert answer.status_code == 422
    assert "Monday overlaps with itself." in answer.text
    assert 'value="10:10"' in answer.text


def test_being_ill_today_begins_now_and_ends_with_the_day(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("carer")
    pages.post("/absence", {"first": "2026-06-01", "last": "2026-06-02", "reason": "sick"})
    assert pages.stub.of("roster", "POST /my/absences")[0].body == {
        "start": "2026-06-01T18:15:00+01:00",
        "end": "2026-06-03T00:00:00+01:00",
        "reason": "sick",
    }
    answer = pages.post("/absence", {"first": "tomorrow", "reason": "sick"})
    assert answer.status_code == 422
    assert "Give the first and the last day" in answer.text


def test_the_clerk_sees_each_familys_charges_with_their_sum(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("clerk")
    told = plain(pages.get("/charges").text)
    assert "2 charges · 1 family" in told
    assert "Total £84.20" in told
    assert pages.stub.of("billing", "GET /charges")[0].params["state"] == "unbilled"


def test_the_allocation_sheet_shows_the_arithmetic_to_the_cent(signed_in: Callable[[str], Pages]) -> None:
    told = plain(signed_in("clerk").get(f"/charges/{CHARGE}").text)
    assert "night 90 £16.50 +25 % 1 £30.94" in told
    assert "22:30–00:00 90 Bouazza, Kyra Dunne night +25 %" in told
    assert "£61.88 + £10.31 = £72.19" in told
    assert "by the hours each child was there" in told


def test_an_invoice_is_issued_once_for_a_family_and_a_period(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("clerk")
    form = {"family_id": str(FAMILY), "from": "2026-05-01", "until": "2026-05-31", "key": "k3"}
    assert pages.post("/charges/invoice", form).headers["location"] == "/invoices?done=invoice-issued"
    (sent,) = pages.stub.of("billing", "POST /invoices")
    assert sent.body == {"family_id": str(FAMILY), "from": "2026-05-01", "until": "2026-05-31"}
    assert sent.headers["idempotency-key"] == "k3"
    pages.stub.answers["billing", "POST /invoices"] = Refusal(status=409, detail="There is nothing to invoice.")
    answer = pages.post("/charges/invoice", form)
    assert answer.status_code == 409
    assert "There is nothing to invoice." in answer.text


def test_all_families_are_invoiced_in_one_run(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("clerk")
    pages.post("/charges/run", {"from": "2026-05-01", "until": "2026-05-31", "key": "k4"})
    assert pages.stub.of("billing", "POST /invoice-runs")[0].body == {"from": "2026-05-01", "until": "2026-05-31"}


def test_an_invoice_comes_as_billing_made_it(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("clerk")
    pdf = httpx.Response(200, content=b"%PDF-1.7 made", headers={"content-type": "application/pdf"})
    pages.stub.answers["billing", f"GET /invoices/{INVOICE}/pdf"] = pdf
    answer = pages.get(f"/invoices/{INVOICE}/pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content == b"%PDF-1.7 made"


def test_the_trial_balance_puts_debit_and_credit_apart(signed_in: Callable[[str], Pages]) -> None:
    text = signed_in("clerk").get("/balance").text
    assert text.count("£418.75") >= 2


def test_a_family_reads_plainly_what_is_certain_and_what_is_not(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("family")
    told = plain(pages.get("/care").text)
    assert "Someone said yes; it is being confirmed. It is not certain yet." in told
    assert "Someone is coming. This is certain." in told
    assert told.index("not certain yet") < told.index("This is certain.")
    assert "Night shift at the hospital" not in told
    assert "Lina and Adam" in told


def test_a_family_takes_its_own_request_back(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("family")
    assert "I no longer need this" in pages.get(f"/care/{REQUEST}").text
    assert pages.post(f"/care/{REQUEST}/withdraw").headers["location"] == "/care?done=request-withdrawn"
    assert len(pages.stub.of("request", f"POST /my/care-requests/{REQUEST}/withdraw")) == 1


def test_a_family_sees_its_invoices_with_their_due_day(signed_in: Callable[[str], Pages]) -> None:
    told = plain(signed_in("family").get("/my-invoices").text)
    assert "£418.75" in told
    assert "to be paid by 15 Jun 2026" in told
