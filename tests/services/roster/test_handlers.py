"""What the roster books and refuses, and what becomes of a visit at the door."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.roster.commands import (
    CancelVisit,
    ChangeAvailability,
    ChangeCarer,
    ChangePolicy,
    CorrectVisit,
    RegisterCarer,
    ReportAbsence,
)
from services.roster.handlers.carers import change_availability, change_carer, register_carer, report_absence
from services.roster.handlers.policies import change_policy
from services.roster.handlers.visits import cancel_visit, correct_visit
from services.roster.tables import absences, carers, credentials, travel_legs, visit_history
from shared.auth.roles import desk_itself
from shared.contracts.request import ChildFacts
from shared.contracts.roster import (
    AvailabilityChanged,
    CarerAbsent,
    CarerChanged,
    CarerRegistered,
    CredentialFacts,
    TravelRecorded,
    VisitCancelled,
    VisitCompleted,
    VisitCorrected,
    VisitRefused,
    VisitRostered,
    VisitStarted,
    WeeklyHours,
)
from shared.domain.errors import Conflict, Invalid, NotFound
from tests.services.roster.town import PAPERS, TOMORROW_18, Town, details, named, place

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def _refused(town: Town) -> VisitRefused:
    (said,) = town.trial.said(VisitRefused)
    assert isinstance(said, VisitRefused)
    return said


@pytest.fixture
def booked(town: Town) -> Town:
    """Ada, a kilometre away by car, has `visit` from 18:00 to 21:00."""
    town.carer("Ada")
    town.book("visit", "Ada")
    return town


def test_a_yes_that_fits_is_rostered_with_its_terms(booked: Town) -> None:
    (said,) = booked.trial.said(VisitRostered)
    assert (said.visit_id, said.carer_id, said.family_id) == (named("visit"), named("Ada"), named("Ames"))
    assert (said.start, said.end, said.visit_version) == (TOMORROW_18, TOMORROW_18 + 3 * HOUR, 1)
    assert [(row.what, row.state) for row in booked.rows(visit_history)] == [("rostered", "rostered")]


def test_a_second_visit_elsewhere_at_the_same_time_is_refused(booked: Town) -> None:
    booked.family("Bell")
    booked.book("other", "Ada", "Bell", start=TOMORROW_18 + 2 * HOUR)
    said = _refused(booked)
    assert (said.reason, said.visit_id, said.carer_id) == ("overlaps", named("other"), named("Ada"))
    assert said.sentence == (
        "The carer is busy elsewhere from Tue 02 Jun 18:00 to Tue 02 Jun 21:00. Source: the carer's calendar."
    )
    assert booked.visit("other").state == "refused"


@pytest.mark.parametrize(("side", "gap", "fits"), [("after", 28, True), ("after", 3, False), ("before", 3, False)])
def test_there_must_be_time_for_the_way_from_and_to_the_neighbours(
    booked: Town, side: str, gap: int, fits: bool
) -> None:
    """Two families live ten kilometres apart: 24 minutes by car."""
    booked.family("Bell")
    start = TOMORROW_18 + 3 * HOUR + gap * MINUTE if side == "after" else TOMORROW_18 - 2 * HOUR - gap * MINUTE
    booked.book("other", "Ada", "Bell", start=start, hours=2, place=place("home of Bell", 10))
    assert booked.visit("other").state == ("rostered" if fits else "refused")
    if not fits:
        said = _refused(booked)
        assert said.reason == "too-far"
        assert f"there are {gap}" in said.sentence
        assert "Source: " in said.sentence


@pytest.mark.parametrize(
    ("changes", "terms", "reason", "words"),
    [
        ({"modes": ("carer_home",)}, {}, "mode", "does not work at families' homes"),
        ({"credentials": ()}, {}, "credentials", "never held"),
        (
            {
                "credentials": tuple(
                    CredentialFacts(
                        kind=kind,
                        valid_from=date(2020, 1, 1),
                        valid_until=date(2026, 6, 2) if kind == "insurance" else None,
                    )
                    for kind in PAPERS
                )
            },
            {"start": TOMORROW_18 + 4 * HOUR, "hours": 8},
            "credentials",
            "The paper insurance is not good for the whole visit: expired from Wed 03 Jun 00:00 on",
        ),
        ({}, {"hours": 14}, "rest", "limit is"),
    ],
)
def test_what_a_rule_forbids_is_refused_with_its_reason_and_source(
    town: Town, changes: dict[str, Any], terms: dict[str, Any], reason: str, words: str
) -> None:
    town.carer("Ada", **changes)
    town.book("visit", "Ada", **terms)
    said = _refused(town)
    assert said.reason == reason
    assert words in said.sentence
    assert "Source: " in said.sentence
    assert town.trial.said(VisitRostered) == []


def test_eleven_hours_of_rest_must_lie_between_a_night_and_the_next_shift(town: Town) -> None:
    town.carer("Ada")
    town.family("Bell")
    town.book("night", "Ada", start=TOMORROW_18 + 5 * HOUR, hours=8)
    town.book("too soon", "Ada", "Bell", start=TOMORROW_18 + 22 * HOUR, hours=3)
    assert _refused(town).reason == "rest"
    town.book("in time", "Ada", "Bell", start=TOMORROW_18 + 24 * HOUR + 30 * MINUTE, hours=3)
    assert town.visit("in time").state == "rostered"


def test_a_childminder_has_no_more_children_at_once_than_the_country_allows(town: Town) -> None:
    """England: three under four at a childminder's; a fourth is refused, one who comes after the others left is not."""
    town.carer("Minder")
    for number in range(4):
        town.family(f"family {number}")
        town.book(f"visit {number}", "Minder", f"family {number}", mode="carer_home")
    said = _refused(town)
    assert (said.visit_id, said.reason) == (named("visit 3"), "ratio")
    assert "4 children where 3 are allowed (under 4)" in said.sentence
    town.book("later", "Minder", "family 3", mode="carer_home", start=TOMORROW_18 + 3 * HOUR, hours=1)
    assert town.visit("later").state == "rostered"


def test_the_childminders_own_children_count(town: Town) -> None:
    town.carer("Minder", own_children_born=(date(2024, 1, 1), date(2023, 1, 1)))
    for name in ("Bell", "Cole"):
        town.family(name)
        town.book(f"visit of {name}", "Minder", name, mode="carer_home")
    assert _refused(town).visit_id == named("visit of Cole")


def test_two_families_at_one_home_at_once_must_have_agreed_to_share(town: Town) -> None:
    town.carer("Ada")
    town.family("Bell")
    town.family("Cole")
    agreement = town.share("agreement", "Ames", "Bell")
    at_ames = place("home of Ames")
    town.book("of Ames", "Ada", shared_care_id=agreement)
    town.book("of Bell", "Ada", "Bell", shared_care_id=agreement, place=at_ames)
    assert town.visit("of Bell").state == "rostered"
    town.book("of Cole", "Ada", "Cole", place=at_ames)
    assert _refused(town).reason == "consent"


def test_another_desk_sees_only_that_the_carer_is_busy(town: Town) -> None:
    """One person, two desks: what one booked refuses what the other would, and no name crosses over."""
    elsewhere = uuid4()
    town.desk(elsewhere)
    town.family("Secret", elsewhere)
    town.carer("Ada")
    town.carer("Ada", desk_id=elsewhere)
    town.book("theirs", "Ada", "Secret", desk_id=elsewhere)
    assert town.visit("theirs", elsewhere).state == "rostered"
    town.book("ours", "Ada", start=TOMORROW_18 + HOUR)
    said = _refused(town)
    assert (said.desk_id, said.reason) == (town.trial.desk_id, "overlaps")
    assert "Secret" not in said.sentence
    assert town.visit("theirs") is None


def test_an_absence_at_another_desk_is_one_here_too(town: Town) -> None:
    elsewhere = uuid4()
    town.desk(elsewhere)
    town.carer("Ada")
    town.carer("Ada", desk_id=elsewhere)
    command = ReportAbsence(carer_id=named("Ada"), start=TOMORROW_18, end=TOMORROW_18 + HOUR, reason="sick")
    town.trial.run(report_absence, command, desk_itself(elsewhere))
    town.book("visit", "Ada")
    assert _refused(town).reason == "absent"


def test_the_tables_themselves_forbid_two_places_at_once(booked: Town) -> None:
    booked.family("Bell")
    booked.book("later", "Ada", "Bell", start=TOMORROW_18 + 4 * HOUR)
    move = text("UPDATE visits SET starts_at = :at WHERE visit_id = :visit")
    with booked.trial.running.sessions() as session:
        session.execute(text("SELECT set_config('app.desk_id', :d, true)"), {"d": str(booked.trial.desk_id)})
        with pytest.raises(DBAPIError, match="one_place_at_a_time"):
            session.execute(move, {"at": TOMORROW_18 + 2 * HOUR, "visit": named("later")})


@pytest.mark.parametrize("statement", ["UPDATE visit_history SET what = 'nothing'", "DELETE FROM visit_history"])
def test_history_can_be_neither_changed_nor_removed(booked: Town, statement: str) -> None:
    with booked.trial.running.sessions() as session:
        session.execute(text("SELECT set_config('app.desk_id', :d, true)"), {"d": str(booked.trial.desk_id)})
        with pytest.raises(DBAPIError):
            session.execute(text(statement))


def test_a_carer_is_registered_with_papers_and_told_of(town: Town) -> None:
    carer_id = town.trial.run(register_carer, RegisterCarer(details=details("Ada")))
    (said,) = town.trial.said(CarerRegistered)
    assert (said.carer_id, said.version, said.carer.first_name) == (carer_id, 1, "Ada")
    assert {row.kind for row in town.rows(credentials)} == set(PAPERS)
    with pytest.raises(Conflict) as refusal:
        town.trial.run(register_carer, RegisterCarer(carer_id=carer_id, details=details("Ada")))
    assert refusal.value.reason == "already-registered"


def test_a_carer_known_at_two_desks_has_one_home(town: Town) -> None:
    elsewhere = uuid4()
    town.carer("Ada")
    town.carer("Ada", desk_id=elsewhere)
    (here,), (there,) = town.rows(carers), town.rows(carers, elsewhere)
    assert (here.carer_id, here.home["place_id"]) == (there.carer_id, there.home["place_id"])


def test_a_change_replaces_everything_and_counts(booked: Town) -> None:
    paper = CredentialFacts(kind="good_conduct", valid_from=date(2026, 1, 1))
    command = ChangeCarer(carer_id=named("Ada"), details=details("Ada", first_name="Adah", credentials=(paper,)))
    booked.trial.run(change_carer, command)
    (said,) = booked.trial.said(CarerChanged)
    assert (said.version, said.carer.first_name, said.carer.credentials) == (2, "Adah", (paper,))
    assert [row.kind for row in booked.rows(credentials)] == ["good_conduct"]
    with pytest.raises(NotFound):
        booked.trial.run(change_carer, ChangeCarer(carer_id=uuid4(), details=details("Nobody")))


def test_availability_is_told_whole_each_time(booked: Town) -> None:
    for number, start in enumerate((18, 19), start=1):
        weekly = (WeeklyHours(weekday=0, start=time(start), end=time(7)),)
        booked.trial.run(change_availability, ChangeAvailability(carer_id=named("Ada"), weekly=weekly))
        said = booked.trial.said(AvailabilityChanged)[-1]
        assert (said.version, said.weekly, said.zone) == (number, weekly, "Europe/London")


def test_an_absence_is_told_once_and_marks_the_visits_it_touches(booked: Town) -> None:
    booked.family("Bell")
    booked.book("next day", "Ada", "Bell", start=TOMORROW_18 + 24 * HOUR)
    first = booked.absent("Ada", TOMORROW_18 - HOUR, TOMORROW_18 + HOUR)
    assert booked.absent("Ada", TOMORROW_18 - HOUR, TOMORROW_18 + HOUR) == first
    (said,) = booked.trial.said(CarerAbsent)
    assert (said.absence_id, said.reason, said.start) == (first, "sick", TOMORROW_18 - HOUR)
    assert len(booked.rows(absences)) == 1
    assert (booked.visit("visit").alert, booked.visit("next day").alert) == ("carer_absent", None)


def test_an_absent_carers_visit_is_freed_by_matching_and_refused_to_them_again(booked: Town) -> None:
    booked.absent("Ada", TOMORROW_18 - HOUR, TOMORROW_18 + HOUR)
    booked.trial.hear(booked.unassigned("visit", "Ada", "carer_absent"))
    assert (booked.visit("visit").state, booked.visit("visit").alert) == ("released", None)
    booked.assign("visit", "Ada")
    assert _refused(booked).reason == "absent"


def test_a_change_of_carer_and_an_absence_count_one_after_the_other(booked: Town) -> None:
    booked.absent("Ada", TOMORROW_18, TOMORROW_18 + HOUR)
    booked.trial.run(change_carer, ChangeCarer(carer_id=named("Ada"), details=details("Ada")))
    assert [booked.trial.said(CarerAbsent)[0].version, booked.trial.said(CarerChanged)[0].version] == [2, 3]


def test_check_in_and_check_out_tell_the_time_really_cared(booked: Town) -> None:
    booked.come("visit", "Ada", TOMORROW_18 + 4 * MINUTE)
    booked.go("visit", "Ada", TOMORROW_18 + 3 * HOUR + 11 * MINUTE)
    (started,), (completed,) = booked.trial.said(VisitStarted), booked.trial.said(VisitCompleted)
    assert started.started_at == completed.started_at == TOMORROW_18 + 4 * MINUTE
    assert completed.ended_at == TOMORROW_18 + 3 * HOUR + 11 * MINUTE
    assert (started.version, completed.version, completed.visit_version) == (2, 3, 1)


@pytest.mark.parametrize("minutes", [-300, -1, 0, 90, 400])
def test_nobody_is_stopped_at_the_door_for_being_early_or_late(booked: Town, minutes: int) -> None:
    booked.come("visit", "Ada", TOMORROW_18 + minutes * MINUTE)
    assert booked.visit("visit").state == "started"
    assert booked.visit("visit").check_in["minutes_late"] == minutes


def test_a_check_in_made_offline_counts_from_when_it_happened(booked: Town) -> None:
    booked.come("visit", "Ada", TOMORROW_18 + 5 * HOUR, happened_at=TOMORROW_18)
    booked.go("visit", "Ada", TOMORROW_18 + 5 * HOUR, happened_at=TOMORROW_18 + 3 * HOUR)
    (completed,) = booked.trial.said(VisitCompleted)
    assert (completed.started_at, completed.ended_at) == (TOMORROW_18, TOMORROW_18 + 3 * HOUR)
    assert booked.visit("visit").check_in["marks"] == ["offline", "no-position"]
    assert booked.visit("visit").check_in["grade"] == "review"


def test_a_visit_given_up_as_missed_may_still_be_told_when_the_phone_is_back(booked: Town) -> None:
    booked.trial.clock.move_to(TOMORROW_18 + 6 * HOUR)
    booked.settle()
    assert booked.visit("visit").state == "missed"
    booked.come("visit", "Ada", TOMORROW_18 + 6 * HOUR, happened_at=TOMORROW_18)
    booked.go("visit", "Ada", TOMORROW_18 + 6 * HOUR, happened_at=TOMORROW_18 + 3 * HOUR)
    assert booked.visit("visit").state == "completed"


@pytest.mark.parametrize("position", [{}, {"latitude": 50.8225}, {"latitude": 51.5, "longitude": -0.1}])
def test_a_position_is_the_carers_to_give_and_never_a_condition(booked: Town, position: dict[str, float]) -> None:
    booked.come("visit", "Ada", TOMORROW_18, **position)
    assert booked.visit("visit").state == "started"
    expected = "far" if len(position) == 2 else "no-position"
    assert booked.visit("visit").check_in["marks"] == [expected]


def test_the_same_check_in_told_again_by_a_phone_changes_nothing_and_another_is_a_conflict(booked: Town) -> None:
    booked.come("visit", "Ada", TOMORROW_18, happened_at=TOMORROW_18)
    booked.come("visit", "Ada", TOMORROW_18 + MINUTE, happened_at=TOMORROW_18)
    with pytest.raises(Conflict, match="at 18:00") as refusal:
        booked.come("visit", "Ada", TOMORROW_18 + MINUTE)
    assert refusal.value.reason == "already"
    assert len(booked.trial.said(VisitStarted)) == 1


def test_the_same_check_out_told_again_changes_nothing_and_another_is_a_conflict(booked: Town) -> None:
    end = TOMORROW_18 + 3 * HOUR
    booked.come("visit", "Ada", TOMORROW_18)
    booked.go("visit", "Ada", end, happened_at=end)
    booked.go("visit", "Ada", end + MINUTE, happened_at=end)
    with pytest.raises(Conflict, match="at 21:00") as refusal:
        booked.go("visit", "Ada", end + MINUTE)
    assert refusal.value.reason == "already"
    with pytest.raises(Conflict) as late:
        booked.come("visit", "Ada", end + MINUTE)
    assert late.value.reason == "already"
    assert len(booked.trial.said(VisitCompleted)) == 1


def test_a_check_out_needs_a_check_in_and_comes_after_it(booked: Town) -> None:
    with pytest.raises(Conflict) as refusal:
        booked.go("visit", "Ada", TOMORROW_18)
    assert refusal.value.reason == "not-checked-in"
    booked.come("visit", "Ada", TOMORROW_18)
    with pytest.raises(Invalid):
        booked.go("visit", "Ada", TOMORROW_18)


def test_a_time_still_to_come_or_absurdly_early_is_a_wrong_clock(booked: Town) -> None:
    with pytest.raises(Invalid, match="still to come"):
        booked.come("visit", "Ada", TOMORROW_18, happened_at=TOMORROW_18 + 11 * MINUTE)
    with pytest.raises(Invalid, match="long after"):
        booked.come("visit", "Ada", TOMORROW_18 - 13 * HOUR)
    assert booked.visit("visit").state == "rostered"


def test_another_carers_visit_is_as_if_it_were_not_there(booked: Town) -> None:
    booked.carer("Bea")
    for call in (booked.come, booked.go):
        with pytest.raises(NotFound):
            call("visit", "Bea", TOMORROW_18)
        with pytest.raises(NotFound):
            call("no such visit", "Ada", TOMORROW_18)


def test_a_carer_at_the_door_of_a_visit_still_being_confirmed_is_told_so(town: Town) -> None:
    town.carer("Ada")
    town.ask("visit")
    town.trial.hear(town.assigned("visit", "Ada"))
    with pytest.raises(Conflict) as refusal:
        town.come("visit", "Ada", TOMORROW_18)
    assert refusal.value.reason == "being-confirmed"


def test_a_carer_at_the_door_of_a_visit_taken_back_or_cancelled_is_told_to_ring(booked: Town) -> None:
    booked.family("Bell")
    booked.book("other", "Ada", "Bell", start=TOMORROW_18 + 4 * HOUR)
    booked.trial.hear(booked.unassigned("visit", "Ada"))
    booked.trial.run(cancel_visit, CancelVisit(visit_id=named("other"), by="family"))
    for visit, code in (("visit", "no-longer-yours"), ("other", "cancelled")):
        with pytest.raises(Conflict, match="Ring the desk") as refusal:
            booked.come(visit, "Ada", TOMORROW_18)
        assert refusal.value.reason == code


def test_a_cancelled_visit_is_told_of_once_and_frees_the_carer(booked: Town) -> None:
    booked.trial.run(cancel_visit, CancelVisit(visit_id=named("visit"), by="family", reason="ill"))
    (said,) = booked.trial.said(VisitCancelled)
    assert (said.by, said.carer_id, said.version) == ("family", named("Ada"), 2)
    with pytest.raises(Conflict) as refusal:
        booked.trial.run(cancel_visit, CancelVisit(visit_id=named("visit"), by="family"))
    assert refusal.value.reason == "already-cancelled"
    booked.family("Bell")
    booked.book("other", "Ada", "Bell")
    assert booked.visit("other").state == "rostered"


def test_a_visit_that_has_begun_is_not_cancelled_and_who_cancels_is_known(booked: Town) -> None:
    with pytest.raises(Invalid):
        booked.trial.run(cancel_visit, CancelVisit(visit_id=named("visit"), by="the weather"))
    booked.come("visit", "Ada", TOMORROW_18)
    with pytest.raises(Conflict):
        booked.trial.run(cancel_visit, CancelVisit(visit_id=named("visit"), by="desk"))
    with pytest.raises(NotFound):
        booked.trial.run(cancel_visit, CancelVisit(visit_id=uuid4(), by="desk"))


def _correct(town: Town, start: datetime, end: datetime, reason: str = "phone was flat") -> Any:
    command = CorrectVisit(visit_id=named("visit"), started_at=start, ended_at=end, reason=reason)
    return town.trial.run(correct_visit, command)


def test_a_correction_is_told_and_what_was_told_first_stays_in_the_history(booked: Town) -> None:
    booked.come("visit", "Ada", TOMORROW_18)
    booked.go("visit", "Ada", TOMORROW_18 + 3 * HOUR)
    _correct(booked, TOMORROW_18, TOMORROW_18 + 2 * HOUR)
    (said,) = booked.trial.said(VisitCorrected)
    assert (said.ended_at, said.reason, said.version) == (TOMORROW_18 + 2 * HOUR, "phone was flat", 4)
    entry = next(row for row in booked.rows(visit_history) if row.what == "corrected")
    assert datetime.fromisoformat(entry.facts["before"]["ended_at"]) == TOMORROW_18 + 3 * HOUR


@pytest.mark.parametrize("come", [True, False])
def test_a_visit_without_check_out_or_check_in_is_completed_by_a_correction(booked: Town, come: bool) -> None:
    if come:
        booked.come("visit", "Ada", TOMORROW_18)
    booked.trial.clock.move_to(TOMORROW_18 + 4 * HOUR)
    _correct(booked, TOMORROW_18, TOMORROW_18 + 3 * HOUR)
    (said,) = booked.trial.said(VisitCompleted)
    assert (said.started_at, said.ended_at) == (TOMORROW_18, TOMORROW_18 + 3 * HOUR)
    assert len(booked.rows(travel_legs)) == 1


def test_a_correction_is_about_what_happened_and_says_why(booked: Town) -> None:
    end = TOMORROW_18 + 3 * HOUR
    booked.trial.clock.move_to(end)
    for start, until, reason in (
        (TOMORROW_18, end + MINUTE, "x"),
        (end, TOMORROW_18, "x"),
        (TOMORROW_18, TOMORROW_18, "x"),
        (TOMORROW_18, end, ""),
    ):
        with pytest.raises(Invalid):
            _correct(booked, start, until, reason)
    booked.trial.run(cancel_visit, CancelVisit(visit_id=named("visit"), by="desk"))
    with pytest.raises(Conflict) as refusal:
        _correct(booked, TOMORROW_18, end)
    assert refusal.value.reason == "not-held"


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


def test_a_desks_own_choices_hold_from_their_day_on(booked: Town) -> None:
    policy = booked.trial.run(
        change_policy, ChangePolicy(valid_from=date(2026, 6, 2), choices={"late_after_minutes": 1})
    )
    assert (policy.late_after_minutes, policy.shift_pause_minutes) == (1, 180)
    again = booked.trial.run(
        change_policy, ChangePolicy(valid_from=date(2026, 6, 2), choices={"offline_after_minutes": 5})
    )
    assert (again.late_after_minutes, again.offline_after_minutes) == (1, 5)
    booked.come("visit", "Ada", TOMORROW_18 + 2 * MINUTE)
    assert "late" in booked.visit("visit").check_in["marks"]
    with pytest.raises(Invalid):
        booked.trial.run(change_policy, ChangePolicy(valid_from=date(2026, 6, 2), choices={"colour": 1}))


def test_children_of_one_family_count_beside_those_of_another(town: Town) -> None:
    """Three children of one family and one of another, all under four: the fourth doesn't fit."""
    town.carer("Minder")
    children = tuple(
        ChildFacts(child_id=named(f"triplet {number}"), first_name="Tri", born=date(2023, 5, 1)) for number in range(3)
    )
    town.family("Trio", children=children)
    town.book("trio", "Minder", "Trio", mode="carer_home", child_ids=tuple(child.child_id for child in children))
    assert town.visit("trio").state == "rostered"
    town.book("fourth", "Minder", mode="carer_home", start=TOMORROW_18 + HOUR)
    assert _refused(town).reason == "ratio"
