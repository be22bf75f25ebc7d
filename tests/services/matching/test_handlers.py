"""From a care request to one carer's yes, and everything that can come between."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.contracts.matching import (
    CareRequestUnfilled,
    OfferAccepted,
    OfferDeclined,
    OfferMade,
    OfferWithdrawn,
    VisitAssigned,
    VisitUnassigned,
)
from shared.contracts.request import CareRequestAmended, CareRequestWithdrawn, FamilyErased
from shared.contracts.roster import (
    CarerAbsent,
    VisitCancelled,
    VisitCompleted,
    VisitRefused,
    VisitRostered,
)
from tests.services.matching.town import TOMORROW_18, Town, named, place


def test_a_request_leads_to_offers_a_yes_and_an_assignment(town: Town) -> None:
    for name, km in (("Ada", 1), ("Bea", 2), ("Cy", 3), ("Dot", 4)):
        town.carer(name, km)
    town.ask("visit")
    assert [each.carer_id for each in town.trial.said(OfferMade)] == [named(n) for n in ("Ada", "Bea", "Cy")]
    assert town.answer("Bea", town.offer_of("Bea")) == (200, "accepted")
    (assigned,) = town.trial.said(VisitAssigned)
    assert (assigned.visit_id, assigned.visit_version, assigned.carer_id) == (named("visit"), 1, named("Bea"))
    assert [each.carer_id for each in town.trial.said(OfferAccepted)] == [named("Bea")]
    assert {(e.carer_id, e.reason) for e in town.trial.said(OfferWithdrawn)} == {
        (named("Ada"), "taken"),
        (named("Cy"), "taken"),
    }


def test_the_losers_are_told_when_it_was_taken(town: Town) -> None:
    town.carer("Ada")
    town.carer("Bea")
    town.ask("visit")
    lost = town.offer_of("Ada")
    town.trial.clock.advance(timedelta(minutes=42))
    town.answer("Bea", town.offer_of("Bea"))
    headers = town.trial.headers(town.as_carer("Ada"))
    said = town.trial.http.post(f"/offers/{lost}/accept", headers=headers).json()
    assert said["type"] == "urn:vesper:problem:taken"
    assert "taken by another at 10:42" in said["detail"]
    assert town.get(f"/my/offers/{lost}", town.as_carer("Ada"))["said"] == "taken by another at 10:42"


def test_when_all_decline_the_next_wave_goes_out_at_once_and_nobody_is_asked_twice(town: Town) -> None:
    for number in range(5):
        town.carer(f"carer {number}", number + 1)
    town.ask("visit")
    for number in range(3):
        assert town.answer(f"carer {number}", town.offer_of(f"carer {number}"), "decline") == (200, "declined")
    town.settle()
    made = [each.carer_id for each in town.trial.said(OfferMade)]
    assert made == [named(f"carer {number}") for number in range(5)]
    assert len(town.trial.said(OfferDeclined)) == 3


def test_a_wave_that_lapses_is_followed_by_the_next_and_then_the_visit_is_unfilled_with_reasons(town: Town) -> None:
    for number in range(4):
        town.carer(f"carer {number}", number + 1)
    town.carer("far away", 60)
    town.ask("visit")
    town.trial.clock.advance(timedelta(minutes=60))
    town.settle()
    assert len(town.trial.said(OfferMade)) == 4
    town.trial.clock.advance(timedelta(minutes=60))
    town.settle()
    (unfilled,) = town.trial.said(CareRequestUnfilled)
    assert unfilled.visit_ids == (named("visit"),)
    assert unfilled.reasons == (("distance", 1), ("expired", 4))


def test_an_unfilled_visit_finds_a_carer_who_comes_later(town: Town) -> None:
    town.ask("visit")
    assert len(town.trial.said(CareRequestUnfilled)) == 1
    town.carer("late comer")
    town.trial.clock.advance(timedelta(minutes=60))
    town.settle()
    assert [each.carer_id for each in town.trial.said(OfferMade)] == [named("late comer")]


def test_an_unfilled_visit_is_said_to_be_so_once(town: Town) -> None:
    town.ask("visit")
    for _ in range(5):
        town.trial.clock.advance(timedelta(minutes=60))
        town.settle()
    assert len(town.trial.said(CareRequestUnfilled)) == 1


def test_the_dispatcher_is_called_when_nobody_said_yes_in_time(town: Town) -> None:
    town.carer("Ada")
    start = TOMORROW_18 + timedelta(days=2)
    town.ask("visit", start=start)
    path = (
        f"/visits/open?from=2026-06-01T00:00:00Z&until={(start + timedelta(days=1)).isoformat().replace('+00:00', 'Z')}"
    )
    assert town.get(path, town.as_dispatcher())["rows"][0]["call_dispatcher"] is False
    town.trial.clock.move_to(start - timedelta(hours=24))
    town.settle()
    assert town.get(path, town.as_dispatcher())["rows"][0]["call_dispatcher"] is True


def test_a_carer_the_child_knows_comes_before_a_nearer_stranger(town: Town) -> None:
    town.carer("near", 0.5)
    town.carer("known", 6)
    town.ask("first", start=TOMORROW_18 - timedelta(hours=4), hours=1)
    town.answer("known", town.offer_of("known", "first"))
    done = TOMORROW_18 - timedelta(hours=4)
    town.trial.hear(
        VisitCompleted(
            desk_id=town.trial.desk_id,
            version=3,
            visit_id=named("first"),
            visit_version=1,
            carer_id=named("known"),
            started_at=done,
            ended_at=done + timedelta(hours=1),
        )
    )
    visit = town.ask("second", start=TOMORROW_18 + timedelta(days=3))
    shortlist = town.get(f"/visits/{visit}/shortlist", town.as_dispatcher())
    assert [each["carer_name"] for each in shortlist["candidates"]] == ["known Carer", "near Carer"]
    assert shortlist["candidates"][0]["sentence"].startswith("Cared for these children once, last 3 days before")


def test_a_refusal_by_the_roster_opens_the_visit_again_without_that_carer(town: Town) -> None:
    town.carer("Ada")
    town.carer("Bea", 2)
    town.ask("visit")
    town.answer("Ada", town.offer_of("Ada"))
    refusal = VisitRefused(
        desk_id=town.trial.desk_id,
        version=1,
        visit_id=named("visit"),
        visit_version=1,
        carer_id=named("Ada"),
        reason="rest",
        sentence="Too little rest after a visit of another desk.",
    )
    town.trial.hear(refusal)
    town.settle()
    assert [each.reason for each in town.trial.said(VisitUnassigned)] == ["refused"]
    shortlist = town.get(f"/visits/{named('visit')}/shortlist", town.as_dispatcher())
    assert [(r["code"], r["sentence"]) for r in shortlist["ruled_out"]] == [("refused", refusal.sentence)]
    assert town.answer("Bea", town.offer_of("Bea")) == (200, "accepted")
    assert [each.version for each in town.trial.said(VisitAssigned, VisitUnassigned)] == [1, 2, 3]


def test_a_carer_who_falls_ill_loses_the_visits_of_that_time_only_and_others_are_asked(town: Town) -> None:
    town.carer("Ada", 1)
    town.ask("ill", start=TOMORROW_18)
    town.answer("Ada", town.offer_of("Ada", "ill"))
    town.ask("later", start=TOMORROW_18 + timedelta(days=5))
    town.answer("Ada", town.offer_of("Ada", "later"))
    town.carer("Bea", 2)
    town.trial.hear(
        CarerAbsent(
            desk_id=town.trial.desk_id,
            version=1,
            carer_id=named("Ada"),
            absence_id=named("flu"),
            start=TOMORROW_18 - timedelta(hours=12),
            end=TOMORROW_18 + timedelta(hours=12),
            reason="illness",
        )
    )
    town.settle()
    (freed,) = town.trial.said(VisitUnassigned)
    assert (freed.visit_id, freed.reason) == (named("ill"), "carer_absent")
    town.settle()
    assert town.trial.said(OfferMade)[-1].carer_id == named("Bea")
    assert town.answer("Bea", town.offer_of("Bea", "ill")) == (200, "accepted")


def test_an_absent_carers_open_offers_are_taken_back(town: Town) -> None:
    town.carer("Ada")
    town.ask("visit")
    town.trial.hear(
        CarerAbsent(
            desk_id=town.trial.desk_id,
            version=1,
            carer_id=named("Ada"),
            absence_id=named("flu"),
            start=TOMORROW_18,
            end=TOMORROW_18 + timedelta(days=1),
            reason="illness",
        )
    )
    offer = town.offer_of("Ada")
    assert town.answer("Ada", offer) == (409, "absent")
    town.settle()
    assert [each.reason for each in town.trial.said(OfferWithdrawn)] == ["cancelled"]
    assert town.answer("Ada", offer) == (409, "withdrawn")


@pytest.mark.parametrize("minutes_later", [0, 90])
def test_an_amended_visit_stays_where_the_terms_hold_and_is_offered_first_to_its_carer_where_not(
    town: Town, minutes_later: int
) -> None:
    town.carer("near", 0.5)
    town.carer("Ada", 5)
    town.ask("visit")
    town.answer("Ada", town.offer_of("Ada"))
    start = TOMORROW_18 + timedelta(minutes=minutes_later)
    amended = replace(town.terms("visit", "Ames", start), version=2, skills=())
    town.trial.hear(
        CareRequestAmended(
            desk_id=town.trial.desk_id,
            version=2,
            care_request_id=named("request visit"),
            family_id=named("Ames"),
            visits=(amended,),
        )
    )
    town.settle()
    if minutes_later == 0:
        assert [each.visit_version for each in town.trial.said(VisitAssigned)] == [1, 2]
        assert town.trial.said(VisitUnassigned) == []
    else:
        assert [each.reason for each in town.trial.said(VisitUnassigned)] == ["amended"]
        last = town.trial.said(OfferMade)[-1]
        assert (last.carer_id, last.visits[0].visit_version) == (named("Ada"), 2)
        assert len(town.trial.said(OfferMade)) == 3


def test_offers_for_terms_that_changed_end_and_new_ones_name_the_new_version(town: Town) -> None:
    town.carer("Ada")
    town.ask("visit")
    old = town.offer_of("Ada")
    amended = replace(town.terms("visit", "Ames", hours=4), version=2)
    town.trial.hear(
        CareRequestAmended(
            desk_id=town.trial.desk_id,
            version=2,
            care_request_id=named("request visit"),
            family_id=named("Ames"),
            visits=(amended,),
        )
    )
    assert town.answer("Ada", old) == (409, "terms-changed")
    town.settle()
    assert [each.reason for each in town.trial.said(OfferWithdrawn)] == ["changed"]
    assert town.answer("Ada", old) == (409, "terms-changed")
    assert town.answer("Ada", town.offer_of("Ada")) == (200, "accepted")
    assert town.trial.said(VisitAssigned)[-1].visit_version == 2


def test_a_withdrawn_request_ends_offers_and_frees_the_carer(town: Town) -> None:
    town.carer("Ada")
    town.ask("taken")
    town.answer("Ada", town.offer_of("Ada", "taken"))
    town.ask("offered", start=TOMORROW_18 + timedelta(days=2))
    for visit in ("taken", "offered"):
        town.trial.hear(
            CareRequestWithdrawn(
                desk_id=town.trial.desk_id,
                version=2,
                care_request_id=named(f"request {visit}"),
                visit_ids=(named(visit),),
            )
        )
    offer = town.offer_of("Ada", "offered")
    assert town.answer("Ada", offer) == (409, "withdrawn")
    town.settle()
    assert [each.reason for each in town.trial.said(VisitUnassigned)] == ["withdrawn"]
    assert [each.reason for each in town.trial.said(OfferWithdrawn)] == ["cancelled"]
    town.ask("instead")
    assert town.answer("Ada", town.offer_of("Ada", "instead")) == (200, "accepted")


def test_visits_of_families_who_share_are_one_offer_and_one_yes(town: Town) -> None:
    town.family("Bell")
    agreement = town.share("together", "Ames", "Bell")
    town.carer("Ada")
    hosts = place("home of Ames")
    town.ask("of Ames", "Ames", shared_care_id=agreement)
    alone = town.offer_of("Ada", "of Ames")
    town.ask("of Bell", "Bell", TOMORROW_18 + timedelta(hours=1), shared_care_id=agreement, place=hosts)
    assert town.answer("Ada", alone) == (409, "terms-changed")
    offer = town.get(f"/my/offers/{town.offer_of('Ada', 'of Bell')}", town.as_carer("Ada"))
    assert {visit["visit_id"] for visit in offer["visits"]} == {str(named("of Ames")), str(named("of Bell"))}
    # Four hours from the first child's arrival to the last one's leaving, paid once, as they will be charged.
    assert offer["pay_minor"] == 4 * 1300
    assert town.answer("Ada", offer["offer_id"]) == (200, "accepted")
    assert {each.visit_id for each in town.trial.said(VisitAssigned)} == {named("of Ames"), named("of Bell")}


def test_a_sibling_visit_is_offered_first_to_the_carer_who_has_the_other(town: Town) -> None:
    town.family("Bell")
    agreement = town.share("together", "Ames", "Bell")
    town.carer("near", 0.2)
    town.carer("Ada", 5)
    town.ask("of Ames", "Ames", shared_care_id=agreement)
    town.answer("Ada", town.offer_of("Ada", "of Ames"))
    town.ask("of Bell", "Bell", shared_care_id=agreement, place=place("home of Ames"))
    assert [each.carer_id for each in town.trial.said(OfferMade)][2:] == [named("Ada")]
    assert town.answer("Ada", town.offer_of("Ada", "of Bell")) == (200, "accepted")


def test_families_who_did_not_agree_are_not_put_together(town: Town) -> None:
    town.family("Bell")
    town.family("Cole")
    agreement = town.share("together", "Ames", "Cole")
    town.carer("Ada")
    town.ask("of Ames", "Ames", shared_care_id=agreement)
    town.ask("of Bell", "Bell", shared_care_id=agreement, place=place("home of Ames"))
    assert [len(each.visits) for each in town.trial.said(OfferMade)] == [1, 1]


def test_accepted_is_being_confirmed_until_the_roster_says_so(town: Town) -> None:
    town.carer("Ada")
    town.ask("visit")
    town.answer("Ada", town.offer_of("Ada"))
    path = "/visits/open?from=2026-06-01T00:00:00Z&until=2026-06-08T00:00:00Z"
    (row,) = town.get(path, town.as_dispatcher())["rows"]
    assert (row["state"], row["carer_name"]) == ("accepted", "Ada Carer")
    town.trial.hear(
        VisitRostered(
            desk_id=town.trial.desk_id,
            version=1,
            visit_id=named("visit"),
            visit_version=1,
            family_id=named("Ames"),
            carer_id=named("Ada"),
            start=TOMORROW_18,
            end=TOMORROW_18 + timedelta(hours=3),
        )
    )
    assert town.get(path, town.as_dispatcher())["rows"] == []


def test_a_visit_the_roster_cancels_frees_its_carer_and_is_offered_to_nobody(town: Town) -> None:
    town.carer("Ada")
    town.ask("visit")
    town.answer("Ada", town.offer_of("Ada"))
    town.trial.hear(
        VisitCancelled(
            desk_id=town.trial.desk_id, version=2, visit_id=named("visit"), carer_id=named("Ada"), by="family"
        )
    )
    town.settle()
    assert town.trial.said(VisitUnassigned) == []
    assert len(town.trial.said(OfferMade)) == 1
    town.ask("instead")
    assert town.answer("Ada", town.offer_of("Ada", "instead")) == (200, "accepted")


def test_an_erased_family_is_forgotten_and_its_visits_end(town: Town) -> None:
    town.carer("Ada")
    town.ask("visit")
    town.trial.hear(FamilyErased(desk_id=town.trial.desk_id, version=9, family_id=named("Ames")))
    town.settle()
    assert [each.reason for each in town.trial.said(OfferWithdrawn)] == ["cancelled"]
    with town.trial.running.engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT set_config('app.desk_id', '{town.trial.desk_id}', false)")
        row = connection.exec_driver_sql("SELECT name, language, children, favourite_carer_ids FROM families").one()
    assert tuple(row) == ("", "", [], [])
