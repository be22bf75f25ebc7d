"""Many at once, with real threads on PostgreSQL: one winner, everybody else told why."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.matching.commands import AcceptOffer, MakeOffers
from services.matching.handlers.offers import accept_offer, make_offers
from services.matching.service import SERVICE
from services.matching.tables import assignments
from shared.contracts.matching import VisitAssigned
from shared.contracts.roster import CarerAbsent
from shared.domain.errors import Conflict
from tests.services.matching.town import TOMORROW_18, Town, named
from tests.support.postgres import Server
from tests.support.service import trial
from tests.support.threads import at_once

MANY = 200


def _active(town: Town) -> int:
    with town.trial.running.sessions() as session:
        session.execute(select(func.set_config("app.desk_id", str(town.trial.desk_id), True)))
        return session.execute(
            select(func.count()).select_from(assignments).where(assignments.c.released_at.is_(None))
        ).scalar_one()


def _accept(town: Town, name: str, offer_id: UUID) -> str:
    caller = town.as_carer(name)
    try:
        town.trial.run(accept_offer, AcceptOffer(offer_id=offer_id), caller)
    except Conflict as refusal:
        return refusal.reason
    return "accepted"


@pytest.fixture(scope="module")
def crowd(postgres_cluster: Server) -> Iterator[Town]:
    with trial(postgres_cluster, SERVICE) as t:
        town = Town(t)
        town.desk()
        town.family("Ames")
        for number in range(MANY):
            town.carer(f"carer {number}", 1 + number / MANY)
        yield town


@pytest.mark.parametrize("time", range(5))
def test_of_200_carers_who_accept_the_same_visit_at_once_one_wins(crowd: Town, time: int) -> None:
    visit = crowd.ask(f"visit {time}", start=TOMORROW_18 + timedelta(days=2 * time))
    asked = {each.carer_id for each in crowd.trial.said() if hasattr(each, "area") and each.visits[0].visit_id == visit}
    rest = tuple(named(f"carer {n}") for n in range(MANY) if named(f"carer {n}") not in asked)
    before = _active(crowd)
    eligible = {each["carer_id"] for each in _shortlist(crowd, visit)}
    by_hand = tuple(carer for carer in rest if str(carer) in eligible)
    crowd.trial.run(make_offers, MakeOffers(visit_id=visit, carer_ids=by_hand), crowd.as_dispatcher())
    names = {str(named(f"carer {n}")): f"carer {n}" for n in range(MANY)}
    offers = _live_offers(crowd, visit)
    # Carers who won an earlier round are too busy that week only if a rule says so; everyone else is in the race.
    assert len(offers) >= MANY - 5
    told = at_once([partial(_accept, crowd, names[o["carer_id"]], UUID(o["offer_id"])) for o in offers])
    assert Counter(told) == {"accepted": 1, "taken": len(offers) - 1}
    assert _active(crowd) == before + 1
    assert len([each for each in crowd.trial.said(VisitAssigned) if each.visit_id == visit]) == 1


def _shortlist(town: Town, visit: UUID) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = town.get(f"/visits/{visit}/shortlist", town.as_dispatcher())["candidates"]
    return found


def _live_offers(town: Town, visit: UUID) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    after = ""
    while True:
        page = town.get(f"/visits/{visit}/offers?limit=200{after}", town.as_dispatcher())
        rows += [row for row in page["rows"] if row["state"] in ("sent", "seen")]
        if page["next_after"] is None:
            return rows
        after = f"&after={page['next_after'].replace('+', '%2B')}"


def test_one_carer_who_accepts_200_times_under_one_key_gets_one_answer_200_times(town: Town) -> None:
    town.carer("Ada")
    town.ask("visit")
    offer = town.offer_of("Ada")
    headers = town.trial.headers(town.as_carer("Ada"), key="once")
    answers = at_once([lambda: town.trial.http.post(f"/offers/{offer}/accept", headers=headers)] * MANY)
    assert Counter((each.status_code, each.content) for each in answers) == {(200, answers[0].content): MANY}
    assert _active(town) == 1
    assert len(town.trial.said(VisitAssigned)) == 1


def test_one_carer_who_accepts_200_times_under_200_keys_is_told_it_is_already_theirs(town: Town) -> None:
    town.carer("Ada")
    town.ask("visit")
    offer = town.offer_of("Ada")
    told = at_once([partial(town.answer, "Ada", offer, "accept", f"key {n}") for n in range(MANY)])
    assert Counter(told) == {(200, "accepted"): 1, (409, "already-yours"): MANY - 1}
    assert len(town.trial.said(VisitAssigned)) == 1


@pytest.mark.parametrize("time", range(3))
def test_of_two_overlapping_visits_accepted_at_once_by_one_carer_one_wins(town: Town, time: int) -> None:
    town.family("Bell")
    town.carer("Ada")
    town.ask("one")
    town.ask("other", "Bell", start=TOMORROW_18 + timedelta(hours=1))
    first, second = UUID(town.offer_of("Ada", "one")), UUID(town.offer_of("Ada", "other"))
    told = at_once([lambda: _accept(town, "Ada", first), lambda: _accept(town, "Ada", second)])
    assert Counter(told) == {"accepted": 1, "overlaps": 1}
    assert _active(town) == 1


@pytest.mark.parametrize("time", range(3))
def test_families_who_take_the_last_place_at_one_childminders_at_once_never_break_the_ratio(
    town: Town, time: int
) -> None:
    town.carer("Minder")
    names = [f"family {n}" for n in range(6)]
    offers = []
    for name in names:
        town.family(name)
        town.ask(f"visit of {name}", name, mode="carer_home")
        offers.append(UUID(town.offer_of("Minder", f"visit of {name}")))
    told = at_once([partial(_accept, town, "Minder", o) for o in offers])
    assert Counter(told) == {"accepted": 3, "ratio": 3}
    assert _active(town) == 3


@pytest.mark.parametrize("time", range(5))
def test_a_yes_and_an_absence_at_once_never_leave_an_absent_carer_with_the_visit(town: Town, time: int) -> None:
    town.carer("Ada")
    town.ask("visit")
    offer = UUID(town.offer_of("Ada"))
    absent = CarerAbsent(
        desk_id=town.trial.desk_id,
        version=1,
        carer_id=named("Ada"),
        absence_id=named("flu"),
        start=TOMORROW_18,
        end=TOMORROW_18 + timedelta(days=1),
        reason="illness",
    )
    at_once([lambda: _accept(town, "Ada", offer), lambda: str(town.trial.hear(absent))])
    town.settle()
    assert _active(town) == 0
