"""Families: what is said of them, what a move does to their visits, and what erasure leaves."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from services.request.commands.families import ChangeFamily, EraseFamily, ReadFamily
from services.request.domain.family_terms import ChildTerms
from services.request.handlers.care_requests import amend_care_request, open_care_request
from services.request.handlers.erasing import erase_family
from services.request.handlers.families import FamilyKept, change_family
from services.request.handlers.reads import read_family
from services.request.tables import families, family_places, reasons, shared_care_consents, visit_history
from shared.auth.roles import Role
from shared.contracts.request import (
    CareRequestAmended,
    CareRequestWithdrawn,
    FamilyChanged,
    FamilyErased,
    FamilyRegistered,
    SharedCareAgreed,
    SharedCareEnded,
)
from shared.domain.errors import Conflict, Invalid, NotFound
from tests.services.request.town import (
    ANA,
    BEA,
    KEMPTOWN,
    NIGHTS,
    NOW,
    TODAY,
    Town,
    Words,
    amending,
    asking,
    family_terms,
)


def _known_children(family: FamilyKept) -> tuple[ChildTerms, ...]:
    told = family_terms().children
    return tuple(replace(child, child_id=known) for child, known in zip(told, family.child_ids, strict=True))


def test_a_family_is_said_with_all_that_others_need_to_know(town: Town) -> None:
    kept = town.family("Ames", favourite_carer_ids=(ANA,), excluded_carer_ids=(BEA,))
    (said,) = town.trial.said(FamilyRegistered)
    assert said.family_id == kept.family_id
    assert said.version == 1
    assert said.family.home.area == "Hove"
    assert [(child.child_id, child.first_name) for child in said.family.children] == [
        (kept.child_ids[0], "Lina"),
        (kept.child_ids[1], "Adam"),
    ]
    assert said.family.children[0].allergies == ("peanut",)
    assert (said.family.favourite_carer_ids, said.family.excluded_carer_ids) == ((ANA,), (BEA,))


def test_a_child_keeps_its_id_through_a_change_and_a_new_one_gets_its_own(town: Town, ames: FamilyKept) -> None:
    newborn = ChildTerms(first_name="Noor", born=TODAY)
    terms = family_terms(children=(newborn, *_known_children(ames)))
    changed = town.run(change_family, ChangeFamily(family_id=ames.family_id, family=terms))
    assert changed.version == 2
    assert list(changed.child_ids[1:]) == list(ames.child_ids)
    assert changed.child_ids[0] not in ames.child_ids
    (said,) = town.trial.said(FamilyChanged)
    assert [child.first_name for child in said.family.children] == ["Noor", "Lina", "Adam"]
    read = town.run(read_family, ReadFamily(family_id=ames.family_id))
    assert [child.first_name for child in read.children] == ["Noor", "Lina", "Adam"]


def test_a_move_gives_visits_ahead_their_new_place_and_leaves_those_at_the_carers(town: Town, ames: FamilyKept) -> None:
    at_home = town.ask(ames)
    at_carers = town.ask(ames, mode="carer_home", child_ids=ames.child_ids[:1])
    moved = family_terms(home=KEMPTOWN, children=_known_children(ames))
    town.run(change_family, ChangeFamily(family_id=ames.family_id, family=moved))
    (said,) = town.trial.said(CareRequestAmended)
    assert said.care_request_id == at_home.care_request_id
    assert (said.visits[0].visit_id, said.visits[0].version) == (at_home.visits[0].visit_id, 2)
    assert said.visits[0].place.area == "Kemptown"
    assert said.visits[0].place.place_id == town.trial.said(FamilyChanged)[0].family.home.place_id
    assert town.visit(at_carers).version == 1


def test_a_change_that_isnt_a_move_leaves_visits_alone(town: Town, ames: FamilyKept) -> None:
    town.ask(ames)
    terms = family_terms("Ames-Lee", children=_known_children(ames))
    town.run(change_family, ChangeFamily(family_id=ames.family_id, family=terms))
    assert town.trial.said(CareRequestAmended) == []


def test_a_visit_under_way_stays_where_it_is_when_the_family_moves(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames)
    words = Words(town, opened.visits[0].visit_id, opened.care_request_id)
    for said in (words.assigned(), words.rostered(), words.started()):
        town.trial.hear(said)
    moved = family_terms(home=KEMPTOWN, children=_known_children(ames))
    town.run(change_family, ChangeFamily(family_id=ames.family_id, family=moved))
    assert town.trial.said(CareRequestAmended) == []


def test_a_child_with_visits_ahead_cant_leave(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, child_ids=ames.child_ids[:1])
    adam_only = family_terms(children=_known_children(ames)[1:])
    with pytest.raises(Conflict, match="Lina has visits ahead") as refusal:
        town.run(change_family, ChangeFamily(family_id=ames.family_id, family=adam_only))
    assert refusal.value.reason == "child-has-visits"
    town.run(
        amend_care_request,
        amending(opened, child_ids=tuple(ames.child_ids[1:])),
    )
    changed = town.run(change_family, ChangeFamily(family_id=ames.family_id, family=adam_only))
    assert list(changed.child_ids) == list(ames.child_ids[1:])


def test_erasure_forgets_who_they_are_and_keeps_what_was_asked(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, reason="Chemotherapy")
    town.run(erase_family, EraseFamily(family_id=ames.family_id))
    assert [said.family_id for said in town.trial.said(FamilyErased)] == [ames.family_id]
    (withdrawn,) = town.trial.said(CareRequestWithdrawn)
    assert withdrawn.visit_ids == (opened.visits[0].visit_id,)
    assert town.count(reasons) == 0
    assert town.count(visit_history) == 2
    with town.rows() as session:
        row = (
            session.execute(
                select(families, family_places).join(family_places, family_places.c.place_id == families.c.home_id)
            )
            .mappings()
            .one()
        )
        everything = str(town.everything() | {"said": ""})
    assert (row[families.c.name], row["phone"], row["email"], row["address"], row["latitude"]) == (
        "",
        None,
        None,
        None,
        None,
    )
    for secret in ("Ames", "Lina", "Adam", "peanut", "asthma", "Chemotherapy", "555 014", "Example Terrace"):
        assert secret not in everything, secret


def test_the_reason_of_a_need_is_in_no_event(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, reason="Chemotherapy")
    command = amending(opened, skills=("calm",), why="Chemotherapy took longer")
    town.run(amend_care_request, command)
    assert "Chemotherapy" not in str(town.trial.said())
    assert "Chemotherapy" not in repr(command)


def test_an_erased_family_asks_for_nothing_and_is_changed_no_more(town: Town, ames: FamilyKept) -> None:
    town.run(erase_family, EraseFamily(family_id=ames.family_id))
    with pytest.raises(NotFound, match="erased"):
        town.ask(ames)
    with pytest.raises(NotFound, match="erased"):
        town.run(change_family, ChangeFamily(family_id=ames.family_id, family=family_terms()))
    with pytest.raises(Conflict, match="erased before"):
        town.run(erase_family, EraseFamily(family_id=ames.family_id))


def test_an_erased_familys_pattern_becomes_no_more_visits(town: Town, ames: FamilyKept) -> None:
    town.ask(ames, NIGHTS)
    town.run(erase_family, EraseFamily(family_id=ames.family_id))
    assert town.timers() == set()
    town.trial.clock.advance(timedelta(days=8))
    town.trial.run_timers()
    assert town.trial.said(CareRequestAmended) == []


def test_sharing_ends_when_a_family_is_erased_and_its_parents_name_goes(town: Town, ames: FamilyKept) -> None:
    bell = town.family("Bell", KEMPTOWN)
    shared = town.share(ames, bell)
    bells = town.ask(bell, shared_care_id=shared)
    town.run(erase_family, EraseFamily(family_id=ames.family_id))
    (ended,) = town.trial.said(SharedCareEnded)
    assert ended.valid_until == TODAY
    with town.rows() as session:
        rows = session.execute(select(shared_care_consents)).all()
        names = {row.family_id: row.said_by for row in rows}
    assert names == {ames.family_id: "", bell.family_id: "a parent"}
    (visit,) = town.trial.said(CareRequestAmended)[-1].visits
    assert (visit.visit_id, visit.shared_care_id) == (bells.visits[0].visit_id, None)
    assert visit.place.area == "Kemptown"


def test_care_at_a_home_that_moves_is_shared_at_the_new_one(town: Town, ames: FamilyKept) -> None:
    bell = town.family("Bell", KEMPTOWN)
    shared = town.share(ames, bell)
    opened = town.ask(bell, shared_care_id=shared)
    moved = family_terms(home=replace(KEMPTOWN, area="Hanover"), children=_known_children(ames))
    town.run(change_family, ChangeFamily(family_id=ames.family_id, family=moved))
    assert [said.place.area for said in town.trial.said(SharedCareAgreed)] == ["Hove", "Hanover"]
    assert [said.version for said in town.trial.said(SharedCareAgreed)] == [1, 2]
    (amended,) = town.trial.said(CareRequestAmended)
    assert amended.care_request_id == opened.care_request_id
    assert amended.visits[0].place.area == "Hanover"


def test_a_child_born_today_on_the_clock_of_the_home_may_be_registered(town: Town) -> None:
    # At 23:30 UTC it is the 2nd already in Brighton.
    town.trial.clock.move_to(NOW.replace(hour=23, minute=30))
    tomorrow_in_utc = ChildTerms(first_name="Noor", born=date(2026, 6, 2))
    town.family("Noor", children=(tomorrow_in_utc,))
    with pytest.raises(Invalid, match="born on 2026-06-03"):
        town.family("Omar", children=(replace(tomorrow_in_utc, born=date(2026, 6, 3)),))


def test_a_family_of_another_desk_is_not_there_to_ask_for(town: Town, ames: FamilyKept) -> None:
    stranger = town.trial.caller(Role.DISPATCHER, desk_id=uuid4())
    with pytest.raises(NotFound):
        town.trial.run(open_care_request, asking(ames), stranger)
