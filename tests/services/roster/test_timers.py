"""What happens on time: a booking at once, a check-in or check-out that is missing, a shift that ends."""

from datetime import timedelta

import pytest

from services.roster.commands.visits import CancelVisit, ProposeCorrection
from services.roster.handlers.corrections import propose
from services.roster.handlers.visits import cancel_visit
from services.roster.tables.travel import travel_legs
from services.roster.tables.visits import visit_history
from services.roster.timers import timers
from shared.contracts.roster import TravelRecorded, VisitMissed, VisitRostered
from tests.services.roster.town import TOMORROW_18, Town, named, place

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
END = TOMORROW_18 + 3 * HOUR


@pytest.fixture
def booked(town: Town) -> Town:
    """Ada, two kilometres away, has `visit` from 18:00 to 21:00."""
    town.carer("Ada", 2)
    town.book("visit", "Ada")
    return town


def _at(town: Town, minutes: float) -> None:
    town.trial.clock.move_to(TOMORROW_18 + minutes * MINUTE)
    town.settle()


def test_every_timer_the_roster_sets_has_an_answer() -> None:
    for kind in ("book-visit", "missing-check-in", "visit-missed", "missing-check-out", "way-home"):
        assert timers.find(kind) is not None


def test_a_yes_is_booked_by_a_timer_due_at_once(town: Town) -> None:
    town.carer("Ada")
    town.ask("visit")
    town.trial.hear(town.assigned("visit", "Ada"))
    assert town.visit("visit") is None
    assert town.trial.run_timers() == 1
    assert len(town.trial.said(VisitRostered)) == 1


def test_the_desk_sees_who_hasnt_come_a_quarter_of_an_hour_late(booked: Town) -> None:
    _at(booked, 14.9)
    assert booked.visit("visit").alert is None
    _at(booked, 15)
    assert booked.visit("visit").alert == "missing_check_in"
    booked.come("visit", "Ada", TOMORROW_18 + 20 * MINUTE)
    assert booked.visit("visit").alert is None


def test_who_came_raises_no_alarm(booked: Town) -> None:
    booked.come("visit", "Ada", TOMORROW_18 + 5 * MINUTE)
    _at(booked, 15)
    assert booked.visit("visit").alert is None
    assert "missing-check-in" not in {row.what for row in booked.rows(visit_history)}


def test_the_desk_sees_who_hasnt_gone_half_an_hour_after_the_end(booked: Town) -> None:
    booked.come("visit", "Ada", TOMORROW_18)
    _at(booked, 209)
    assert booked.visit("visit").alert is None
    _at(booked, 210)
    assert booked.visit("visit").alert == "missing_check_out"
    booked.go("visit", "Ada", END + HOUR)
    assert booked.visit("visit").alert is None


def test_who_went_raises_no_alarm(booked: Town) -> None:
    booked.come("visit", "Ada", TOMORROW_18)
    booked.go("visit", "Ada", END)
    _at(booked, 210)
    assert booked.visit("visit").alert is None


def test_a_visit_nobody_checked_in_for_is_missed_two_hours_after_its_end_and_told_once(booked: Town) -> None:
    _at(booked, 299)
    assert booked.trial.said(VisitMissed) == []
    _at(booked, 300)
    (said,) = booked.trial.said(VisitMissed)
    assert (said.visit_id, said.carer_id) == (named("visit"), named("Ada"))
    _at(booked, 600)
    assert len(booked.trial.said(VisitMissed)) == 1


@pytest.mark.parametrize("what", ["cancelled", "released"])
def test_nobody_is_awaited_for_a_visit_that_is_off(booked: Town, what: str) -> None:
    if what == "cancelled":
        booked.trial.run(cancel_visit, CancelVisit(visit_id=named("visit"), by="family"))
    else:
        booked.trial.hear(booked.unassigned("visit", "Ada"))
    _at(booked, 600)
    assert booked.trial.said(VisitMissed) == []
    assert (booked.visit("visit").state, booked.visit("visit").alert) == (what, None)


def test_a_visit_moved_to_another_carer_is_awaited_anew(booked: Town) -> None:
    booked.carer("Bea")
    booked.trial.hear(booked.unassigned("visit", "Ada"))
    booked.assign("visit", "Bea")
    _at(booked, 15)
    assert booked.visit("visit").alert == "missing_check_in"
    _at(booked, 300)
    assert [said.carer_id for said in booked.trial.said(VisitMissed)] == [named("Bea")]


def test_the_way_home_is_recorded_once_the_shift_is_over(booked: Town) -> None:
    booked.come("visit", "Ada", TOMORROW_18)
    booked.go("visit", "Ada", END)
    _at(booked, 359)
    assert [row.way for row in booked.rows(travel_legs)] == ["in"]
    _at(booked, 360)
    _at(booked, 900)
    assert sorted(row.way for row in booked.rows(travel_legs)) == ["home", "in"]


def test_the_way_home_waits_for_a_next_visit_whose_carer_is_offline(booked: Town) -> None:
    """Ada went on without a network: no way home between the two, and the way between them once her phone is back."""
    booked.family("Bell")
    booked.book("next", "Ada", "Bell", start=END + 40 * MINUTE, hours=3, place=place("home of Bell", 5))
    booked.come("visit", "Ada", TOMORROW_18)
    booked.go("visit", "Ada", END)
    _at(booked, 365)
    assert [row.way for row in booked.rows(travel_legs)] == ["in"]
    booked.come("next", "Ada", END + 4 * HOUR, happened_at=END + 40 * MINUTE)
    booked.go("next", "Ada", END + 4 * HOUR, happened_at=END + 210 * MINUTE)
    _at(booked, 1440)
    said = [(leg.visit_id, round(leg.metres / 1350)) for leg in booked.trial.said(TravelRecorded)]
    assert said == [(named("visit"), 2), (named("next"), 5), (named("next"), 3)]


def test_the_way_home_is_recorded_when_the_awaited_next_visit_was_missed(booked: Town) -> None:
    booked.family("Bell")
    booked.book("next", "Ada", "Bell", start=END + 40 * MINUTE, place=place("home of Bell", 5))
    booked.come("visit", "Ada", TOMORROW_18)
    booked.go("visit", "Ada", END)
    _at(booked, 361)
    _at(booked, 24 * 60)
    assert booked.visit("next").state == "missed"
    assert sorted(row.way for row in booked.rows(travel_legs)) == ["home", "in"]


def test_a_correction_after_check_out_records_no_way_twice(booked: Town) -> None:
    booked.come("visit", "Ada", TOMORROW_18)
    booked.go("visit", "Ada", END)
    _at(booked, 400)
    command = ProposeCorrection(
        visit_id=named("visit"),
        started_at=TOMORROW_18,
        ended_at=END - MINUTE,
        reason="left a minute early",
        by="desk",
        agreed_with="Ada, by phone",
    )
    booked.trial.run(propose, command)
    _at(booked, 1000)
    assert sorted(row.way for row in booked.rows(travel_legs)) == ["home", "in"]
