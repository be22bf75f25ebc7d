"""Every event twice, out of order, and too early."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import permutations
from typing import Any
from uuid import uuid5

import pytest
from sqlalchemy import select, text

from services.roster.subscriptions import subscriptions
from services.roster.tables.copies import assignments, desks, families, shared_care, visit_terms
from services.roster.tables.metadata import METADATA
from shared.bus.receiver import Outcome
from shared.contracts import billing, identity, request
from shared.contracts.roster import VisitRefused, VisitRostered
from shared.domain.event import Event
from tests.services.roster.town import TOMORROW_18, Town, named, place

_DESK = identity.DeskFacts(name="Renamed", country="en", currency="GBP", languages=("en",), zone="Europe/London")
_FAMILY = request.FamilyFacts(
    name="Ames-Bell",
    language="fr",
    home=place("home of Ames"),
    children=(request.ChildFacts(child_id=named("child of Ames"), first_name="Kit", born=date(2023, 5, 2)),),
)

_TARIFF = billing.TariffFacts(
    minor_per_hour=1500, currency="GBP", per="household", minimum_minutes=0, rounding_minutes=1, rounding="up"
)


def _amended(town: Town, version: int = 2, removed: tuple[str, ...] = (), **changes: Any) -> request.CareRequestAmended:
    kept = () if removed else (town.terms("visit", version=version, **changes),)
    return request.CareRequestAmended(
        desk_id=town.trial.desk_id,
        version=version,
        care_request_id=uuid5(named("visit"), "request"),
        family_id=named("Ames"),
        visits=kept,
        removed_visit_ids=tuple(named(name) for name in removed),
    )


def _withdrawn(town: Town) -> request.CareRequestWithdrawn:
    return request.CareRequestWithdrawn(
        desk_id=town.trial.desk_id,
        version=2,
        care_request_id=uuid5(named("visit"), "request"),
        visit_ids=(named("visit"),),
    )


def _agreed(town: Town, version: int = 1) -> request.SharedCareAgreed:
    return request.SharedCareAgreed(
        desk_id=town.trial.desk_id,
        version=version,
        shared_care_id=named("agreement"),
        family_ids=(named("Ames"), named("Bell")),
        host_family_id=named("Ames"),
        place=place("home of Ames"),
        rule="equal",
        valid_from=date(2026, 1, 1),
    )


def _family_changed(town: Town, version: int = 2) -> request.FamilyChanged:
    return request.FamilyChanged(desk_id=town.trial.desk_id, version=version, family_id=named("Ames"), family=_FAMILY)


# Ada has `visit`; `other` is asked for and nobody's. Each event comes next.
EVENTS: dict[str, Callable[[Town], Event]] = {
    "DeskRegistered": lambda t: identity.DeskRegistered(desk_id=t.trial.desk_id, version=2, desk=_DESK),
    "DeskChanged": lambda t: identity.DeskChanged(desk_id=t.trial.desk_id, version=2, desk=_DESK),
    "FamilyRegistered": lambda t: request.FamilyRegistered(
        desk_id=t.trial.desk_id, version=2, family_id=named("Ames"), family=_FAMILY
    ),
    "FamilyChanged": _family_changed,
    "FamilyErased": lambda t: request.FamilyErased(desk_id=t.trial.desk_id, version=2, family_id=named("Ames")),
    "CareRequestOpened": lambda t: t.opened(t.terms("third", start=TOMORROW_18 + timedelta(days=4))),
    "CareRequestAmended": lambda t: _amended(t, hours=5),
    "CareRequestWithdrawn": _withdrawn,
    "SharedCareAgreed": lambda t: _agreed(t, version=2),
    "SharedCareEnded": lambda t: request.SharedCareEnded(
        desk_id=t.trial.desk_id, version=2, shared_care_id=named("agreement"), valid_until=date(2026, 7, 1)
    ),
    "VisitAssigned": lambda t: t.assigned("other", "Ada"),
    "VisitUnassigned": lambda t: t.unassigned("visit", "Ada"),
    "FamilyMerged": lambda t: request.FamilyMerged(
        desk_id=t.trial.desk_id, version=2, family_id=named("Bell"), merged_family_id=named("Ames")
    ),
    "AccountRegistered": lambda t: identity.AccountRegistered(
        desk_id=t.trial.desk_id, version=1, account_id=named("Dana"), role="dispatcher", name="Dana Desk"
    ),
    "AccountClosed": lambda t: identity.AccountClosed(desk_id=t.trial.desk_id, version=2, account_id=named("Dana")),
    "TariffChanged": lambda t: billing.TariffChanged(
        desk_id=t.trial.desk_id,
        version=1,
        tariff_id=named("tariff"),
        party="carer",
        mode="family_home",
        valid_from=date(2026, 1, 1),
        tariff=_TARIFF,
    ),
}


@pytest.fixture
def booked(town: Town) -> Town:
    """Ada has `visit`; `other` is asked for."""
    town.carer("Ada")
    town.trial.hear(_agreed(town))
    town.book("visit", "Ada")
    town.ask("other", start=TOMORROW_18 + timedelta(days=1))
    return town


def _everything(town: Town) -> dict[str, list[Any]]:
    with town.trial.running.sessions() as session:
        session.execute(text("SELECT set_config('app.desk_id', :d, true)"), {"d": str(town.trial.desk_id)})
        return {
            table.name: list(session.execute(select(table).order_by(*table.primary_key.columns)).all())
            for table in METADATA.sorted_tables
        }


def test_every_event_we_hear_is_tried_here() -> None:
    heard = {entry.event_class.__name__ for entry in subscriptions._by_type.values()}
    assert heard == set(EVENTS)
    assert subscriptions.topics == ["billing", "identity", "matching", "request"]


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_delivered_twice_is_done_once(booked: Town, name: str) -> None:
    before = _everything(booked)
    event = EVENTS[name](booked)
    assert booked.trial.hear(event, "one message") is Outcome.DONE
    booked.settle()
    once, said = _everything(booked), booked.trial.said()
    assert once != before
    assert booked.trial.hear(event, "one message") is Outcome.REPEATED
    booked.settle()
    assert _everything(booked) == once
    assert booked.trial.said() == said


@pytest.mark.parametrize("name", [name for name in EVENTS if not name.startswith(("CareRequestW", "Visit"))])
def test_an_event_that_is_older_than_what_is_known_changes_nothing(booked: Town, name: str) -> None:
    event = EVENTS[name](booked)
    booked.trial.hear(event)
    booked.settle()
    known = _everything(booked)
    changed = replace(event, version=1)
    if isinstance(changed, request.CareRequestOpened):
        changed = replace(changed, visits=tuple(replace(each, version=0, mode="carer_home") for each in changed.visits))
    if isinstance(changed, request.CareRequestAmended):
        changed = _amended(booked, version=1, hours=1)
    booked.trial.hear(changed)
    booked.settle()
    assert _everything(booked) == known


def test_word_of_matching_that_is_older_than_what_is_known_books_nothing(booked: Town) -> None:
    old = booked.assigned("other", "Ada")
    booked.trial.hear(booked.unassigned("other", "Ada"))
    booked.trial.hear(old)
    booked.settle()
    assert booked.visit("other") is None
    assert [row.stands for row in booked.rows(assignments) if row.visit_id == named("other")] == [False]


def test_a_yes_waits_for_everything_it_needs_whatever_comes_first(town: Town) -> None:
    """Desk, family, terms, agreement and carer arrive in every order; the last one lets the visit onto the roster."""
    for number, order in enumerate(permutations(range(4))):
        here = Town(replace(town.trial, desk_id=named(f"desk {number}")), {})
        visit, family, carer, agreement = (f"{what} {number}" for what in ("visit", "family", "carer", "agreement"))
        arrivals: list[Callable[[], object]] = [
            here.desk,
            partial(here.family, family),
            partial(here.carer, carer),
            partial(here.share, agreement, family, "Zed"),
        ]
        here.ask(visit, family, shared_care_id=named(agreement))
        assert here.trial.hear(here.assigned(visit, carer)) is Outcome.PARKED
        for index in order:
            assert here.visit(visit) is None
            arrivals[index]()
            here.trial.running.receiver.handle_waiting()
            here.settle()
        assert here.visit(visit).state == "rostered", order


def test_a_yes_to_terms_not_yet_heard_waits_for_them(town: Town) -> None:
    town.carer("Ada")
    assert town.trial.hear(town.assigned("visit", "Ada", visit_version=2)) is Outcome.PARKED
    town.ask("visit")
    town.trial.running.receiver.handle_waiting()
    town.settle()
    assert town.visit("visit") is None
    town.trial.hear(_amended(town, hours=4))
    town.trial.running.receiver.handle_waiting()
    town.settle()
    assert (town.visit("visit").state, town.visit("visit").visit_version) == ("rostered", 2)


def test_a_yes_to_a_visit_of_a_child_not_yet_heard_of_waits_for_the_family(town: Town) -> None:
    town.carer("Ada")
    town.ask("visit", child_ids=(named("child of Ames"), named("new baby")))
    assert town.trial.hear(town.assigned("visit", "Ada")) is Outcome.PARKED
    baby = request.ChildFacts(child_id=named("new baby"), first_name="Bo", born=date(2026, 1, 1))
    family = replace(_FAMILY, children=(*_FAMILY.children, baby))
    town.trial.hear(
        request.FamilyChanged(desk_id=town.trial.desk_id, version=2, family_id=named("Ames"), family=family)
    )
    town.trial.running.receiver.handle_waiting()
    town.settle()
    assert sorted(town.visit("visit").children_born) == [date(2023, 5, 2), date(2026, 1, 1)]


def test_a_release_that_follows_a_waiting_yes_waits_behind_it(town: Town) -> None:
    assert town.trial.hear(town.assigned("visit", "Ada")) is Outcome.PARKED
    assert town.trial.hear(town.unassigned("visit", "Ada")) is Outcome.PARKED
    town.carer("Ada")
    town.ask("visit")
    town.trial.running.receiver.handle_waiting()
    town.settle()
    assert town.trial.said(VisitRostered, VisitRefused) == []
    assert [row.stands for row in town.rows(assignments)] == [False]


def test_terms_amended_after_the_yes_refuse_it_as_stale(town: Town) -> None:
    town.carer("Ada")
    town.ask("visit")
    town.trial.hear(_amended(town, hours=5))
    town.assign("visit", "Ada", visit_version=1)
    (refused,) = town.trial.said(VisitRefused)
    assert (refused.reason, refused.visit_version, refused.carer_id) == ("stale-terms", 1, named("Ada"))
    assert town.visit("visit").state == "refused"


def test_an_amended_visit_whose_terms_still_hold_is_updated_when_matching_says_so_again(booked: Town) -> None:
    booked.trial.hear(_amended(booked, skills=("piano",)))
    booked.settle()
    assert booked.visit("visit").visit_version == 1
    booked.assign("visit", "Ada", visit_version=2)
    row = booked.visit("visit")
    assert (row.state, row.visit_version, row.version, row.carer_id) == ("rostered", 2, 2, named("Ada"))
    assert [event.visit_version for event in booked.trial.said(VisitRostered)] == [1, 2]
    assert booked.trial.said(VisitRefused) == []


def test_the_same_yes_said_again_for_terms_already_booked_is_not_told_twice(booked: Town) -> None:
    booked.assign("visit", "Ada")
    assert len(booked.trial.said(VisitRostered)) == 1


def test_amended_terms_that_no_longer_fit_are_refused_and_the_old_ones_stand_until_matching_takes_them_back(
    booked: Town,
) -> None:
    booked.family("Bell")
    booked.book("next", "Ada", "Bell", start=TOMORROW_18 + timedelta(hours=4))
    booked.trial.hear(_amended(booked, hours=5))
    booked.assign("visit", "Ada", visit_version=2)
    assert [event.reason for event in booked.trial.said(VisitRefused)] == ["overlaps"]
    assert (booked.visit("visit").state, booked.visit("visit").visit_version) == ("rostered", 1)
    booked.trial.hear(booked.unassigned("visit", "Ada", "refused", visit_version=2))
    assert booked.visit("visit").state == "released"


@pytest.mark.parametrize("why", ["withdrawn", "removed", "erased"])
def test_a_yes_to_what_the_family_no_longer_wants_is_refused(town: Town, why: str) -> None:
    town.carer("Ada")
    town.ask("visit")
    events: dict[str, Event] = {
        "withdrawn": _withdrawn(town),
        "removed": _amended(town, removed=("visit",)),
        "erased": request.FamilyErased(desk_id=town.trial.desk_id, version=2, family_id=named("Ames")),
    }
    town.trial.hear(events[why])
    town.assign("visit", "Ada")
    assert [event.reason for event in town.trial.said(VisitRefused)] == ["withdrawn"]


def test_what_is_rostered_waits_for_matching_when_the_family_withdraws(booked: Town) -> None:
    booked.trial.hear(_withdrawn(booked))
    booked.settle()
    assert booked.visit("visit").state == "rostered"
    booked.trial.hear(booked.unassigned("visit", "Ada", "withdrawn"))
    assert booked.visit("visit").state == "released"


def test_a_visit_taken_back_goes_to_the_next_carer(booked: Town) -> None:
    booked.carer("Bea", 2)
    booked.trial.hear(booked.unassigned("visit", "Ada"))
    booked.assign("visit", "Bea")
    assert (booked.visit("visit").state, booked.visit("visit").carer_id) == ("rostered", named("Bea"))


def test_a_visit_that_has_begun_stays_with_its_carer_whatever_matching_says(booked: Town) -> None:
    booked.carer("Bea", 2)
    booked.come("visit", "Ada", TOMORROW_18)
    booked.trial.hear(booked.unassigned("visit", "Ada"))
    booked.assign("visit", "Bea")
    assert (booked.visit("visit").state, booked.visit("visit").carer_id) == ("started", named("Ada"))
    (refused,) = booked.trial.said(VisitRefused)
    assert (refused.reason, refused.carer_id) == ("begun", named("Bea"))


def test_new_terms_for_a_visit_its_carer_has_begun_are_neither_booked_nor_refused(booked: Town) -> None:
    booked.come("visit", "Ada", TOMORROW_18)
    booked.trial.hear(_amended(booked, hours=4))
    booked.assign("visit", "Ada", visit_version=2)
    assert booked.visit("visit").state == "started"
    assert booked.trial.said(VisitRefused) == []


def test_a_release_meant_for_another_carer_frees_nobody(booked: Town) -> None:
    booked.trial.hear(booked.unassigned("visit", "Bea"))
    assert booked.visit("visit").state == "rostered"


def test_an_erased_family_leaves_no_name_age_phone_or_address(booked: Town) -> None:
    erased = request.FamilyErased(desk_id=booked.trial.desk_id, version=3, family_id=named("Ames"))
    booked.trial.hear(erased)
    late = booked.opened(booked.terms("late word"))
    booked.trial.hear(late)
    family = next(row for row in booked.rows(families) if row.family_id == named("Ames"))
    assert (family.name, family.phone, family.children, family.erased) == ("", None, [], True)
    assert all(row.place is None and not row.wanted for row in booked.rows(visit_terms))
    assert booked.visit("visit").children_born == []
    kept = str(_everything(booked))
    assert not any(trace in kept for trace in ("Kit", "home of Ames Street", "+441273555014", "peanut"))


def test_a_desk_that_moves_to_another_country_goes_by_its_rules(booked: Town) -> None:
    moved = replace(_DESK, country="nl")
    booked.trial.hear(identity.DeskChanged(desk_id=booked.trial.desk_id, version=5, desk=moved))
    assert [row.country for row in booked.rows(desks)] == ["nl"]


def test_an_agreement_that_ended_keeps_its_families_and_its_last_day(booked: Town) -> None:
    booked.trial.hear(EVENTS["SharedCareEnded"](booked))
    (kept,) = booked.rows(shared_care)
    assert (kept.valid_until, set(kept.family_ids)) == (date(2026, 7, 1), {named("Ames"), named("Bell")})
