"""The one state of a visit: what happened at the door counts most, and a yes counts for the terms as they are now."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.request.domain.progress import OVER, SETTLED, Heard, RosterWord, VisitState, carer_of, newer, state_of

ANA, BEA = UUID(int=0xA), UUID(int=0xB)
CONFIRMED = Heard(
    matching_version=1,
    assigned=True,
    matching_carer_id=ANA,
    roster_version=1,
    roster_word=RosterWord.ROSTERED,
    roster_visit_version=1,
    roster_carer_id=ANA,
)

heards = st.builds(
    Heard,
    matching_version=st.integers(0, 3),
    assigned=st.booleans(),
    matching_carer_id=st.sampled_from([None, ANA, BEA]),
    roster_version=st.integers(0, 3),
    roster_word=st.sampled_from([None, *RosterWord]),
    roster_visit_version=st.integers(0, 3),
    roster_carer_id=st.sampled_from([None, ANA, BEA]),
    unfilled_version=st.integers(0, 3),
    offered_version=st.integers(0, 3),
)


@pytest.mark.parametrize(
    ("heard", "state"),
    [
        (Heard(), VisitState.OPEN),
        (Heard(offered_version=1), VisitState.OFFERED),
        (Heard(unfilled_version=1), VisitState.UNFILLED),
        (Heard(unfilled_version=1, offered_version=1), VisitState.OFFERED),
        (CONFIRMED, VisitState.CERTAIN),
        (replace(CONFIRMED, roster_word=None, roster_carer_id=None), VisitState.ACCEPTED),
        (replace(CONFIRMED, roster_carer_id=BEA), VisitState.ACCEPTED),
        (replace(CONFIRMED, roster_word=RosterWord.REFUSED), VisitState.OPEN),
        (replace(CONFIRMED, roster_word=RosterWord.REFUSED, roster_carer_id=BEA), VisitState.ACCEPTED),
        (replace(CONFIRMED, assigned=False), VisitState.OPEN),
        # The roster's word overtook matching's: it is as certain as the version it names.
        (replace(CONFIRMED, assigned=False, matching_carer_id=None), VisitState.CERTAIN),
    ],
)
def test_the_state_of_a_visit_as_it_is_now(heard: Heard, state: VisitState) -> None:
    assert state_of(1, False, heard) is state


@pytest.mark.parametrize(
    ("heard", "state"),
    [
        (Heard(offered_version=1), VisitState.OPEN),
        (Heard(unfilled_version=1), VisitState.OPEN),
        (CONFIRMED, VisitState.ACCEPTED),
        (replace(CONFIRMED, roster_word=RosterWord.REFUSED), VisitState.ACCEPTED),
        (replace(CONFIRMED, assigned=False, matching_carer_id=None), VisitState.ACCEPTED),
    ],
)
def test_words_about_the_terms_before_an_amendment(heard: Heard, state: VisitState) -> None:
    assert state_of(2, False, heard) is state


@given(heard=heards, version=st.integers(1, 3), removed=st.booleans())
def test_certain_is_said_only_of_the_terms_as_they_are_now_by_the_roster(
    heard: Heard, version: int, removed: bool
) -> None:
    state = state_of(version, removed, heard)
    if state is VisitState.CERTAIN:
        assert heard.roster_word in (RosterWord.ROSTERED, RosterWord.REASSIGNED)
        assert heard.roster_visit_version >= version
        assert not removed
        assert carer_of(heard, state) == heard.roster_carer_id


@given(heard=heards, version=st.integers(1, 3))
def test_what_happened_at_the_door_is_undone_by_no_withdrawal(heard: Heard, version: int) -> None:
    removed = state_of(version, True, heard)
    assert removed in OVER | SETTLED
    if removed is not VisitState.WITHDRAWN:
        assert state_of(version, False, heard) is removed


@given(heard=heards, version=st.integers(1, 3), removed=st.booleans())
def test_nobody_is_named_for_a_visit_nobody_has(heard: Heard, version: int, removed: bool) -> None:
    state = state_of(version, removed, heard)
    if state in (VisitState.OPEN, VisitState.OFFERED, VisitState.UNFILLED, VisitState.WITHDRAWN):
        assert carer_of(heard, state) is None


def test_words_of_one_version_come_in_order_and_done_is_done() -> None:
    assert newer(0, 1)
    assert newer(2, 2)
    assert not newer(2, 1)
    assert newer(2, 3, RosterWord.STARTED)
    assert not newer(2, 3, RosterWord.COMPLETED)
