"""Evenings that go wrong: the roster says no, a carer falls ill, a family changes its mind."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.end_to_end import invariants
from tests.support.desk import Desk, Person, Refused
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow


def tomorrow_at(hour: int) -> datetime:
    return (datetime.now(UTC) + timedelta(days=1)).replace(hour=hour, minute=0, second=0, microsecond=0)


def accept(carer: Person, offer: dict[str, Any]) -> None:
    carer.post("matching", f"/offers/{offer['offer_id']}/accept")


def test_what_the_roster_refuses_is_open_again_and_goes_to_somebody_else(desk: Desk) -> None:
    ana = desk.carer("Ana")
    family = desk.family("Okafor")
    asked = desk.ask(family.person_id, tomorrow_at(10), tomorrow_at(13))
    request_id, visit_id = asked["care_request_id"], asked["visits"][0]["visit_id"]
    offer = desk.offer_for(ana, visit_id)

    # Her insurance ended; the desk writes it down, and the roster's word does not get through before her yes.
    desk.system.stop_worker("roster")
    try:
        papers = desk.dispatcher.get("roster", f"/carers/{ana.person_id}/papers")["papers"]
        insurance = next(paper["credential_id"] for paper in papers if paper["kind"] == "insurance")
        ended = {"reason": "the policy was ended"}
        desk.dispatcher.post("roster", f"/carers/{ana.person_id}/papers/{insurance}/withdraw", ended)
        accept(ana, offer)
        desk.wait_for(request_id, visit_id, "accepted", ana)
        assert "It is not certain yet" in desk.pages(family).told("/care")
        assert invariants.on_the_way(desk.system, desk.desk_id)
    finally:
        desk.system.start_worker("roster")

    def refused() -> dict[str, Any] | None:
        visit = desk.state_of(request_id, visit_id)
        return visit if visit["refusal"] and visit["state"] in ("open", "unfilled") else None

    visit = wait_until(refused, within=30, what="the roster's refusal is told") or {}
    assert visit["carer_id"] is None
    assert "insurance" in visit["refusal"]
    assert "Source:" in visit["refusal"]
    history = desk.dispatcher.get("roster", f"/visits/{visit_id}")["history"]
    assert [entry["what"] for entry in history] == ["refused"]
    assert history[0]["facts"]["reason"] == "credentials"

    # Whoever is taken on now is looked for by hand, and books it.
    bea = desk.carer("Bea")

    def offered() -> Any:
        answer = desk.dispatcher.ask(
            "POST", "matching", f"/visits/{visit_id}/offers", json={"carer_ids": [str(bea.person_id)]}
        )
        return answer.is_success

    wait_until(offered, within=30, what="matching knows the new carer")
    accept(bea, desk.offer_for(bea, visit_id))
    desk.wait_for(request_id, visit_id, "certain", bea)
    invariants.settle(desk.system, desk.desk_id)
    invariants.check(desk.system, desk.desk_id)


def test_when_a_carer_falls_ill_another_comes_and_the_family_is_told_both(desk: Desk) -> None:
    ana = desk.carer("Ana")
    family = desk.family("Okafor")
    asked = desk.ask(family.person_id, tomorrow_at(10), tomorrow_at(13))
    request_id, visit_id = asked["care_request_id"], asked["visits"][0]["visit_id"]
    accept(ana, desk.offer_for(ana, visit_id))
    desk.wait_for(request_id, visit_id, "certain", ana)
    bea = desk.carer("Bea")
    invariants.settle(desk.system, desk.desk_id)

    today = datetime.now(UTC).date()
    away = {"first": today.isoformat(), "last": (today + timedelta(days=3)).isoformat(), "reason": "sick"}
    assert desk.pages(ana).send("/absence", "/absence", away) == ("/visits", "absence-reported")
    accept(bea, desk.offer_for(bea, visit_id))
    desk.wait_for(request_id, visit_id, "certain", bea)
    assert ana.ask("POST", "roster", f"/visits/{visit_id}/check-in", json={}).status_code == 404
    assert "Bea" in desk.pages(family).told("/care")

    began = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    bea.post("roster", f"/visits/{visit_id}/check-in", {"happened_at": began.isoformat()})
    left = {"happened_at": (began + timedelta(hours=1)).isoformat(), "handed_to": "a parent"}
    bea.post("roster", f"/visits/{visit_id}/check-out", left)
    [charge] = wait_until(lambda: desk.clerk.rows("billing", "/charges"), within=30, what="the visit is charged")
    assert (charge["carer_id"], charge["minor"]) == (str(bea.person_id), 1800)
    invariants.settle(desk.system, desk.desk_id)
    invariants.check(desk.system, desk.desk_id)
    told = [m for m in desk.dispatcher.rows("identity", "/sent-messages") if m["person_id"] == str(family.person_id)]
    assert [m["key"].partition("/")[0] for m in reversed(told)] == ["visit-certain", "visit-open", "visit-certain"]


def test_a_visit_that_is_changed_is_asked_anew_of_its_carer_first_and_old_offers_end(desk: Desk) -> None:
    ana, bea = desk.carer("Ana"), desk.carer("Bea", north=0.01)
    family = desk.family("Okafor")
    asked = desk.ask(family.person_id, tomorrow_at(10), tomorrow_at(13))
    request_id, visit_id = asked["care_request_id"], asked["visits"][0]["visit_id"]
    old = desk.offer_for(bea, visit_id)
    desk.offer_for(ana, visit_id)

    # While both think about it the family needs an hour more: what they were asked no longer stands.
    amend(desk, asked, visit_id, tomorrow_at(10), tomorrow_at(14))
    new = desk.offer_for(bea, visit_id, version=2)
    with pytest.raises(Refused) as refused:
        accept(bea, old)
    assert (refused.value.status, refused.value.code) == (409, "terms-changed")
    accept(bea, new)
    desk.wait_for(request_id, visit_id, "certain", bea)

    # Changed again when it is hers: she is asked before anyone else, and until she answers nothing is promised.
    amend(desk, asked, visit_id, tomorrow_at(11), tomorrow_at(14))
    again = desk.offer_for(bea, visit_id, version=3)
    desk.wait_for(request_id, visit_id, "offered")
    live = [offer for offer in desk.dispatcher.rows("matching", f"/visits/{visit_id}/offers") if is_live(offer)]
    assert [offer["carer_id"] for offer in live] == [str(bea.person_id)]
    accept(bea, again)
    visit = desk.wait_for(request_id, visit_id, "certain", bea)
    assert visit["version"] == 3
    assert datetime.fromisoformat(visit["rostered_start"]) == tomorrow_at(11)
    invariants.settle(desk.system, desk.desk_id)
    invariants.check(desk.system, desk.desk_id)


def amend(desk: Desk, asked: dict[str, Any], visit_id: str, start: datetime, end: datetime) -> None:
    path = f"/care-requests/{asked['care_request_id']}"
    visit = {"start": start.isoformat(), "end": end.isoformat()}
    version = desk.dispatcher.get("request", path)["version"]
    body = {"version": version, "visit_id": visit_id, "visit": visit, "why": "The train comes later"}
    desk.dispatcher.post("request", f"{path}/amend", body)


def is_live(offer: dict[str, Any]) -> bool:
    return offer["state"] in ("sent", "seen")
