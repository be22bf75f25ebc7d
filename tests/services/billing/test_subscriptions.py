"""Every event twice, in any order, and too early."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from services.billing.subscriptions import subscriptions
from services.billing.tables import METADATA, attendances, charges, earnings, shared_care
from shared.bus.receiver import Outcome
from shared.contracts import identity, request, roster
from shared.domain.event import Event
from tests.services.billing.town import FRIDAY, Town, named, place

LATER = FRIDAY + timedelta(hours=2)
DESK = identity.DeskFacts(name="Desk", country="en", currency="GBP", languages=("en",), zone="Europe/Paris")
FAMILY = request.FamilyFacts(name="Ames-Bell", language="fr", home=place("new home"), children=())
CARER = roster.CarerFacts(
    first_name="Ada",
    last_name="Changed",
    modes=("family_home",),
    home=place("carer"),
    languages=("en",),
    transport="bike",
    max_distance_km=5,
)


def of_visit(event_class: Any, **facts: Any) -> Callable[[UUID], Event]:
    """An event of Ames's visit, which is rostered as its first version."""
    return lambda desk: event_class(
        desk_id=desk, version=2, visit_id=named("visit"), **{"carer_id": named("Ada"), **facts}
    )


# Ada is rostered for `visit` with Ames; each event comes next.
EVENTS: dict[str, Callable[[UUID], Event]] = {
    "DeskRegistered": lambda d: identity.DeskRegistered(desk_id=d, version=2, desk=DESK),
    "DeskChanged": lambda d: identity.DeskChanged(desk_id=d, version=2, desk=DESK),
    "FamilyRegistered": lambda d: request.FamilyRegistered(
        desk_id=d, version=2, family_id=named("Ames"), family=FAMILY
    ),
    "FamilyChanged": lambda d: request.FamilyChanged(desk_id=d, version=2, family_id=named("Ames"), family=FAMILY),
    "FamilyErased": lambda d: request.FamilyErased(desk_id=d, version=2, family_id=named("Ames")),
    "CareRequestOpened": lambda d: request.CareRequestOpened(
        desk_id=d,
        version=1,
        care_request_id=named("second request"),
        family_id=named("Ames"),
        urgent=False,
        opened_at=FRIDAY,
        visits=(Town.terms("second", "Ames"),),
    ),
    "CareRequestAmended": lambda d: request.CareRequestAmended(
        desk_id=d,
        version=2,
        care_request_id=named("request"),
        family_id=named("Ames"),
        visits=(replace(Town.terms("visit", "Ames"), version=2, mode="carer_home"),),
    ),
    "SharedCareAgreed": lambda d: request.SharedCareAgreed(
        desk_id=d,
        version=1,
        shared_care_id=named("agreement"),
        family_ids=(named("Ames"), named("Bell")),
        host_family_id=named("Ames"),
        place=place(),
        rule="overlap",
        valid_from=date(2020, 1, 1),
    ),
    "SharedCareEnded": lambda d: request.SharedCareEnded(
        desk_id=d, version=2, shared_care_id=named("agreement"), valid_until=date(2026, 7, 1)
    ),
    "CarerRegistered": lambda d: roster.CarerRegistered(desk_id=d, version=2, carer_id=named("Ada"), carer=CARER),
    "CarerChanged": lambda d: roster.CarerChanged(desk_id=d, version=2, carer_id=named("Ada"), carer=CARER),
    "VisitRostered": of_visit(
        roster.VisitRostered, visit_version=1, family_id=named("Ames"), start=LATER, end=LATER + timedelta(hours=4)
    ),
    "VisitMoved": of_visit(roster.VisitMoved, visit_version=1, start=LATER, end=LATER + timedelta(hours=4)),
    "VisitReassigned": lambda d: roster.VisitReassigned(
        desk_id=d,
        version=2,
        visit_id=named("visit"),
        visit_version=1,
        from_carer_id=named("Ada"),
        to_carer_id=named("Bo"),
    ),
    "VisitStarted": of_visit(roster.VisitStarted, started_at=FRIDAY),
    "VisitCompleted": of_visit(roster.VisitCompleted, visit_version=1, started_at=FRIDAY, ended_at=LATER),
    "VisitCorrected": of_visit(roster.VisitCorrected, started_at=FRIDAY, ended_at=LATER, reason="forgot to check out"),
    "VisitCancelled": of_visit(roster.VisitCancelled, by="family"),
    "VisitMissed": of_visit(roster.VisitMissed),
    "TravelRecorded": lambda d: roster.TravelRecorded(
        desk_id=d,
        version=1,
        travel_leg_id=named("leg"),
        carer_id=named("Ada"),
        visit_id=named("visit"),
        on=date(2026, 5, 29),
        metres=4200,
        minutes=16,
        mode="bike",
        how="straight line",
    ),
}


def state(town: Town) -> dict[str, list[str]]:
    """Everything the desk has, as text."""
    with town.t.running.sessions() as session:
        session.execute(text("SELECT set_config('app.desk_id', :desk, true)"), {"desk": str(town.t.desk_id)})
        return {table.name: sorted(map(str, session.execute(select(table)).all())) for table in METADATA.sorted_tables}


def waiting(town: Town) -> int:
    with town.t.running.sessions() as session:
        count: int = session.execute(
            text("SELECT count(*) FROM inbox WHERE state IN ('parked', 'ready', 'dead')")
        ).scalar_one()
        return count


@pytest.fixture
def rostered_town(town: Town) -> Town:
    town.t.hear(town.opened(town.terms("visit", "Ames")))
    town.t.hear(town.rostered("visit", "Ames"))
    return town


def test_every_subscription_has_an_event_here() -> None:
    assert {each.event_class.__name__ for each in subscriptions._by_type.values()} == set(EVENTS)


@pytest.mark.parametrize("name", EVENTS)
def test_delivered_twice_it_is_done_once(rostered_town: Town, name: str) -> None:
    town = rostered_town
    if name == "SharedCareEnded":
        town.t.hear(EVENTS["SharedCareAgreed"](town.t.desk_id))
    before = state(town)
    event = EVENTS[name](town.t.desk_id)
    assert town.t.hear(event, message_id="again") is Outcome.DONE
    town.t.run_timers()
    once, said = state(town), town.t.said()
    assert town.t.hear(event, message_id="again") is Outcome.REPEATED
    # Even under another message's id: what it says is as old as what is here.
    assert town.t.hear(event, message_id="another") is Outcome.DONE
    town.t.run_timers()
    assert state(town) == once
    assert town.t.said() == said
    assert once != before


@pytest.mark.parametrize("missing", ["terms", "desk", "agreement"])
def test_a_visit_that_is_over_waits_for_what_it_is_charged_by(town: Town, missing: str) -> None:
    tell: dict[str, Callable[[], Any]] = {
        "terms": lambda: town.t.hear(town.opened(town.terms("visit", "Ames", shared_care_id=named("agreement")))),
        "agreement": lambda: town.t.hear(town.agreed()),
    }
    if missing == "desk":
        town.t.desk_id = named("unheard of")
        tell["desk"] = town.desk
    for name in tell.keys() - {missing}:
        tell[name]()
    assert town.t.hear(town.completed("visit")) is Outcome.PARKED
    tell[missing]()
    assert waiting(town) == 0
    assert town.rows(attendances)[0].state == "completed"


def test_a_visit_amended_before_it_ended_is_charged_by_its_newest_terms(town: Town) -> None:
    town.t.hear(town.opened(town.terms("visit", "Ames")))
    town.tariffs(family=900, mode="carer_home")
    ended = replace(town.completed("visit"), visit_version=2)
    assert town.t.hear(ended) is Outcome.PARKED
    town.t.hear(EVENTS["CareRequestAmended"](town.t.desk_id))
    town.t.run_timers()
    assert [row.minor for row in town.rows(charges)] == [3600]


def test_an_agreement_may_have_had_several_rules(town: Town) -> None:
    town.t.hear(town.agreed("equal"))
    town.t.hear(replace(town.agreed("overlap"), version=2, valid_from=date(2026, 5, 1)))
    town.t.hear(town.opened(town.terms("ames", "Ames", shared_care_id=named("agreement"))))
    town.t.hear(town.opened(town.terms("bell", "Bell", shared_care_id=named("agreement"))))
    town.t.hear(town.completed("ames"))
    town.t.hear(town.completed("bell", FRIDAY + timedelta(hours=3), 60))
    town.t.run_timers()
    assert sorted(row.minor for row in town.rows(charges)) == [800, 5600]
    ended = EVENTS["SharedCareEnded"](town.t.desk_id)
    assert town.t.hear(replace(ended, version=3)) is Outcome.DONE
    assert {row.valid_until for row in town.rows(shared_care)} == {date(2026, 7, 1)}


def test_a_rule_nobody_knows_goes_to_the_dead_letters(town: Town) -> None:
    assert town.t.hear(town.agreed("by_the_stars")) is Outcome.DEAD


def test_an_older_version_changes_nothing(town: Town) -> None:
    town.t.hear(EVENTS["FamilyErased"](town.t.desk_id))
    town.t.hear(replace(EVENTS["FamilyChanged"](town.t.desk_id), version=1))
    assert not any("Ames" in row for row in state(town)["families"])


def test_visits_without_rules_are_charged_when_the_desk_says_its_country(town: Town) -> None:
    town.desk(country="atlantis")
    town.cared("visit", "Ames")
    assert town.rows(attendances)[0].charge_state == "no_rules"
    town.desk()
    town.t.run_timers()
    assert town.rows(attendances)[0].charge_state == "charged"


def keys_in_order(events: Sequence[Event], seed: int) -> list[Event]:
    """Shuffled as topics may be: only the order of one key's events stays."""
    shuffled = random.Random(seed).sample(events, len(events))
    by_key: dict[str, list[Event]] = {}
    for event in events:
        by_key.setdefault(event.key, []).append(event)
    return [by_key[event.key].pop(0) for event in shuffled]


@pytest.mark.parametrize("seed", range(8))
def test_whatever_the_order_of_topics_the_same_is_owed(town: Town, seed: int) -> None:
    shared = named("agreement")
    events = [
        town.agreed(),
        town.opened(town.terms("ames", "Ames", shared_care_id=shared)),
        town.opened(town.terms("bell", "Bell", start=LATER, shared_care_id=shared)),
        town.opened(town.terms("alone", "Bell", start=FRIDAY - timedelta(days=1))),
        town.rostered("ames", "Ames"),
        town.rostered("bell", "Bell", start=LATER),
        town.completed("ames"),
        town.completed("bell", LATER, 120),
        town.corrected("bell", LATER, 90),
        town.completed("alone", FRIDAY - timedelta(days=1), 61),
    ]
    for event in keys_in_order(events, seed):
        town.t.hear(event)
    assert waiting(town) == 0
    town.t.run_timers()
    owed = [(row.family_id, row.minor, row.kind) for row in town.rows(charges, charges.c.minor)]
    assert owed == [
        (named("Bell"), 1200, "charge"),
        (named("Bell"), 1627, "charge"),
        (named("Ames"), 5200, "charge"),
    ]
    assert sorted(row.minor for row in town.rows(earnings)) == [1220, 4800]
