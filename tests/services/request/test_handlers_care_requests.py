"""Care requests: what is said when they are opened, what an amendment changes and what it leaves, withdrawal."""

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.request.commands.care_requests import WithdrawCareRequest
from services.request.commands.desk import SetPolicy
from services.request.domain.hours import OneOff
from services.request.domain.policy import DEFAULT_POLICY
from services.request.handlers.care_requests import Opened, amend_care_request, withdraw_care_request
from services.request.handlers.desks import set_policy
from services.request.handlers.families import FamilyKept
from services.request.tables import reasons, request_history, visit_history
from shared.contracts.request import CareRequestAmended, CareRequestOpened, CareRequestWithdrawn
from shared.domain.errors import Conflict, Invalid, NotFound
from shared.domain.pattern import Slot, WeeklyPattern
from tests.services.request.town import EVENING, NIGHTS, NOW, Town, Words, amending, at

TWO_EVENINGS = WeeklyPattern(
    weeks=1,
    slots=(
        Slot(week=0, weekday=1, start=time(18), end=time(21, 30)),
        Slot(week=0, weekday=4, start=time(18), end=time(21, 30)),
    ),
    starts_on=date(2026, 6, 1),
    ends_on=date(2026, 6, 14),
)


def amend(town: Town, opened: Opened, *asked: OneOff | WeeklyPattern, **change: Any) -> Opened:
    """Another visit or pattern instead of what was asked, or what is named; what is no field is one of the terms."""
    amended: Opened = town.run(amend_care_request, amending(opened, *asked, **change))
    return amended


def test_a_request_is_said_with_every_visit_known_so_far(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, TWO_EVENINGS, urgency="sick_child", skills=("swimming",), child_ids=ames.child_ids[:1])
    (said,) = town.trial.said(CareRequestOpened)
    assert (said.care_request_id, said.family_id, said.urgent, said.opened_at) == (
        opened.care_request_id,
        ames.family_id,
        True,
        NOW,
    )
    assert [visit.start for visit in said.visits] == [at(2, 17), at(5, 17), at(9, 17), at(12, 17)]
    assert [visit.end for visit in said.visits] == [at(2, 20, 30), at(5, 20, 30), at(9, 20, 30), at(12, 20, 30)]
    first = said.visits[0]
    assert (first.version, first.family_id, first.child_ids) == (1, ames.family_id, tuple(ames.child_ids[:1]))
    assert (first.mode, first.zone, first.skills) == ("family_home", "Europe/London", ("swimming",))
    assert first.place is not None
    assert first.place.address == "12 Example Terrace, Hove"
    assert len({visit.visit_id for visit in said.visits}) == 4


def test_care_at_the_carers_home_names_no_place(town: Town, ames: FamilyKept) -> None:
    town.ask(ames, mode="carer_home")
    assert town.trial.said(CareRequestOpened)[0].visits[0].place is None


def test_an_open_ended_pattern_has_visits_eight_weeks_ahead(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, NIGHTS)
    assert [visit.starts_at for visit in opened.visits] == [at(4, 20) + timedelta(weeks=n) for n in range(8)]


def test_a_pattern_begun_today_has_no_visit_that_is_over_already(town: Town, ames: FamilyKept) -> None:
    early = replace(TWO_EVENINGS, slots=(Slot(week=0, weekday=0, start=time(7), end=time(8)),))
    assert [visit.starts_at for visit in town.ask(ames, early).visits] == [at(8, 6)]


def test_an_urgent_visit_may_have_begun_a_moment_ago_another_not(town: Town, ames: FamilyKept) -> None:
    late = OneOff(start=NOW - timedelta(minutes=20), end=NOW + timedelta(hours=4))
    assert len(town.ask(ames, late, urgency="sick_child").visits) == 1
    with pytest.raises(Invalid, match="in the past"):
        town.ask(ames, late)
    with pytest.raises(Invalid, match="in the past"):
        town.ask(ames, replace(late, start=NOW - timedelta(minutes=31)), urgency="sick_child")


def test_a_desk_may_shorten_what_the_country_allows_but_not_lengthen_it(town: Town, ames: FamilyKept) -> None:
    day = OneOff(start=EVENING.start, end=EVENING.start + timedelta(hours=24) if EVENING.start else None)
    assert len(town.ask(ames, day).visits) == 1
    shorter = replace(DEFAULT_POLICY, valid_from=NOW.date(), longest_visit_minutes=12 * 60)
    town.run(set_policy, SetPolicy(policy=shorter))
    with pytest.raises(Invalid, match="lasts 24 h; one visit may last 12 h"):
        town.ask(ames, day)
    town.run(set_policy, SetPolicy(policy=replace(shorter, longest_visit_minutes=72 * 60)))
    with pytest.raises(Invalid, match="one visit may last 24 h"):
        town.ask(ames, replace(day, end=at(4, 18)))


def test_a_changed_visit_keeps_its_id_and_counts_its_version(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames)
    amended = amend(town, opened, OneOff(start=at(1, 19), end=at(1, 23)))
    assert [(visit.visit_id, visit.version) for visit in amended.visits] == [(opened.visits[0].visit_id, 2)]
    (said,) = town.trial.said(CareRequestAmended)
    assert (said.version, said.removed_visit_ids) == (2, ())
    assert (said.visits[0].version, said.visits[0].start) == (2, at(1, 19))


def test_an_amendment_that_changes_nothing_says_nothing(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames)
    assert amend(town, opened, EVENING, skills=()).version == 1
    assert town.trial.said(CareRequestAmended) == []


def test_visits_of_a_pattern_that_stay_as_they_are_keep_their_version(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, TWO_EVENINGS)
    later_on_fridays = replace(
        TWO_EVENINGS, slots=(TWO_EVENINGS.slots[0], replace(TWO_EVENINGS.slots[1], end=time(22)))
    )
    amended = amend(town, opened, later_on_fridays)
    assert [(visit.visit_id, visit.version) for visit in amended.visits] == [
        (visit.visit_id, version) for visit, version in zip(opened.visits, (1, 2, 1, 2), strict=True)
    ]


def test_a_weekday_that_goes_takes_its_visits_and_a_new_one_brings_some(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, TWO_EVENINGS)
    fridays = [visit.visit_id for visit in opened.visits[1::2]]
    sundays = replace(TWO_EVENINGS, slots=(TWO_EVENINGS.slots[0], replace(TWO_EVENINGS.slots[1], weekday=6)))
    amended = amend(town, opened, sundays)
    (said,) = town.trial.said(CareRequestAmended)
    assert set(said.removed_visit_ids) == set(fridays)
    assert [visit.start for visit in said.visits] == [at(7, 17), at(14, 17)]
    assert len(amended.visits) == 4


def test_one_visit_of_a_pattern_is_moved_alone(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, TWO_EVENINGS)
    amend(town, opened, visit_id=opened.visits[2].visit_id, visit=OneOff(start=at(10, 17), end=at(10, 20)))
    (said,) = town.trial.said(CareRequestAmended)
    assert [(visit.visit_id, visit.start) for visit in said.visits] == [(opened.visits[2].visit_id, at(10, 17))]


def test_a_visit_of_a_pattern_is_given_up_alone(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, TWO_EVENINGS)
    gone = opened.visits[1].visit_id
    amended = amend(town, opened, removed_visit_ids=(gone,))
    (said,) = town.trial.said(CareRequestAmended)
    assert (said.visits, said.removed_visit_ids) == ((), (gone,))
    assert gone not in [visit.visit_id for visit in amended.visits]
    with pytest.raises(Conflict, match="given up") as refusal:
        amend(town, opened, removed_visit_ids=(gone,))
    assert refusal.value.reason == "has-begun"


def test_a_visit_given_up_doesnt_come_back_when_the_pattern_changes(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, TWO_EVENINGS)
    amend(town, opened, removed_visit_ids=(opened.visits[1].visit_id,))
    longer = replace(TWO_EVENINGS, slots=tuple(replace(slot, end=time(22)) for slot in TWO_EVENINGS.slots))
    amended = amend(town, opened, longer, removed_visit_ids=(opened.visits[2].visit_id,))
    assert [(visit.visit_id, visit.starts_at) for visit in amended.visits] == [
        (opened.visits[0].visit_id, at(2, 17)),
        (opened.visits[3].visit_id, at(12, 17)),
    ]


def test_a_weekday_that_went_comes_back_when_it_is_asked_for_again(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, TWO_EVENINGS)
    amend(town, opened, replace(TWO_EVENINGS, slots=TWO_EVENINGS.slots[:1]))
    amended = amend(town, opened, TWO_EVENINGS)
    assert [visit.starts_at for visit in amended.visits] == [visit.starts_at for visit in opened.visits]


def test_a_visit_cant_be_moved_onto_another_of_its_request(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, TWO_EVENINGS)
    with pytest.raises(Invalid, match="overlap"):
        amend(town, opened, visit_id=opened.visits[1].visit_id, visit=OneOff(start=at(2, 18), end=at(2, 22)))
    assert town.trial.said(CareRequestAmended) == []


def test_another_requests_visit_is_not_this_ones_to_change(town: Town, ames: FamilyKept) -> None:
    opened, other = town.ask(ames), town.ask(ames)
    with pytest.raises(Invalid, match="not a visit of this request"):
        amend(town, opened, removed_visit_ids=(other.visits[0].visit_id,))


def test_a_visit_that_began_stands_when_its_pattern_changes(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, TWO_EVENINGS)
    town.trial.clock.move_to(at(2, 17, 10))  # the carer is late: nobody has checked in
    begun = opened.visits[0].visit_id
    amended = amend(town, opened, replace(TWO_EVENINGS, slots=TWO_EVENINGS.slots[1:]))
    assert begun in [visit.visit_id for visit in amended.visits]
    assert town.trial.said(CareRequestAmended)[0].removed_visit_ids == (opened.visits[2].visit_id,)


def test_a_visit_under_way_is_the_rosters_to_change(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames)
    words = Words(town, opened.visits[0].visit_id, opened.care_request_id)
    for said in (words.assigned(), words.rostered(), words.started()):
        town.trial.hear(said)
    with pytest.raises(Conflict, match="only the roster") as refusal:
        amend(town, opened, OneOff(start=at(1, 19), end=at(1, 23)))
    assert refusal.value.reason == "has-begun"
    withdrawn = town.run(withdraw_care_request, WithdrawCareRequest(care_request_id=opened.care_request_id))
    assert withdrawn.state == "withdrawn"
    assert town.trial.said(CareRequestWithdrawn)[0].visit_ids == ()
    assert town.visit(opened).state == "running"


def test_a_certain_visit_that_is_amended_is_being_confirmed_again(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames)
    words = Words(town, opened.visits[0].visit_id, opened.care_request_id)
    town.trial.hear(words.assigned())
    town.trial.hear(words.rostered())
    assert town.visit(opened).state == "certain"
    amend(town, opened, OneOff(start=at(1, 19), end=at(1, 23)))
    assert town.visit(opened).state == "accepted"
    town.trial.hear(words.assigned(version=2, visit_version=2))
    town.trial.hear(words.moved())
    assert town.visit(opened).state == "certain"


def test_an_amendment_of_what_somebody_else_changed_is_refused(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames)
    amend(town, opened, version=1, skills=("swimming",))
    with pytest.raises(Conflict, match="you saw version 1, it is at 2") as refusal:
        amend(town, opened, version=1, skills=("calm",))
    assert refusal.value.reason == "changed-meanwhile"
    assert town.visit(opened).skills == ["swimming"]


def test_a_withdrawn_request_takes_its_visits_and_opens_no_more(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, TWO_EVENINGS)
    town.run(withdraw_care_request, WithdrawCareRequest(care_request_id=opened.care_request_id))
    (said,) = town.trial.said(CareRequestWithdrawn)
    assert set(said.visit_ids) == {visit.visit_id for visit in opened.visits}
    assert {visit.state for visit in town.read(opened).visits} == {"withdrawn"}
    with pytest.raises(Conflict, match="withdrawn"):
        amend(town, opened, skills=("calm",))
    with pytest.raises(Conflict, match="withdrawn"):
        town.run(withdraw_care_request, WithdrawCareRequest(care_request_id=opened.care_request_id))


def test_a_family_cant_withdraw_anothers_request(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames)
    bell = town.family("Bell")
    command = WithdrawCareRequest(care_request_id=opened.care_request_id, family_id=bell.family_id)
    with pytest.raises(NotFound):
        town.run(withdraw_care_request, command)


def test_every_version_of_a_visit_is_kept_with_who_made_it_and_why(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, reason="night shift")
    town.trial.clock.advance(timedelta(minutes=5))
    amend(town, opened, OneOff(start=at(1, 19), end=at(1, 23)), why="shift moved")
    town.run(withdraw_care_request, WithdrawCareRequest(care_request_id=opened.care_request_id, why="swapped"))
    with town.rows() as session:
        rows = session.execute(
            select(visit_history, request_history.c.what, request_history.c.by_account_id, reasons.c.reason)
            .join(request_history, request_history.c.version == visit_history.c.request_version)
            .outerjoin(reasons, reasons.c.reason_id == request_history.c.reason_id)
            .order_by(visit_history.c.version)
        ).all()
    assert [(row.version, row.starts_at, row.what, row.removed, row.reason) for row in rows] == [
        (1, at(1, 18), "opened", None, "night shift"),
        (2, at(1, 19), "amended", None, "shift moved"),
        (3, at(1, 19), "withdrawn", "withdrawn", "swapped"),
    ]
    assert {row.by_account_id for row in rows} == {town.dispatcher.account_id}
    assert rows[1].at == NOW + timedelta(minutes=5)
