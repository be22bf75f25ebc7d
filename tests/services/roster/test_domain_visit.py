"""A visit guards its own course: what may follow what, and what it says at each step."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from services.roster.domain.visit import Visit
from services.roster.domain.visit_terms import AWAITED, HOLDING, Flag, Leaving, State, Terms
from shared.domain.errors import Conflict, DomainError, Invalid
from shared.domain.values import Place

START = datetime(2026, 6, 2, 17, 0, tzinfo=UTC)
END = START + timedelta(hours=3)
TERMS = Terms(
    visit_version=1,
    family_id=UUID(int=1),
    carer_id=UUID(int=2),
    mode="family_home",
    starts_at=START,
    ends_at=END,
    zone="Europe/London",
    place=Place(place_id=UUID(int=3), latitude=50.8, longitude=-0.1, zone="Europe/London", area="Hove"),
    shared_care_id=None,
    child_ids=(UUID(int=4),),
    children_born=(date(2023, 5, 1),),
)

LEAVING = Leaving(at=END, handed_to="Sam Ames")

STEPS: dict[str, Callable[[Visit], object]] = {
    "roster": lambda visit: visit.roster(TERMS),
    "refuse": lambda visit: visit.refuse(TERMS, "rest", "Too little rest."),
    "release": lambda visit: visit.release(),
    "start": lambda visit: visit.start(START, {}),
    "complete": lambda visit: visit.complete(LEAVING),
    "set out": lambda visit: visit.set_out(START, START + timedelta(minutes=9)),
    "confirm": lambda visit: visit.confirm_coming(START),
    "extend": lambda visit: visit.extend(END + timedelta(hours=1)),
    "reassign": lambda visit: visit.reassign(UUID(int=7), TERMS.place),
    "miss": lambda visit: visit.miss(),
    "cancel": lambda visit: visit.cancel("family", START),
    "correct": lambda visit: visit.correct(START, END, "flat phone"),
}
WAYS: dict[State, tuple[str, ...]] = {
    State.REFUSED: ("refuse",),
    State.ROSTERED: ("roster",),
    State.ON_THE_WAY: ("roster", "set out"),
    State.STARTED: ("roster", "start"),
    State.COMPLETED: ("roster", "start", "complete"),
    State.MISSED: ("roster", "miss"),
    State.CANCELLED: ("roster", "cancel"),
    State.RELEASED: ("roster", "release"),
}
# What each step leads to from each state; a code where it is refused, the same state where it changes nothing.
COURSE: dict[State, dict[str, str]] = {
    State.REFUSED: {
        "start": "no-longer-yours",
        "complete": "no-longer-yours",
        "set out": "no-longer-yours",
        "confirm": "no-longer-yours",
        "extend": "over",
        "reassign": "not-rostered",
        "cancel": "not-rostered",
        "correct": "not-held",
    },
    State.ON_THE_WAY: {
        "start": "started",
        "complete": "not-checked-in",
        "set out": "on_the_way",
        "confirm": "on_the_way",
        "reassign": "not-rostered",
        "miss": "missed",
        "cancel": "cancelled",
        "release": "released",
        "correct": "completed",
        "refuse": "on_the_way",
    },
    State.ROSTERED: {
        "start": "started",
        "complete": "not-checked-in",
        "set out": "on_the_way",
        "confirm": "rostered",
        "reassign": "rostered",
        "miss": "missed",
        "cancel": "cancelled",
        "release": "released",
        "correct": "completed",
        "refuse": "rostered",
    },
    State.STARTED: {
        "start": "already",
        "complete": "completed",
        "set out": "begun",
        "confirm": "begun",
        "reassign": "not-rostered",
        "cancel": "not-rostered",
        "correct": "completed",
    },
    State.COMPLETED: {
        "start": "already",
        "complete": "already",
        "set out": "begun",
        "confirm": "begun",
        "extend": "over",
        "reassign": "not-rostered",
        "cancel": "not-rostered",
        "correct": "completed",
    },
    State.MISSED: {
        "start": "started",
        "complete": "not-checked-in",
        "set out": "begun",
        "confirm": "begun",
        "extend": "over",
        "reassign": "not-rostered",
        "cancel": "not-rostered",
        "correct": "completed",
    },
    State.CANCELLED: {
        "start": "cancelled",
        "complete": "cancelled",
        "set out": "cancelled",
        "confirm": "cancelled",
        "extend": "over",
        "reassign": "not-rostered",
        "cancel": "already-cancelled",
        "correct": "not-held",
    },
    State.RELEASED: {
        "start": "no-longer-yours",
        "complete": "no-longer-yours",
        "set out": "no-longer-yours",
        "confirm": "no-longer-yours",
        "extend": "over",
        "reassign": "not-rostered",
        "cancel": "not-rostered",
        "correct": "not-held",
        "refuse": "refused",
    },
}


def _visit(state: State) -> Visit:
    visit = Visit(UUID(int=9), UUID(int=8), TERMS)
    for step in WAYS[state]:
        STEPS[step](visit)
    assert visit.state == state
    return visit


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("step", [step for step in STEPS if step != "roster"])
def test_the_course_of_a_visit(state: State, step: str) -> None:
    visit = _visit(state)
    before = visit.version
    assert _outcome(visit, step) == COURSE[state].get(step, state)
    if visit.state != state:
        assert visit.version > before
    elif step not in ("refuse", "correct", "confirm", "extend", "reassign"):
        assert visit.version == before


def _outcome(visit: Visit, step: str) -> str:
    """The code of the refusal, or the state the step leads to."""
    try:
        STEPS[step](visit)
    except Conflict as refusal:
        return refusal.reason
    return visit.state


@pytest.mark.parametrize("state", list(State))
def test_versions_of_what_is_said_grow(state: State) -> None:
    versions = [event.version for event in _visit(state).take_recorded()]
    assert versions == sorted(set(versions))


def test_a_refusal_leaves_a_rostered_visit_on_its_old_terms() -> None:
    visit = _visit(State.ROSTERED)
    visit.refuse(replace(TERMS, visit_version=2, ends_at=END + timedelta(hours=1)), "rest", "Too little rest.")
    assert (visit.state, visit.visit_version, visit.ends_at) == (State.ROSTERED, 1, END)
    assert visit.take_recorded()[-1].visit_version == 2


def test_new_terms_replace_the_old_ones() -> None:
    visit = _visit(State.ROSTERED)
    visit.roster(replace(TERMS, visit_version=2, ends_at=END + timedelta(hours=1)))
    assert (visit.visit_version, visit.ends_at, visit.held_until) == (2, *[END + timedelta(hours=1)] * 2)


def test_a_carer_who_leaves_early_is_free_from_then_on_and_one_who_stays_holds_nothing_more() -> None:
    early, late = _visit(State.STARTED), _visit(State.STARTED)
    early.complete(replace(LEAVING, at=END - timedelta(hours=1)))
    late.complete(replace(LEAVING, at=END + timedelta(hours=1)))
    assert (early.held_until, late.held_until) == (END - timedelta(hours=1), END)


def test_a_check_out_before_the_check_in_is_refused() -> None:
    with pytest.raises(Invalid):
        _visit(State.STARTED).complete(replace(LEAVING, at=START))


def test_who_may_cancel_is_known() -> None:
    with pytest.raises(DomainError):
        _visit(State.ROSTERED).cancel("weather", START)


@pytest.mark.parametrize(
    ("alert", "state"),
    [
        (Flag.MISSING_CHECK_IN, State.ROSTERED),
        (Flag.CARER_ABSENT, State.ROSTERED),
        (Flag.MISSING_CHECK_OUT, State.STARTED),
    ],
)
def test_an_alert_is_raised_once_and_only_while_it_means_something(alert: Flag, state: State) -> None:
    visit = _visit(state)
    assert visit.flag(alert)
    assert not visit.flag(alert)
    awaited = AWAITED if state in AWAITED else (state,)
    for other in State:
        assert other in awaited or not _visit(other).flag(alert)


def test_a_carer_is_held_by_what_they_have_and_did() -> None:
    assert {state for state in State if state in HOLDING} == {
        State.ROSTERED,
        State.ON_THE_WAY,
        State.STARTED,
        State.COMPLETED,
        State.MISSED,
    }


def test_a_visit_ends_with_somebody_who_takes_the_children_over() -> None:
    with pytest.raises(Invalid) as refusal:
        _visit(State.STARTED).complete(replace(LEAVING, handed_to=None))
    assert refusal.value.pointer == "#/handed_to"
    introduction = Visit(UUID(int=9), UUID(int=8), replace(TERMS, kind="introduction"))
    introduction.roster(replace(TERMS, kind="introduction"))
    introduction.start(START, {})
    introduction.complete(replace(LEAVING, handed_to=None))
    assert introduction.state == State.COMPLETED


def test_children_who_came_later_or_left_earlier_are_told_and_the_others_not() -> None:
    visit = _visit(State.STARTED)
    with pytest.raises(Invalid):
        visit.note_child(UUID(int=99), "came", START)
    visit.note_child(UUID(int=4), "came", START + timedelta(minutes=30))
    with pytest.raises(Invalid):
        visit.note_child(UUID(int=4), "left", START + timedelta(minutes=30))
    (presence,) = visit.presences_between(START, END)
    assert (presence.child_id, presence.start, presence.end) == (UUID(int=4), START + timedelta(minutes=30), END)
    with pytest.raises(Conflict):
        _visit(State.ROSTERED).note_child(UUID(int=4), "came", START)


def test_who_stays_longer_is_held_longer_and_a_visit_that_changes_hands_is_confirmed_anew() -> None:
    visit = _visit(State.STARTED)
    with pytest.raises(Invalid):
        visit.extend(END)
    visit.extend(END + timedelta(minutes=20))
    assert (visit.ends_at, visit.held_until) == (END + timedelta(minutes=20),) * 2
    planned = _visit(State.ROSTERED)
    planned.confirm_coming(START)
    planned.reassign(UUID(int=7), TERMS.place)
    assert (planned.carer_id, planned.coming_at) == (UUID(int=7), None)
    said = planned.take_recorded()[-1]
    assert (said.from_carer_id, said.to_carer_id) == (UUID(int=2), UUID(int=7))
