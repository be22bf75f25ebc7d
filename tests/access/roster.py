"""The roster's routes and whom each lets in."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.auth.roles import Role
from tests.access.rows import Row, Things, another_desk
from tests.services.roster.town import PAPERS, TOMORROW_18, Town, named
from tests.support.service import Trial

_DISPATCHER = frozenset({Role.DISPATCHER})
_CARER = frozenset({Role.CARER})
_WEEK = "from=2026-06-01T00:00:00Z&until=2026-06-08T00:00:00Z"
_DETAILS: dict[str, Any] = {
    "first_name": "Bea",
    "last_name": "Field",
    "modes": ["family_home"],
    "home": {"latitude": 50.82, "longitude": -0.13, "zone": "Europe/London", "area": "Hove"},
    "languages": ["en"],
    "transport": "bike",
    "max_distance_km": 15,
    "credentials": [{"kind": kind, "valid_from": "2020-01-01"} for kind in PAPERS],
}
_HOURS = {"weekly": [{"weekday": 0, "start": "18:00", "end": "23:00"}]}
_ABSENCE = {"start": "2026-06-20T00:00:00+01:00", "end": "2026-06-21T00:00:00+01:00", "reason": "sick"}
_TIMES = {"started_at": "2026-06-02T08:05:00Z", "ended_at": "2026-06-02T11:00:00Z", "reason": "the phone was empty"}
_OTHER = {"carer_id": "other_carer_id"}

ACCESS = [
    Row("POST", "/carers", _DISPATCHER, body=_DETAILS),
    Row("GET", "/carers", _DISPATCHER, shows=("carer_id",)),
    Row("GET", "/carers/{carer_id}", _DISPATCHER, shows=("carer_id",)),
    Row("POST", "/carers/{carer_id}/change", _DISPATCHER, body=_DETAILS, of=_OTHER),
    Row("POST", "/carers/{carer_id}/availability", _DISPATCHER, body=_HOURS, of=_OTHER),
    Row("POST", "/carers/{carer_id}/absences", _DISPATCHER, body=_ABSENCE, of=_OTHER),
    Row("GET", "/visits", _DISPATCHER, query=f"{_WEEK}&carer_id={{carer_id}}", shows=("visit_id",), elsewhere=200),
    Row("GET", "/visits/{visit_id}", _DISPATCHER, shows=("carer_id", "family_id")),
    Row("POST", "/visits/{visit_id}/cancel", _DISPATCHER, body={"by": "family"}, of={"visit_id": "cancelled_visit_id"}),
    Row("POST", "/visits/{visit_id}/correct", _DISPATCHER, body=_TIMES, of={"visit_id": "corrected_visit_id"}),
    Row("GET", "/travel", _DISPATCHER, query=f"{_WEEK}&carer_id={{carer_id}}", shows=("carer_id",), elsewhere=200),
    Row("GET", "/policy", _DISPATCHER),
    Row("POST", "/policy", _DISPATCHER, body={"valid_from": "2026-07-01", "late_after_minutes": 10}),
    Row("GET", "/my/visits", _CARER, query=_WEEK, shows=("visit_id",)),
    Row("GET", "/my/visits/{visit_id}", _CARER, shows=("visit_id",)),
    Row("POST", "/visits/{visit_id}/check-in", _CARER, body={"happened_at": "2026-06-02T17:00:00Z"}),
    Row("POST", "/visits/{visit_id}/check-out", _CARER),
    Row("GET", "/my/availability", _CARER),
    Row("POST", "/my/availability", _CARER, body=_HOURS),
    Row("POST", "/my/absences", _CARER, body=_ABSENCE),
    Row("GET", "/my/travel", _CARER, query=_WEEK, shows=("corrected_visit_id",)),
]


def things(trial: Trial, elsewhere: UUID) -> Things:
    """Two carers, one of whom has been at the door for five minutes, cared this morning and comes tomorrow as well."""
    town = Town(trial)
    town.desk()
    another_desk(trial, elsewhere)
    town.family("Ames")
    ada, bea = town.carer("Ada"), town.carer("Bea", 2)
    this_morning = TOMORROW_18.replace(hour=8)
    cared = town.book("cared", "Ada", start=this_morning)
    coming = town.book("visit", "Ada")
    cancelled = town.book("cancelled", "Ada", start=TOMORROW_18 + timedelta(days=1))
    town.come("cared", "Ada", this_morning)
    town.go("cared", "Ada", this_morning + timedelta(hours=3))
    town.settle()
    trial.clock.move_to(TOMORROW_18 + timedelta(minutes=5))
    return Things(
        ids={
            "carer_id": str(ada),
            "other_carer_id": str(bea),
            "family_id": str(named("Ames")),
            "visit_id": str(coming),
            "cancelled_visit_id": str(cancelled),
            "corrected_visit_id": str(cared),
        },
        carer_id=ada,
    )
