"""One night, from a parent's call to a balanced ledger: over HTTP, and through the pages where a person would use one."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from shared.auth.roles import Role
from tests.end_to_end import invariants
from tests.support.desk import ZONE, Desk, Person, Refused, names
from tests.support.waiting import wait_until

LOCAL = ZoneInfo(ZONE)


def last_night() -> tuple[datetime, datetime]:
    """The last whole night, 21:00 to 07:00 on the family's clock: nine hours long or eleven when the clocks change."""
    now = datetime.now(LOCAL)
    ended = now.replace(hour=7, minute=0, second=0, microsecond=0)
    if ended > now:
        ended -= timedelta(days=1)
    began = (ended - timedelta(days=1)).replace(hour=21)
    return began.astimezone(UTC), ended.astimezone(UTC)


def answer(carer: Person, offer: dict[str, Any]) -> tuple[int, str]:
    try:
        carer.post("matching", f"/offers/{offer['offer_id']}/accept")
    except Refused as refused:
        return refused.status, refused.code
    return 200, "accepted"


@pytest.mark.slow
def test_a_night_from_a_parents_call_to_a_balanced_ledger(desk: Desk) -> None:
    ana, bea = desk.carer("Ana"), desk.carer("Bea", north=0.01)
    desk.take_on("Cid", opt_ins=[])
    desk_pages = desk.pages(desk.dispatcher)

    # The call: an unknown family, tomorrow night from nine to seven.
    path, done = desk_pages.send(
        "/families/new",
        "/families/new",
        {
            "name": "Okafor",
            "language": "en",
            "email": f"okafor@{desk.slug}.example",
            "address": "12 Islingword Road, Brighton",
            "area": "Hanover",
            "latitude": "50.8330",
            "longitude": "-0.1290",
            "zone": ZONE,
            "first_name": "Ife",
            "born": "2022-02-01",
            "needs": "",
            "allergy": "nuts",
        },
    )
    assert done == "family-registered"
    family_id = path.rpartition("/")[2]
    [child] = desk.dispatcher.get("request", f"/families/{family_id}")["children"]
    tomorrow = datetime.now(LOCAL).date() + timedelta(days=1)
    form = f"/requests/new?family={family_id}"
    path, done = desk_pages.send(
        form,
        "/requests/new",
        {
            "family_id": family_id,
            "child_ids": child["child_id"],
            "mode": "family_home",
            "kind": "visit",
            "on": tomorrow.isoformat(),
            "start": "21:00",
            "end": "07:00",
            "reason": "Night shift at the hospital",
        },
    )
    assert done == "request-recorded"
    request_id = path.rpartition("/")[2]
    [visit] = desk.dispatcher.get("request", f"/care-requests/{request_id}")["visits"]
    assert (visit["start_local"][11:16], visit["end_local"][11:16]) == ("21:00", "07:00")
    assert visit["end_local"][:10] == (tomorrow + timedelta(days=1)).isoformat()
    visit_id = visit["visit_id"]

    # Who can come, and why; who can't, and by which rule.
    def shortlist() -> Any:
        asked = desk.dispatcher.ask("GET", "matching", f"/visits/{visit_id}/shortlist")
        return asked.json() if asked.is_success else None

    found = wait_until(shortlist, within=30, what="the shortlist is there")
    assert names(found["candidates"]) == ["Ana Field", "Bea Field"]
    assert all(one["sentence"] and one["objectives"] for one in found["candidates"])
    [cid] = found["ruled_out"]
    assert (cid["carer_name"], cid["code"]) == ("Cid Field", "opt_in.occasional")
    assert cid["source"]
    told = desk_pages.told(f"/board/{visit_id}")
    assert found["candidates"][0]["sentence"] in told
    assert cid["sentence"] in told

    # A wave: both are asked, neither is told where.
    offers = [desk.offer_for(carer, visit_id) for carer in (ana, bea)]
    phone = desk.pages(ana)
    assert "Hanover" in phone.told("/offers")
    assert "Islingword" not in phone.read("/offers")
    assert "hospital" not in phone.read(f"/offers/{offers[0]['offer_id']}")

    # Both say yes at once: one wins, the other is told why.
    with ThreadPoolExecutor(2) as both:
        said = list(both.map(answer, (ana, bea), offers))
    assert sorted(said) == [(200, "accepted"), (409, "taken")]
    winner, loser = (ana, bea) if said[0] == (200, "accepted") else (bea, ana)
    lost = offers[1] if winner is ana else offers[0]
    status, words = desk.pages(loser).refusal("/offers", f"/offers/{lost['offer_id']}/accept")
    assert status == 409
    assert "taken" in words

    # The roster books it; only now the family is told who comes, and the carer where.
    family = desk.join("Mr Okafor", Role.FAMILY, UUID(family_id))
    sure = desk.wait_for(request_id, visit_id, "certain", winner)
    assert sure["carer_name"] == winner.name
    assert winner.name in desk.pages(family).told("/care")
    phone = desk.pages(winner)
    assert "Islingword Road" in phone.told(f"/visits/{visit_id}")
    assert loser.ask("GET", "roster", f"/my/visits/{visit_id}").status_code == 404

    # At the door. A carer of this desk may tell of last night what a test can't wait for.
    began, ended = last_night()
    winner.post("roster", f"/visits/{visit_id}/check-in", {"happened_at": began.isoformat()})
    desk.wait_for(request_id, visit_id, "running", winner)
    winner.post("roster", f"/visits/{visit_id}/check-out", {"happened_at": ended.isoformat(), "handed_to": "a parent"})
    desk.wait_for(request_id, visit_id, "completed", winner)

    # What it costs and pays, by the minute that was cared.
    minutes = int((ended - began).total_seconds()) // 60
    [charge] = wait_until(lambda: desk.clerk.rows("billing", "/charges"), within=30, what="the night is charged")
    assert (charge["minor"], charge["shared"], charge["carer_id"]) == (minutes * 30, False, str(winner.person_id))
    trace = desk.clerk.get("billing", f"/visits/{visit_id}/trace")
    [posting] = trace["stretches"][0]["postings"]
    entries = {(entry["kind"], entry["party_id"]): entry["minor"] for entry in posting["entries"]}
    assert entries == {
        ("family_receivable", family_id): minutes * 30,
        ("care_income", None): -minutes * 30,
        ("carer_cost", None): minutes * 20,
        ("carer_payable", str(winner.person_id)): -minutes * 20,
    }

    # The clerk invoices through the pages; the family opens the paper.
    office = desk.pages(desk.clerk)
    assert "Okafor" in office.told("/charges")
    day = began.astimezone(LOCAL).date().isoformat()
    period = {"family_id": family_id, "from": day, "until": day}
    _, done = office.send("/charges", "/charges/invoice", {**period, "key": "once"})
    assert done == "invoice-issued"
    [invoice] = wait_until(lambda: family.rows("billing", "/my/invoices"), within=30, what="the invoice is there")
    assert invoice["total_minor"] == minutes * 30
    paper = read_pdf(desk.pages(family).download(f"/my-invoices/{invoice['invoice_id']}/pdf"))
    assert invoice["number"] in paper
    assert f"{minutes * 30 / 100:.2f}" in paper

    # The carer is paid, the books are in balance, and each was told once.
    payout = desk.clerk.post("billing", "/payouts", {"carer_id": str(winner.person_id), "from": day, "until": day})
    assert payout["minor"] == minutes * 20
    assert winner.rows("billing", "/my/payouts")[0]["payout_id"] == payout["payout_id"]
    balance = desk.clerk.get("billing", "/ledger/trial-balance")
    assert balance["sums"] == [{"currency": "GBP", "balance_minor": 0}]
    assert {row["kind"]: row["balance_minor"] for row in balance["rows"]} == {
        "family_receivable": minutes * 30,
        "care_income": -minutes * 30,
        "carer_cost": minutes * 20,
        "bank_clearing": -minutes * 20,
    }
    invariants.settle(desk.system, desk.desk_id)
    invariants.check(desk.system, desk.desk_id)
    sent = [message["key"].partition("/")[0] for message in desk.dispatcher.rows("identity", "/sent-messages")]
    assert sorted(sent) == ["invoice", "offer", "offer", "offer-withdrawn", "visit-certain"]


def read_pdf(content: bytes) -> str:
    """The text of a PDF that a reader can open."""
    return re.sub(r"\s+", " ", "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages))
