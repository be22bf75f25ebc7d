"""Many at once, with real threads on PostgreSQL: one wins, the others are told, no word is lost."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import TypeVar
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.request.commands.care_requests import AmendCareRequest, ExtendHorizon, WithdrawCareRequest
from services.request.commands.families import ChangeFamily, EraseFamily
from services.request.domain.hours import OneOff
from services.request.handlers.care_requests import (
    amend_care_request,
    extend_horizon,
    open_care_request,
    withdraw_care_request,
)
from services.request.handlers.erasing import erase_family
from services.request.handlers.families import FamilyKept, change_family
from services.request.tables import visit_history, visits
from shared.contracts.request import CareRequestAmended, CareRequestOpened, CareRequestWithdrawn, FamilyErased
from shared.domain.errors import DomainError
from tests.services.request.test_api import FAMILY, post
from tests.services.request.town import KEMPTOWN, NIGHTS, Town, Words, asking, at, family_terms, what_is_asked

T = TypeVar("T")
TIMES = 8


def at_once(tasks: Sequence[Callable[[], T]]) -> list[T]:
    """Run all tasks in threads that start together."""
    barrier = Barrier(len(tasks))

    def run(task: Callable[[], T]) -> T:
        barrier.wait()
        return task()

    with ThreadPoolExecutor(max_workers=len(tasks)) as pool:
        return list(pool.map(run, tasks))


def told(task: Callable[[], object]) -> str:
    """`done`, or the code of the refusal."""
    try:
        task()
    except DomainError as refusal:
        return refusal.reason
    return "done"


def amend(town: Town, request_id: UUID, hour: int, version: int | None = None) -> object:
    moved = OneOff(start=at(1, hour), end=at(1, 23))
    command = AmendCareRequest(care_request_id=request_id, version=version, asked=what_is_asked(moved))
    return town.run(amend_care_request, command)


def test_of_two_who_amend_what_they_both_read_one_wins_and_the_other_is_told(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames)
    answers = at_once([partial(told, partial(amend, town, opened.care_request_id, 11 + n, 1)) for n in range(TIMES)])
    assert Counter(answers) == {"done": 1, "changed-meanwhile": TIMES - 1}
    (said,) = town.trial.said(CareRequestAmended)
    assert town.visit(opened).start == said.visits[0].start
    assert town.visit(opened).version == 2


def test_amendments_that_name_no_version_follow_one_another_and_each_is_said(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames)
    answers = at_once([partial(told, partial(amend, town, opened.care_request_id, 11 + n)) for n in range(TIMES)])
    assert answers == ["done"] * TIMES
    said = town.trial.said(CareRequestAmended)
    assert [each.version for each in said] == list(range(2, TIMES + 2))
    assert [each.visits[0].version for each in said] == list(range(2, TIMES + 2))
    assert town.visit(opened).start == said[-1].visits[0].start
    assert town.count(visit_history) == TIMES + 1


def test_a_request_withdrawn_and_amended_at_once_ends_withdrawn(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames)
    withdraw = partial(town.run, withdraw_care_request, WithdrawCareRequest(care_request_id=opened.care_request_id))
    answers = at_once(
        [partial(told, withdraw)]
        + [partial(told, partial(amend, town, opened.care_request_id, 11 + n)) for n in range(TIMES)]
    )
    assert answers[0] == "done"
    assert set(answers[1:]) <= {"done", "withdrawn"}
    assert town.visit(opened).state == "withdrawn"
    assert len(town.trial.said(CareRequestWithdrawn)) == 1
    assert len(town.trial.said(CareRequestAmended)) == answers[1:].count("done")


def test_two_timers_at_once_make_each_night_once(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, NIGHTS)
    town.trial.clock.advance(timedelta(days=21))
    extend = partial(town.trial.run, extend_horizon, ExtendHorizon(care_request_id=opened.care_request_id))
    assert at_once([partial(told, extend)] * TIMES) == ["done"] * TIMES
    with town.rows() as session:
        nights = session.execute(select(func.count(), func.count(visits.c.starts_at.distinct()))).one()
    assert tuple(nights) == (11, 11)


def test_a_change_of_terms_and_the_rosters_word_at_once_lose_neither(town: Town, ames: FamilyKept) -> None:
    for number in range(TIMES):
        opened = town.ask(ames)
        words = Words(town, opened.visits[0].visit_id, opened.care_request_id)
        town.trial.hear(words.assigned())
        said: list[Callable[[], object]] = [
            partial(amend, town, opened.care_request_id, 11 + number % 4),
            partial(town.trial.hear, words.rostered()),
            partial(town.trial.hear, words.offer_made(UUID(int=number + 1))),
        ]
        at_once(said)
        visit = town.visit(opened)
        # The roster's yes was to the terms before: it is being confirmed again.
        assert (visit.version, visit.state) == (2, "accepted")
        assert visit.rostered_start is not None


def test_a_family_erased_while_it_asks_leaves_nothing_asked(town: Town, ames: FamilyKept) -> None:
    ask = partial(town.run, open_care_request, asking(ames))
    erase = partial(town.run, erase_family, EraseFamily(family_id=ames.family_id))
    answers = at_once([partial(told, erase)] + [partial(told, ask)] * TIMES)
    assert answers[0] == "done"
    assert set(answers[1:]) <= {"done", "erased"}
    opened = {each.care_request_id for each in town.trial.said(CareRequestOpened)}
    assert {each.care_request_id for each in town.trial.said(CareRequestWithdrawn)} == opened
    assert len(opened) == answers[1:].count("done")
    assert len(town.trial.said(FamilyErased)) == 1


def test_a_family_that_moves_while_it_asks_is_visited_at_its_new_home(town: Town, ames: FamilyKept) -> None:
    ask = partial(town.run, open_care_request, asking(ames))
    children = tuple(
        type(child)(first_name=child.first_name, born=child.born, child_id=child_id)
        for child, child_id in zip(family_terms().children, ames.child_ids, strict=True)
    )
    moved = ChangeFamily(family_id=ames.family_id, family=family_terms(home=KEMPTOWN, children=children))
    assert at_once([partial(told, ask)] * TIMES + [partial(told, partial(town.run, change_family, moved))]) == (
        ["done"] * (TIMES + 1)
    )
    latest = {
        visit.visit_id: visit.place.area
        for said in town.trial.said(CareRequestOpened, CareRequestAmended)
        for visit in said.visits
    }
    assert list(latest.values()) == ["Kemptown"] * TIMES


@pytest.mark.parametrize("time", range(3))
def test_one_key_sent_many_times_at_once_registers_one_family(town: Town, time: int) -> None:
    answers = at_once([partial(post, town, "/families", FAMILY, f"key {time}")] * TIMES)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["family_id"] for answer in answers}) == 1
