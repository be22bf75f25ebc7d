"""Matching over HTTP: late, wrong and repeated answers, offers by hand, and what each person may see."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from shared.auth.roles import Role
from shared.contracts.billing import TariffBand, TariffChanged, TariffFacts
from shared.contracts.matching import OfferMade, VisitAssigned, VisitUnassigned
from shared.contracts.request import ChildFacts
from shared.contracts.roster import VisitStarted
from tests.services.matching.town import TOMORROW_18, Town, named, place

WEEK = "from=2026-06-01T00:00:00Z&until=2026-06-08T00:00:00Z"


def _everything(town: Town) -> list[Any]:
    return town.trial.said()


@pytest.fixture
def offered(town: Town) -> Town:
    """Ada and Bea have been offered `visit`."""
    town.carer("Ada")
    town.carer("Bea", 2)
    town.ask("visit")
    return town


@pytest.mark.parametrize(
    ("how", "code"),
    [("late", "expired"), ("after the timer", "expired"), ("withdrawn", "withdrawn"), ("no", "already-declined")],
)
def test_an_offer_that_has_ended_can_neither_be_accepted_nor_declined(offered: Town, how: str, code: str) -> None:
    offer = offered.offer_of("Ada")
    if how == "withdrawn":
        _post(offered, f"/offers/{offer}/withdraw", Role.DISPATCHER)
    elif how == "no":
        offered.answer("Ada", offer, "decline")
    else:
        offered.trial.clock.advance(timedelta(minutes=60))
    if how == "after the timer":
        offered.settle()
    before = _everything(offered)
    assert offered.answer("Ada", offer) == (409, code)
    assert offered.answer("Ada", offer, "decline") == (409, code)
    assert _everything(offered) == before


def test_an_offer_may_be_answered_until_the_very_moment_it_expires(offered: Town) -> None:
    offer = offered.offer_of("Ada")
    offered.trial.clock.advance(timedelta(minutes=60) - timedelta(microseconds=1))
    assert offered.answer("Ada", offer) == (200, "accepted")


def test_an_offer_accepted_twice_is_already_yours(offered: Town) -> None:
    offer = offered.offer_of("Ada")
    assert offered.answer("Ada", offer) == (200, "accepted")
    assert offered.answer("Ada", offer) == (409, "already-yours")
    assert len(offered.trial.said(VisitAssigned)) == 1


def test_another_carers_offer_is_as_if_it_were_not_there(offered: Town) -> None:
    offer = offered.offer_of("Ada")
    for what in ("accept", "decline", "seen"):
        assert offered.answer("Bea", offer, what) == (404, "not-found")
    headers = offered.trial.headers(offered.as_carer("Bea"))
    assert offered.trial.http.get(f"/my/offers/{offer}", headers=headers).status_code == 404
    elsewhere = offered.trial.headers(offered.as_carer("Ada", uuid4()))
    assert offered.trial.http.get(f"/my/offers/{offer}", headers=elsewhere).status_code == 404
    assert offered.trial.said(VisitAssigned) == []


def test_seen_is_kept_once_and_reading_marks_nothing(offered: Town) -> None:
    offer = offered.offer_of("Ada")
    assert offered.get(f"/my/offers/{offer}", offered.as_carer("Ada"))["state"] == "sent"
    assert offered.answer("Ada", offer, "seen") == (200, "seen")
    seen_at = offered.get(f"/my/offers/{offer}", offered.as_carer("Ada"))["seen_at"]
    offered.trial.clock.advance(timedelta(minutes=1))
    assert offered.answer("Ada", offer, "seen") == (200, "seen")
    assert offered.get(f"/my/offers/{offer}", offered.as_carer("Ada"))["seen_at"] == seen_at


def test_an_offer_shows_what_a_carer_decides_by_and_neither_name_nor_address(town: Town) -> None:
    child = ChildFacts(
        child_id=named("child of Dean"), first_name="Rosalind", born=date(2024, 6, 3), care_needs=("asthma",)
    )
    town.family("Dean", children=(child,))
    town.carer("Ada", 2)
    town.trial.hear(
        TariffChanged(
            desk_id=town.trial.desk_id,
            version=1,
            tariff_id=uuid4(),
            party="carer",
            mode="family_home",
            valid_from=date(2026, 1, 1),
            tariff=TariffFacts(
                minor_per_hour=1500,
                currency="GBP",
                per="household",
                minimum_minutes=0,
                rounding_minutes=1,
                rounding="up",
                bands=(TariffBand(code="late", percent=20, from_minute=20 * 60, until_minute=0),),
            ),
        )
    )
    town.ask("visit", "Dean")
    headers = town.trial.headers(town.as_carer("Ada"))
    answer = town.trial.http.get(f"/my/offers/{town.offer_of('Ada')}", headers=headers)
    offer = answer.json()
    assert offer["pay_minor"] == 2 * 1500 + 1800
    assert (offer["ages"], offer["care_needs"], offer["area"], offer["currency"]) == ([1], ["asthma"], "Hove", "GBP")
    assert 4000 < offer["travel_metres"] < 7000
    assert "Rosalind" not in answer.text
    assert "Dean" not in answer.text
    assert "Street" not in answer.text


def test_without_a_tariff_the_pay_shown_is_the_countrys_floor(offered: Town) -> None:
    assert {each.pay_minor for each in offered.trial.said(OfferMade)} == {3 * 1300}


def _post(town: Town, path: str, role: Role, body: Any = None) -> tuple[int, dict[str, Any]]:
    answer = town.trial.http.post(path, json=body, headers=town.trial.headers(town.trial.caller(role)))
    return answer.status_code, answer.json()


def test_the_dispatcher_offers_by_hand_to_whom_no_rule_speaks_against(town: Town) -> None:
    for number in range(5):
        town.carer(f"carer {number}", number + 1)
    town.carer("far", 60)
    visit = town.ask("visit")
    path = f"/visits/{visit}/offers"
    status, body = _post(town, path, Role.DISPATCHER, {"carer_ids": [str(named("far"))]})
    assert (status, body["type"]) == (409, "urn:vesper:problem:distance")
    assert "60.0 km away, and they travel at most 20 km." in body["detail"]
    status, body = _post(town, path, Role.DISPATCHER, {"carer_ids": [str(named("carer 4")), str(named("far"))]})
    assert status == 409
    assert len(town.trial.said(OfferMade)) == 3
    status, body = _post(town, path, Role.DISPATCHER, {"carer_ids": [str(named("carer 4"))], "expires_in_minutes": 5})
    assert (status, len(body["offer_ids"])) == (201, 1)
    status, body = _post(town, path, Role.DISPATCHER, {"carer_ids": [str(named("carer 4"))]})
    assert (status, body["type"]) == (409, "urn:vesper:problem:already-offered")
    assert town.answer("carer 4", town.offer_of("carer 4")) == (200, "accepted")
    status, body = _post(town, path, Role.DISPATCHER, {"carer_ids": [str(named("carer 3"))]})
    assert (status, body["type"]) == (409, "urn:vesper:problem:not-open")


def test_a_visit_released_by_the_desk_is_offered_to_others(offered: Town) -> None:
    visit = named("visit")
    assert _post(offered, f"/visits/{visit}/release", Role.DISPATCHER, {"reason": "a mix-up"})[0] == 409
    offered.answer("Ada", offered.offer_of("Ada"))
    assert _post(offered, f"/visits/{visit}/release", Role.DISPATCHER, {"reason": "a mix-up"})[0] == 200
    offered.settle()
    assert [each.reason for each in offered.trial.said(VisitUnassigned)] == ["released"]
    assert offered.trial.said(OfferMade)[-1].carer_id == named("Bea")


def test_a_visit_that_has_begun_is_not_released(offered: Town) -> None:
    offered.answer("Ada", offered.offer_of("Ada"))
    offered.trial.hear(
        VisitStarted(
            desk_id=offered.trial.desk_id,
            version=2,
            visit_id=named("visit"),
            carer_id=named("Ada"),
            started_at=TOMORROW_18,
        )
    )
    status, body = _post(offered, f"/visits/{named('visit')}/release", Role.DISPATCHER, {"reason": "late"})
    assert (status, body["type"]) == (409, "urn:vesper:problem:begun")


def test_open_visits_tell_what_is_pressing_and_where_the_asking_stands(offered: Town) -> None:
    offered.answer("Ada", offered.offer_of("Ada"), "decline")
    rows = offered.get(f"/visits/open?{WEEK}", offered.as_dispatcher())["rows"]
    assert [(r["state"], r["family_name"], r["area"], r["children"]) for r in rows] == [("offered", "Ames", "Hove", 1)]
    assert (rows[0]["wave"]["number"], rows[0]["wave"]["waiting"], rows[0]["wave"]["declined"]) == (1, 1, 1)


def test_too_long_a_range_is_refused_naming_the_field(town: Town) -> None:
    path = "/visits/open?from=2026-06-01T00:00:00Z&until=2026-12-01T00:00:00Z"
    answer = town.trial.http.get(path, headers=town.trial.headers(town.as_dispatcher()))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/until")


def test_a_desks_policy_holds_from_its_day_on(town: Town) -> None:
    policy = town.get("/policy", town.as_dispatcher())
    changed = {**policy, "valid_from": "2026-06-02", "wave_sizes": [1], "offer_minutes": 20}
    status, _ = _post(town, "/policy", Role.DISPATCHER, changed)
    assert status == 201
    assert town.get("/policy?on=2026-06-01", town.as_dispatcher())["wave_sizes"] == [3, 5, 10]
    assert town.get("/policy?on=2026-06-02", town.as_dispatcher())["wave_sizes"] == [1]
    town.carer("Ada")
    town.carer("Bea")
    town.ask("visit")
    (made,) = town.trial.said(OfferMade)
    assert made.expires_at == town.trial.clock.now() + timedelta(minutes=20)


def test_weights_that_are_all_zero_are_refused(town: Town) -> None:
    policy = town.get("/policy", town.as_dispatcher())
    weights = dict.fromkeys(policy["weights"], 0)
    status, body = _post(town, "/policy", Role.DISPATCHER, {**policy, "weights": weights})
    assert (status, body["errors"][0]["pointer"]) == (422, "#/weights")


def test_without_automatic_waves_only_the_dispatcher_offers(town: Town) -> None:
    policy = town.get("/policy", town.as_dispatcher())
    _post(town, "/policy", Role.DISPATCHER, {**policy, "valid_from": "2026-06-01", "automatic_waves": False})
    town.carer("Ada")
    visit = town.ask("visit")
    assert town.trial.said(OfferMade) == []
    status, _ = _post(town, f"/visits/{visit}/offers", Role.DISPATCHER, {"carer_ids": [str(named("Ada"))]})
    assert status == 201


def test_offers_come_in_pages_newest_first(town: Town) -> None:
    town.carer("Ada")
    for day in range(3):
        town.ask(f"visit {day}", start=TOMORROW_18 + timedelta(days=day))
        town.trial.clock.advance(timedelta(minutes=1))
    first = town.get("/my/offers?limit=2", town.as_carer("Ada"))
    after = first["next_after"].replace("+", "%2B")
    second = town.get(f"/my/offers?limit=2&after={after}", town.as_carer("Ada"))
    seen = [row["visits"][0]["visit_id"] for row in first["rows"] + second["rows"]]
    assert seen == [str(named(f"visit {day}")) for day in (2, 1, 0)]
    assert second["next_after"] is None


def test_a_carer_of_two_desks_is_busy_for_the_other_which_sees_only_that(town: Town) -> None:
    other = uuid4()
    town.desk(other)
    town.family("Elsewhere", desk_id=other, home=place("home of Elsewhere", 3))
    town.carer("Ada")
    town.carer("Ada", desk_id=other)
    terms = town.terms("their visit", "Elsewhere", place=place("home of Elsewhere", 3))
    town.trial.hear(town.opened("their request", terms, desk_id=other))
    town.settle()
    visit = town.ask("visit")
    ours = town.offer_of("Ada")
    theirs = town.offer_of("Ada", "their visit", other)
    headers = town.trial.headers(town.as_carer("Ada", other))
    assert town.trial.http.post(f"/offers/{theirs}/accept", headers=headers).status_code == 200
    assert town.answer("Ada", ours) == (409, "overlaps")
    later = town.ask("later", start=TOMORROW_18 + timedelta(minutes=30))
    answer = town.trial.http.get(f"/visits/{later}/shortlist", headers=town.trial.headers(town.as_dispatcher()))
    (ruled_out,) = answer.json()["ruled_out"]
    assert ruled_out["sentence"] == "Busy from Tue 02 Jun 18:00 to Tue 02 Jun 21:00."
    for secret in ("their visit", "Elsewhere"):
        assert str(named(secret)) not in answer.text
    assert visit != later
