"""The matching service's routes and whom each lets in."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.auth.roles import Role
from tests.access.rows import Row, Things, another_desk
from tests.services.matching.town import TOMORROW_18, Town
from tests.support.service import Trial

_DISPATCHER = frozenset({Role.DISPATCHER})
_CARER = frozenset({Role.CARER})
_WEEK = "from=2026-06-01T00:00:00Z&until=2026-06-08T00:00:00Z"
_CHOICES: dict[str, Any] = {
    "valid_from": "2026-07-01",
    "offer_minutes": 60,
    "urgent_offer_minutes": 15,
    "wave_sizes": [3],
    "automatic_waves": True,
    "call_dispatcher_hours": 4,
    "retry_minutes": 30,
    "carer_home_longest_km": 10,
    "familiar_visits": 3,
    "recent_days": 90,
    "weights": {"continuity": 4, "travel": 2, "language": 1, "fairness": 1},
}

ACCESS = [
    Row("GET", "/visits/open", _DISPATCHER, query=_WEEK, shows=("visit_id",)),
    Row("GET", "/visits/{visit_id}/shortlist", _DISPATCHER, shows=("carer_id",)),
    Row("GET", "/visits/{visit_id}/offers", _DISPATCHER, shows=("offer_id",)),
    Row("POST", "/visits/{visit_id}/offers", _DISPATCHER, body={"carer_ids": ["{other_carer_id}"]}),
    Row(
        "POST",
        "/visits/{visit_id}/release",
        _DISPATCHER,
        body={"reason": "the family asked"},
        of={"visit_id": "taken_visit_id"},
    ),
    Row("POST", "/offers/{offer_id}/withdraw", _DISPATCHER, of={"offer_id": "withdrawn_offer_id"}),
    Row("GET", "/policy", _DISPATCHER),
    Row("POST", "/policy", _DISPATCHER, body=_CHOICES),
    Row("GET", "/my/offers", _CARER, shows=("offer_id",)),
    Row("GET", "/my/offers/{offer_id}", _CARER, shows=("visit_id",)),
    Row("POST", "/offers/{offer_id}/seen", _CARER),
    Row("POST", "/offers/{offer_id}/accept", _CARER),
    Row("POST", "/offers/{offer_id}/decline", _CARER, of={"offer_id": "declined_offer_id"}),
]


def things(trial: Trial, elsewhere: UUID) -> Things:
    """A carer with offers of four visits on four evenings, one of which is theirs already; and another carer."""
    town = Town(trial)
    town.desk()
    another_desk(trial, elsewhere)
    town.family("Ames")
    ada = town.carer("Ada")
    evenings = {
        name: town.ask(name, start=TOMORROW_18 + timedelta(days=day))
        for day, name in enumerate(("visit", "taken", "withdrawn", "declined"))
    }
    offers = {name: town.offer_of("Ada", name) for name in evenings}
    assert town.answer("Ada", offers["taken"]) == (200, "accepted")
    bea = town.carer("Bea", 2)
    town.settle()
    return Things(
        ids={
            "carer_id": str(ada),
            "other_carer_id": str(bea),
            "visit_id": str(evenings["visit"]),
            "taken_visit_id": str(evenings["taken"]),
            "offer_id": offers["visit"],
            "withdrawn_offer_id": offers["withdrawn"],
            "declined_offer_id": offers["declined"],
        },
        carer_id=ada,
    )
