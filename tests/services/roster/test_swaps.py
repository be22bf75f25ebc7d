"""Swaps between colleagues: asked, agreed by everybody they touch, done at once, and never a way round a rule."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.roster.commands.visits import AnswerSwap, AskSwap
from services.roster.handlers.swaps import answer, ask
from services.roster.tables.visits import swaps
from shared.contracts.matching import VisitAssigned
from shared.contracts.roster import VisitReassigned, VisitRefused
from shared.contracts.roster_notices import SwapAsked, SwapEnded
from shared.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.services.roster.test_concurrency import at_once
from tests.services.roster.town import TOMORROW_18, Town, named

HOUR = timedelta(hours=1)


@pytest.fixture
def booked(town: Town) -> Town:
    """Ada has `visit` at Ames', tomorrow from 18:00 to 21:00; Bea is a colleague."""
    town.carer("Ada")
    town.carer("Bea", 2)
    town.family("Bell")
    town.book("visit", "Ada")
    return town


def _ask(town: Town, to: str = "Bea", return_visit: str | None = None, by: str = "Ada", visit: str = "visit") -> UUID:
    back = named(return_visit) if return_visit else None
    command = AskSwap(visit_id=named(visit), carer_id=named(by), to_carer_id=named(to), return_visit_id=back)
    swap_id: UUID = town.trial.run(ask, command)
    return swap_id


def _say(
    town: Town, swap_id: UUID, as_: str, who: str | None = None, agrees: bool = True, family: str | None = None
) -> str:
    person = named(who) if who else None
    command = AnswerSwap(
        swap_id=swap_id, as_=as_, agrees=agrees, person_id=person, family_id=named(family) if family else None
    )
    state: str = town.trial.run(answer, command)
    return state


def test_a_colleague_takes_a_visit_over_once_they_and_the_family_agree(booked: Town) -> None:
    swap_id = _ask(booked)
    (asked,) = booked.trial.said(SwapAsked)
    assert (asked.from_carer_id, asked.to_carer_id, asked.family_ids) == (named("Ada"), named("Bea"), (named("Ames"),))
    assert _say(booked, swap_id, "colleague", "Bea") == "asked"
    assert booked.visit("visit").carer_id == named("Ada")
    assert _say(booked, swap_id, "family", "Ames") == "done"
    assert booked.visit("visit").carer_id == named("Bea")
    (said,) = booked.trial.said(VisitReassigned)
    assert (said.from_carer_id, said.to_carer_id) == (named("Ada"), named("Bea"))
    assert [ended.state for ended in booked.trial.said(SwapEnded)] == ["done"]


def test_two_visits_at_one_time_change_hands_together(booked: Town) -> None:
    booked.book("other", "Bea", "Bell", start=TOMORROW_18 + HOUR)
    swap_id = _ask(booked, return_visit="other")
    _say(booked, swap_id, "colleague", "Bea")
    _say(booked, swap_id, "family", "Ames")
    assert _say(booked, swap_id, "family", "Bell") == "done"
    assert (booked.visit("visit").carer_id, booked.visit("other").carer_id) == (named("Bea"), named("Ada"))


def test_a_familys_yes_may_reach_the_desk_by_phone_but_the_desk_agrees_to_nothing_itself(booked: Town) -> None:
    swap_id = _ask(booked)
    _say(booked, swap_id, "colleague", "Bea")
    with pytest.raises(NotAllowed):
        _say(booked, swap_id, "desk")
    with pytest.raises(Invalid):
        _say(booked, swap_id, "desk", family="Bell")
    assert _say(booked, swap_id, "desk", family="Ames") == "done"


@pytest.mark.parametrize(
    ("as_", "who", "state"),
    [
        ("colleague", "Bea", "declined"),
        ("family", "Ames", "declined"),
        ("desk", None, "stopped"),
        ("asker", "Ada", "stopped"),
    ],
)
def test_one_no_ends_it_and_the_visit_stays_whose_it_was(booked: Town, as_: str, who: str | None, state: str) -> None:
    swap_id = _ask(booked)
    assert _say(booked, swap_id, as_, who, agrees=False) == state
    assert booked.visit("visit").carer_id == named("Ada")
    with pytest.raises(Conflict, match="over already"):
        _say(booked, swap_id, "colleague", "Bea")


def test_who_has_nothing_to_do_with_it_finds_no_swap(booked: Town) -> None:
    booked.carer("Cas")
    swap_id = _ask(booked)
    for as_, who in (("colleague", "Cas"), ("family", "Bell"), ("asker", "Bea")):
        with pytest.raises(NotFound):
            _say(booked, swap_id, as_, who)


def test_a_swap_that_breaks_a_rule_for_either_carer_is_not_even_asked(booked: Town) -> None:
    booked.book("other", "Bea", "Bell", start=TOMORROW_18 + HOUR)
    with pytest.raises(Conflict) as refusal:
        _ask(booked)
    assert refusal.value.reason == "overlaps"
    assert booked.trial.said(SwapAsked) == []


def test_a_swap_that_no_longer_fits_when_the_last_yes_comes_is_not_done_and_still_asked(booked: Town) -> None:
    swap_id = _ask(booked)
    _say(booked, swap_id, "colleague", "Bea")
    booked.book("other", "Bea", "Bell", start=TOMORROW_18 + HOUR)
    with pytest.raises(Conflict, match="no longer fits"):
        _say(booked, swap_id, "family", "Ames")
    assert booked.visit("visit").carer_id == named("Ada")
    assert [row.state for row in booked.rows(swaps)] == ["asked"]


def test_a_swap_not_everybody_answered_lapses_as_the_visit_begins(booked: Town) -> None:
    swap_id = _ask(booked)
    booked.trial.clock.move_to(TOMORROW_18)
    booked.settle()
    assert [row.state for row in booked.rows(swaps)] == ["lapsed"]
    with pytest.raises(Conflict):
        _say(booked, swap_id, "colleague", "Bea")


def test_a_visit_that_was_taken_back_meanwhile_overtakes_the_swap(booked: Town) -> None:
    swap_id = _ask(booked)
    booked.trial.hear(booked.unassigned("visit", "Ada"))
    assert _say(booked, swap_id, "colleague", "Bea") == "overtaken"


def test_what_was_swapped_may_be_taken_back_by_matching_and_told_of_the_new_carer(booked: Town) -> None:
    """Matching's word about the old carer comes late: it must not take the visit from the new one."""
    swap_id = _ask(booked)
    _say(booked, swap_id, "colleague", "Bea")
    _say(booked, swap_id, "family", "Ames")
    booked.trial.hear(booked.unassigned("visit", "Bea"))
    assert booked.visit("visit").state == "released"


def test_the_same_visit_is_asked_about_once_at_a_time_and_only_by_its_carer(booked: Town) -> None:
    _ask(booked)
    with pytest.raises(Conflict, match="already"):
        _ask(booked)
    with pytest.raises(NotFound):
        _ask(booked, to="Ada", by="Bea")
    for nobody in ("Nobody", "Ada"):
        with pytest.raises(Invalid):
            _ask(booked, to=nobody)


@pytest.mark.parametrize("time", range(5))
def test_a_swap_and_a_booking_at_once_never_put_a_carer_in_two_places(booked: Town, time: int) -> None:
    swap_id = _ask(booked)
    _say(booked, swap_id, "colleague", "Bea")
    booked.ask("other", "Bell", start=TOMORROW_18 + HOUR)
    booked.trial.hear(booked.assigned("other", "Bea"))

    def last_yes() -> str:
        try:
            return _say(booked, swap_id, "family", "Ames")
        except Conflict:
            return "refused"

    def book() -> str:
        booked.settle()
        return "booked"

    at_once(last_yes, book)
    booked.settle()
    (theirs,) = [row for row in booked.rows() if row.carer_id == named("Bea") and row.state == "rostered"]
    swapped = theirs.visit_id == named("visit")
    assert (len(booked.trial.said(VisitReassigned)), len(booked.trial.said(VisitRefused))) == (swapped, swapped)


def test_an_assignment_told_again_after_a_swap_changes_nothing(booked: Town) -> None:
    swap_id = _ask(booked)
    _say(booked, swap_id, "colleague", "Bea")
    _say(booked, swap_id, "family", "Ames")
    again = VisitAssigned(
        desk_id=booked.trial.desk_id,
        version=1,
        visit_id=named("visit"),
        visit_version=1,
        care_request_id=named("request"),
        carer_id=named("Ada"),
        offer_id=named("offer"),
        assigned_at=booked.trial.clock.now(),
    )
    booked.trial.hear(again)
    booked.settle()
    assert booked.visit("visit").carer_id == named("Bea")
