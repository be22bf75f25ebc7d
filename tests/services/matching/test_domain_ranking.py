"""Who comes first, always in the same order, and what can't decide it."""

import random
from dataclasses import fields, replace
from datetime import date
from inspect import signature

from hypothesis import given
from hypothesis import strategies as st

from services.matching.domain.carer import Acquaintance, Busy, CarerView
from services.matching.domain.need import Need, VisitNeed
from services.matching.domain.ranking import Contender, rank, score
from services.matching.domain.shortlist import make_shortlist
from tests.services.matching.cases import POLICY, RULES, busy, calendar, carer, named, need, place, visit

STRANGER = Acquaintance()


def _contender(
    name: str, km_east: float = 1.0, known: Acquaintance = STRANGER, *others: Busy, **changes: object
) -> Contender:
    return Contender(calendar=calendar(need(), carer(name, km_east, **changes), *others), acquaintance=known)


def _order(*contenders: Contender, asked: Need | None = None) -> list[object]:
    return [candidate.carer_id for candidate in rank(asked or need(), contenders, POLICY)]


def test_who_the_children_know_comes_before_who_lives_nearer() -> None:
    known = _contender("known", 15, Acquaintance(visits=1, minutes=180, last_on=date(2026, 5, 1)))
    assert _order(_contender("near", 0.1), known) == [named("known"), named("near")]


def test_more_visits_and_a_later_one_count_more() -> None:
    once = _contender("once", 1, Acquaintance(visits=1, minutes=180, last_on=date(2026, 5, 1)))
    often = _contender("often", 1, Acquaintance(visits=8, minutes=1440, last_on=date(2026, 5, 1)))
    lately = _contender("lately", 1, Acquaintance(visits=8, minutes=1440, last_on=date(2026, 6, 1)))
    assert _order(once, often, lately) == [named("lately"), named("often"), named("once")]


def test_who_the_family_asks_for_comes_before_other_strangers() -> None:
    asked = need(visit(favourite_carer_ids=frozenset({named("asked for")})))
    assert rank(asked, [_contender("near"), replace_need(_contender("asked for", 9), asked)], POLICY)[
        0
    ].carer_id == named("asked for")


def replace_need(contender: Contender, asked: Need) -> Contender:
    return Contender(calendar=calendar(asked, contender.calendar.carer), acquaintance=contender.acquaintance)


def test_between_strangers_less_travel_then_the_familys_language_then_fewer_hours_decide() -> None:
    assert _order(_contender("far", 8), _contender("near", 1)) == [named("near"), named("far")]
    assert _order(_contender("other", languages=("fr",)), _contender("same")) == [named("same"), named("other")]
    planned = busy("2026-06-04 10:00", "2026-06-04 18:00")
    assert _order(_contender("busy", 1, STRANGER, planned), _contender("idle")) == [named("idle"), named("busy")]


def test_travel_is_what_the_visit_adds_between_its_neighbours() -> None:
    beside = busy("2026-06-02 15:00", "2026-06-02 17:00", place("family"))
    on_the_way = score(need(), _contender("far", 10, STRANGER, beside), POLICY)
    assert on_the_way.travel_metres == 0
    from_home = score(need(), _contender("far", 10), POLICY)
    assert 26_000 < from_home.travel_metres < 28_000


def test_each_candidate_has_numbers_and_one_sentence() -> None:
    known = Acquaintance(visits=4, agreed=1, minutes=720, last_on=date(2026, 5, 30))
    candidate = score(need(), _contender("Ada", 2, known), POLICY)
    assert [o.name for o in candidate.objectives] == ["continuity", "travel", "language", "fairness"]
    assert all(0 <= o.score <= 100 for o in candidate.objectives)
    assert candidate.sentence == (
        "Cared for these children 4 times, last 3 days before, has 1 more with them agreed; 5.4 km and 10 min more to "
        "travel; speaks the family's language; has 0 h of care that week."
    )


_names = st.lists(st.sampled_from([f"carer {n}" for n in range(30)]), unique=True, min_size=2, max_size=12)


@given(names=_names, seed=st.integers(0, 2**32))
def test_the_order_is_total_and_does_not_depend_on_the_order_they_came_in(names: list[str], seed: int) -> None:
    contenders = [_contender(name, 1 + len(name) % 2) for name in names]
    shuffled = list(contenders)
    random.Random(seed).shuffle(shuffled)
    assert _order(*contenders) == _order(*shuffled)


@given(names=_names)
def test_one_more_candidate_never_changes_the_order_of_the_others(names: list[str]) -> None:
    contenders = [_contender(name, int(name.split()[1]) / 2) for name in names]
    more = _order(*contenders, _contender("one more", 3))
    assert [each for each in more if each != named("one more")] == _order(*contenders)


def test_payment_name_origin_and_past_declines_are_no_inputs() -> None:
    known = {field.name for kind in (CarerView, Busy, Acquaintance, VisitNeed, Need) for field in fields(kind)}
    for word in ("pay", "paid", "invoice", "price", "name", "origin", "nationality", "declin", "past"):
        assert not [name for name in known if word in name], word
    assert set(signature(make_shortlist).parameters) == {"need", "carers", "busy", "known", "rules", "policy"}
    assert set(signature(rank).parameters) == {"need", "contenders", "policy"}
    # `refused` is what the roster or the desk said of this very visit's present terms, not what a carer declined.
    assert {field.name for field in fields(Need)} == {"visits", "urgent", "occasional", "refused"}


def test_a_shortlist_has_every_carer_once_ranked_or_ruled_out() -> None:
    people = [carer("Ada", 1), carer("Bea", 30), carer("Cy", 2)]
    shortlist = make_shortlist(need(), people, {}, {}, RULES, POLICY)
    assert [each.carer_id for each in shortlist.candidates] == [named("Ada"), named("Cy")]
    assert [(each, said.code) for each, said in shortlist.ruled_out] == [(named("Bea"), "distance")]
    assert shortlist.reasons() == {"distance": 1}
    lighter = replace(POLICY, weights=replace(POLICY.weights, travel=0))
    again = make_shortlist(need(), list(reversed(people)), {}, {}, RULES, lighter)
    assert {each.carer_id for each in again.candidates} == {named("Ada"), named("Cy")}
