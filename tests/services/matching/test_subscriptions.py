"""Every event twice, out of order, and too early."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from services.matching.subscriptions import subscriptions
from services.matching.tables import METADATA
from shared.bus.receiver import Outcome
from shared.contracts import billing, identity, request, roster
from shared.contracts.matching import OfferMade, VisitAssigned
from shared.domain.event import Event
from tests.services.matching.town import ALWAYS, TOMORROW_18, Town, named, place

AFTER = TOMORROW_18 + timedelta(hours=3)
_CARER = roster.CarerFacts(
    first_name="Ada",
    last_name="Changed",
    modes=("family_home",),
    home=place("new home"),
    languages=("en",),
    transport="bike",
    max_distance_km=5,
)
_FAMILY = request.FamilyFacts(
    name="Ames",
    language="fr",
    home=place("home of Ames"),
    children=(request.ChildFacts(child_id=named("child of Ames"), first_name="Kit", born=date(2023, 5, 1)),),
)
_DESK = identity.DeskFacts(name="Desk", country="en", currency="GBP", languages=("en",), zone="Europe/London")
_TARIFF = billing.TariffFacts(
    minor_per_hour=1500, currency="GBP", per="household", minimum_minutes=0, rounding_minutes=1, rounding="up"
)

# Ada has `visit`; `other` is offered to her. Each event comes next.
EVENTS: dict[str, Callable[[UUID, Town], Event]] = {
    "DeskRegistered": lambda d, t: identity.DeskRegistered(desk_id=d, version=2, desk=_DESK),
    "DeskChanged": lambda d, t: identity.DeskChanged(desk_id=d, version=2, desk=_DESK),
    "FamilyRegistered": lambda d, t: request.FamilyRegistered(
        desk_id=d, version=2, family_id=named("Ames"), family=_FAMILY
    ),
    "FamilyChanged": lambda d, t: request.FamilyChanged(desk_id=d, version=2, family_id=named("Ames"), family=_FAMILY),
    "FamilyErased": lambda d, t: request.FamilyErased(desk_id=d, version=2, family_id=named("Ames")),
    "SharedCareAgreed": lambda d, t: request.SharedCareAgreed(
        desk_id=d,
        version=1,
        shared_care_id=named("agreement"),
        family_ids=(named("Ames"), named("Bell")),
        host_family_id=named("Ames"),
        place=place("home of Ames"),
        rule="equal",
        valid_from=date(2026, 1, 1),
    ),
    "SharedCareEnded": lambda d, t: request.SharedCareEnded(
        desk_id=d, version=2, shared_care_id=named("agreement"), valid_until=date(2026, 7, 1)
    ),
    "CareRequestOpened": lambda d, t: t.opened(
        "third request", t.terms("third", "Ames", TOMORROW_18 + timedelta(days=4))
    ),
    "CareRequestAmended": lambda d, t: request.CareRequestAmended(
        desk_id=d,
        version=2,
        care_request_id=named("request visit"),
        family_id=named("Ames"),
        visits=(replace(t.terms("visit", "Ames", hours=5), version=2),),
    ),
    "CareRequestWithdrawn": lambda d, t: request.CareRequestWithdrawn(
        desk_id=d, version=2, care_request_id=named("request visit"), visit_ids=(named("visit"),)
    ),
    "CarerRegistered": lambda d, t: roster.CarerRegistered(desk_id=d, version=2, carer_id=named("Ada"), carer=_CARER),
    "CarerChanged": lambda d, t: roster.CarerChanged(desk_id=d, version=2, carer_id=named("Ada"), carer=_CARER),
    "AvailabilityChanged": lambda d, t: roster.AvailabilityChanged(
        desk_id=d, version=2, carer_id=named("Ada"), zone="Europe/London", weekly=ALWAYS[:3]
    ),
    "CarerAbsent": lambda d, t: roster.CarerAbsent(
        desk_id=d,
        version=1,
        carer_id=named("Ada"),
        absence_id=named("flu"),
        start=TOMORROW_18,
        end=AFTER,
        reason="illness",
    ),
    "VisitRostered": lambda d, t: roster.VisitRostered(
        desk_id=d,
        version=1,
        visit_id=named("visit"),
        visit_version=1,
        family_id=named("Ames"),
        carer_id=named("Ada"),
        start=TOMORROW_18,
        end=AFTER,
    ),
    "VisitRefused": lambda d, t: roster.VisitRefused(
        desk_id=d,
        version=1,
        visit_id=named("visit"),
        visit_version=1,
        carer_id=named("Ada"),
        reason="rest",
        sentence="Too little rest.",
    ),
    "VisitMoved": lambda d, t: roster.VisitMoved(
        desk_id=d,
        version=2,
        visit_id=named("visit"),
        visit_version=1,
        carer_id=named("Ada"),
        start=TOMORROW_18 + timedelta(hours=1),
        end=AFTER,
    ),
    "VisitStarted": lambda d, t: roster.VisitStarted(
        desk_id=d, version=2, visit_id=named("visit"), carer_id=named("Ada"), started_at=TOMORROW_18
    ),
    "VisitCompleted": lambda d, t: roster.VisitCompleted(
        desk_id=d,
        version=2,
        visit_id=named("visit"),
        visit_version=1,
        carer_id=named("Ada"),
        started_at=TOMORROW_18,
        ended_at=AFTER,
    ),
    "VisitCorrected": lambda d, t: roster.VisitCorrected(
        desk_id=d,
        version=2,
        visit_id=named("visit"),
        carer_id=named("Ada"),
        started_at=TOMORROW_18,
        ended_at=AFTER,
        reason="forgot to check out",
    ),
    "VisitCancelled": lambda d, t: roster.VisitCancelled(
        desk_id=d, version=2, visit_id=named("visit"), carer_id=named("Ada"), by="family"
    ),
    "VisitMissed": lambda d, t: roster.VisitMissed(
        desk_id=d, version=2, visit_id=named("visit"), carer_id=named("Ada")
    ),
    "TariffChanged": lambda d, t: billing.TariffChanged(
        desk_id=d,
        version=1,
        tariff_id=named("tariff"),
        party="carer",
        mode="family_home",
        valid_from=date(2026, 1, 1),
        tariff=_TARIFF,
    ),
}


def _state(town: Town) -> dict[str, list[Any]]:
    with town.trial.running.sessions() as session:
        session.execute(text("SELECT set_config('app.desk_id', :desk, true)"), {"desk": str(town.trial.desk_id)})
        return {table.name: sorted(map(str, session.execute(select(table)).all())) for table in METADATA.sorted_tables}


@pytest.fixture
def busy_town(town: Town) -> Town:
    town.family("Bell")
    town.carer("Ada")
    town.ask("visit")
    town.answer("Ada", town.offer_of("Ada"))
    town.ask("other", "Bell", TOMORROW_18 + timedelta(days=2))
    return town


def test_every_subscription_has_an_event_here() -> None:
    heard = {s.event_class.__name__ for s in subscriptions._by_type.values()}
    assert heard == set(EVENTS)


@pytest.mark.parametrize("name", EVENTS)
def test_delivered_twice_it_is_done_once(busy_town: Town, name: str) -> None:
    town = busy_town
    before = _state(town)
    if name == "SharedCareEnded":
        town.trial.hear(EVENTS["SharedCareAgreed"](town.trial.desk_id, town))
    event = EVENTS[name](town.trial.desk_id, town)
    assert town.trial.hear(event, message_id="again") is Outcome.DONE
    town.settle()
    once, said = _state(town), town.trial.said()
    assert town.trial.hear(event, message_id="again") is Outcome.REPEATED
    town.settle()
    assert _state(town) == once
    assert town.trial.said() == said
    assert once != before


@pytest.mark.parametrize("name", [name for name in EVENTS if name.startswith("Visit")])
def test_what_the_roster_says_of_a_visit_waits_until_the_visit_is_known(town: Town, name: str) -> None:
    event = EVENTS[name](town.trial.desk_id, town)
    assert town.trial.hear(event) is Outcome.PARKED
    town.carer("Ada")
    town.trial.hear(town.opened("request visit", town.terms("visit", "Ames")))
    assert town.trial.running.receiver.handle_waiting() == 0
    with town.trial.running.sessions() as session:
        waiting = session.execute(text("SELECT count(*) FROM inbox WHERE state IN ('parked', 'ready')")).scalar_one()
    assert waiting == 0


def test_a_request_waits_for_its_desk_its_family_and_the_agreement_it_names(town: Town) -> None:
    town.carer("Ada")
    terms = town.terms("visit", "Bell", shared_care_id=named("agreement"), place=place("home of Ames"))
    assert town.trial.hear(town.opened("request visit", terms)) is Outcome.PARKED
    town.family("Bell")
    town.settle()
    assert town.trial.said(OfferMade) == []
    town.trial.hear(EVENTS["SharedCareAgreed"](town.trial.desk_id, town))
    town.settle()
    assert len(town.trial.said(OfferMade)) == 1


def test_an_older_version_of_a_carer_changes_nothing(town: Town) -> None:
    town.trial.hear(EVENTS["CarerChanged"](town.trial.desk_id, town))
    older = roster.CarerRegistered(
        desk_id=town.trial.desk_id, version=1, carer_id=named("Ada"), carer=replace(_CARER, last_name="Before")
    )
    town.trial.hear(older)
    assert "Changed" in _state(town)["carers"][0]
    assert len(_state(town)["carers"]) == 1


def test_a_refusal_of_a_yes_that_was_taken_back_meanwhile_changes_nothing(busy_town: Town) -> None:
    town = busy_town
    town.trial.hear(EVENTS["CareRequestWithdrawn"](town.trial.desk_id, town))
    town.settle()
    before = town.trial.said()
    town.trial.hear(EVENTS["VisitRefused"](town.trial.desk_id, town))
    town.settle()
    assert town.trial.said() == before
    assert len(town.trial.said(VisitAssigned)) == 1


def test_what_was_known_then_can_be_neither_changed_nor_removed(busy_town: Town) -> None:
    for table in ("offer_history", "visit_history", "shortlists", "policies", "refusals"):
        for statement in (f"UPDATE {table} SET desk_id = desk_id", f"DELETE FROM {table}"):
            with busy_town.trial.running.sessions() as session:
                session.execute(
                    text("SELECT set_config('app.desk_id', :desk, true)"), {"desk": str(busy_town.trial.desk_id)}
                )
                if session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one():
                    with pytest.raises(Exception, match="append-only"):
                        session.execute(text(statement))


def test_two_places_at_once_are_impossible_by_constraint(busy_town: Town) -> None:
    with busy_town.trial.running.sessions() as session:
        session.execute(text("SELECT set_config('app.desk_id', :desk, true)"), {"desk": str(busy_town.trial.desk_id)})
        columns = "desk_id, visit_version, placement_id, offer_id, carer_id, during, place, mode, children, assigned_at"
        copy = f"INSERT INTO assignments (assignment_id, visit_id, place_id, {columns}) SELECT :one, :two, :place, {columns}"
        with pytest.raises(Exception, match="ex_assignments_one_place_at_a_time"):
            session.execute(
                text(f"{copy} FROM assignments"),
                {"one": named("copy"), "two": named("elsewhere"), "place": named("another place")},
            )
