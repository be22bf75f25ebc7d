"""Open-ended patterns become visits as time goes on, each day once."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from services.request.commands.care_requests import AmendCareRequest, ExtendHorizon, WithdrawCareRequest
from services.request.commands.desk import SetPolicy
from services.request.commands.shared_care import EndSharedCare
from services.request.domain.hours import OneOff
from services.request.domain.policy import DEFAULT_POLICY
from services.request.handlers.care_requests import amend_care_request, extend_horizon, withdraw_care_request
from services.request.handlers.desks import set_policy
from services.request.handlers.families import FamilyKept
from services.request.handlers.shared_care import end_shared_care
from services.request.tables import visits
from shared.contracts.request import CareRequestAmended
from tests.services.request.town import KEMPTOWN, NIGHTS, NOW, TODAY, Town, amending, at


def _starts(town: Town) -> list[datetime]:
    with town.rows() as session:
        return list(session.execute(select(visits.c.starts_at).order_by(visits.c.starts_at)).scalars())


def _weekly(count: int) -> list[datetime]:
    """Thursdays at 21:00 in Brighton, in UTC, through the end of summer time."""
    return [at(4, 20) + timedelta(weeks=n) for n in range(count)]


def _let_pass(town: Town, days: int) -> None:
    for _ in range(days):
        town.trial.clock.advance(timedelta(days=1))
        town.trial.run_timers()


def test_a_pattern_has_visits_eight_weeks_ahead_at_any_time_and_each_night_once(town: Town, ames: FamilyKept) -> None:
    town.ask(ames, NIGHTS)
    assert _starts(town) == _weekly(8)
    _let_pass(town, 7)
    assert _starts(town) == _weekly(9)
    (said,) = town.trial.said(CareRequestAmended)
    assert ([visit.start for visit in said.visits], said.removed_visit_ids) == (_weekly(9)[8:], ())
    _let_pass(town, 35)
    assert _starts(town) == _weekly(14)


def test_a_worker_that_was_away_for_weeks_catches_up(town: Town, ames: FamilyKept) -> None:
    town.ask(ames, NIGHTS)
    town.trial.clock.advance(timedelta(days=38))
    town.trial.run_timers()
    assert _starts(town) == _weekly(14)


def test_a_timer_that_comes_twice_makes_no_visit_twice(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, NIGHTS)
    town.trial.clock.advance(timedelta(days=7))
    for _ in range(2):
        town.trial.run(extend_horizon, ExtendHorizon(care_request_id=opened.care_request_id))
    assert _starts(town) == _weekly(9)
    assert len(town.trial.said(CareRequestAmended)) == 1


def test_a_pattern_with_a_last_day_is_looked_at_until_then(town: Town, ames: FamilyKept) -> None:
    town.ask(ames, replace(NIGHTS, ends_on=date(2026, 8, 6)))
    _let_pass(town, 21)
    assert _starts(town) == _weekly(10)
    assert town.timers() == set()


def test_a_pattern_that_begins_in_months_is_waited_for(town: Town, ames: FamilyKept) -> None:
    town.ask(ames, replace(NIGHTS, starts_on=date(2026, 9, 1)))
    assert _starts(town) == []
    _let_pass(town, 43)
    assert _starts(town) == [at(4, 20) + timedelta(weeks=13)]


def test_a_visit_added_later_is_as_the_request_stands_then(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, NIGHTS)
    town.run(amend_care_request, amending(opened, child_ids=tuple(ames.child_ids[:1]), skills=("calm",)))
    _let_pass(town, 7)
    (visit,) = town.trial.said(CareRequestAmended)[-1].visits
    assert (visit.child_ids, visit.skills, visit.version) == (tuple(ames.child_ids[:1]), ("calm",), 1)


def test_a_visit_moved_far_ahead_by_hand_stands_where_the_patterns_would_be(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, NIGHTS)
    moved = opened.visits[0].visit_id
    night = OneOff(start=_weekly(9)[8] + timedelta(hours=1), end=_weekly(9)[8] + timedelta(hours=9))
    town.run(amend_care_request, AmendCareRequest(care_request_id=opened.care_request_id, visit_id=moved, visit=night))
    _let_pass(town, 14)
    assert _starts(town) == [*_weekly(8)[1:], night.start, _weekly(10)[9]]


def test_a_withdrawn_pattern_and_one_made_a_single_visit_become_no_more(town: Town, ames: FamilyKept) -> None:
    withdrawn = town.ask(ames, NIGHTS)
    town.run(withdraw_care_request, WithdrawCareRequest(care_request_id=withdrawn.care_request_id))
    ended = town.ask(ames, NIGHTS)
    town.run(amend_care_request, amending(ended, replace(NIGHTS, ends_on=TODAY + timedelta(days=14))))
    said = len(town.trial.said())
    _let_pass(town, 14)
    assert len(town.trial.said()) == said
    assert town.timers() == set()


def test_how_far_ahead_is_the_desks_choice_from_its_day_on(town: Town, ames: FamilyKept) -> None:
    longer = replace(DEFAULT_POLICY, valid_from=TODAY + timedelta(days=7), weeks_ahead=12)
    town.run(set_policy, SetPolicy(policy=longer))
    town.ask(ames, NIGHTS)
    assert _starts(town) == _weekly(8)
    _let_pass(town, 7)
    assert _starts(town) == _weekly(13)


def test_a_night_keeps_its_hours_on_the_clock_when_summer_time_ends(town: Town, ames: FamilyKept) -> None:
    town.trial.clock.move_to(NOW.replace(month=10, day=1))
    town.ask(ames, replace(NIGHTS, starts_on=date(2026, 10, 19)))
    assert [start.hour for start in _starts(town)][:2] == [20, 21]


def test_a_visit_added_after_sharing_ended_is_at_the_familys_own_home(town: Town, ames: FamilyKept) -> None:
    bell = town.family("Bell", KEMPTOWN)
    shared = town.share(ames, bell)
    town.ask(bell, NIGHTS, shared_care_id=shared)
    town.run(end_shared_care, EndSharedCare(shared_care_id=shared, valid_until=TODAY + timedelta(days=70)))
    _let_pass(town, 21)
    added = [visit for said in town.trial.said(CareRequestAmended) for visit in said.visits]
    assert [(visit.shared_care_id, visit.place.area if visit.place else None) for visit in added] == [
        (shared, "Hove"),
        (shared, "Hove"),
        (None, "Kemptown"),
    ]
