"""The kilometres of a shift, from home to home."""

from datetime import timedelta

from services.roster.tables.travel import travel_legs
from shared.contracts.roster import TravelRecorded
from tests.services.roster.town import TOMORROW_18, Town, named, place

HOUR = timedelta(hours=1)


def test_kilometres_run_from_home_to_visit_to_visit_and_home(town: Town) -> None:
    town.carer("Ada", 2)
    town.family("Bell")
    town.book("first", "Ada")
    town.book("second", "Ada", "Bell", start=TOMORROW_18 + 4 * HOUR, hours=1, place=place("home of Bell", 5))
    town.come("first", "Ada", TOMORROW_18)
    town.go("first", "Ada", TOMORROW_18 + 3 * HOUR)
    town.come("second", "Ada", TOMORROW_18 + 4 * HOUR)
    town.go("second", "Ada", TOMORROW_18 + 5 * HOUR)
    town.trial.clock.move_to(TOMORROW_18 + 12 * HOUR)
    town.settle()
    said = town.trial.said(TravelRecorded)
    km = [(leg.visit_id, round(leg.metres / 1350)) for leg in said]
    assert km == [(named("first"), 2), (named("second"), 5), (named("second"), 3)]
    rows = {row.travel_leg_id: row for row in town.rows(travel_legs)}
    assert [rows[leg.travel_leg_id].way for leg in said] == ["in", "in", "home"]
    assert all(leg.minutes > 0 and leg.mode == "car" and "by road" in leg.how for leg in said)


def test_a_long_pause_is_spent_at_home_and_both_ways_count(town: Town) -> None:
    town.carer("Ada", 2)
    town.family("Bell")
    town.book("morning", "Ada", start=TOMORROW_18 - 11 * HOUR, hours=2)
    town.book("evening", "Ada", "Bell", place=place("home of Bell", 5), hours=1)
    for visit, start, hours in (("morning", TOMORROW_18 - 11 * HOUR, 2), ("evening", TOMORROW_18, 1)):
        town.come(visit, "Ada", start)
        town.go(visit, "Ada", start + hours * HOUR)
        town.trial.clock.advance(4 * HOUR)
        town.settle()
    km = [(leg.visit_id, round(leg.metres / 1350)) for leg in town.trial.said(TravelRecorded)]
    assert km == [(named("morning"), 2), (named("morning"), 2), (named("evening"), 3), (named("evening"), 3)]


def test_a_childminder_at_home_makes_no_way(town: Town) -> None:
    town.carer("Minder")
    town.book("visit", "Minder", mode="carer_home")
    town.come("visit", "Minder", TOMORROW_18)
    town.go("visit", "Minder", TOMORROW_18 + 3 * HOUR)
    town.trial.clock.advance(4 * HOUR)
    town.settle()
    assert town.trial.said(TravelRecorded) == []


def test_two_families_shared_at_one_home_are_one_way_there_and_back(town: Town) -> None:
    town.carer("Ada", 2)
    town.family("Bell")
    agreement = town.share("agreement", "Ames", "Bell")
    town.book("of Ames", "Ada", shared_care_id=agreement)
    town.book("of Bell", "Ada", "Bell", shared_care_id=agreement, place=place("home of Ames"))
    for visit in ("of Ames", "of Bell"):
        town.come(visit, "Ada", TOMORROW_18)
    for visit in ("of Ames", "of Bell"):
        town.go(visit, "Ada", TOMORROW_18 + 3 * HOUR)
    town.trial.clock.advance(4 * HOUR)
    town.settle()
    ways = sorted(row.way for row in town.rows(travel_legs))
    assert ways == ["home", "in"]


def test_a_check_out_forgotten_days_ago_doesnt_hold_back_the_way_home(town: Town) -> None:
    town.carer("Ada", 2)
    town.family("Bell")
    town.book("forgotten", "Ada", "Bell", hours=1)
    town.come("forgotten", "Ada", TOMORROW_18)
    town.book("visit", "Ada", start=TOMORROW_18 + 48 * HOUR)
    town.come("visit", "Ada", TOMORROW_18 + 48 * HOUR)
    town.go("visit", "Ada", TOMORROW_18 + 51 * HOUR)
    town.trial.clock.advance(4 * HOUR)
    town.settle()
    assert [(row.way, row.metres > 2000) for row in town.rows(travel_legs)].count(("home", True)) == 1
    assert [(row.way, row.metres > 2000) for row in town.rows(travel_legs)].count(("in", True)) == 1
