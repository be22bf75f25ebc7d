"""The request service's routes and whom each lets in."""

from typing import Any
from uuid import UUID

from shared.auth.roles import Role
from tests.access.rows import Row, Things, another_desk
from tests.services.request.town import Town, Words
from tests.support.service import Trial

_DISPATCHER = frozenset({Role.DISPATCHER})
_FAMILY = frozenset({Role.FAMILY})
_HOUSEHOLD: dict[str, Any] = {
    "name": "Bouazza",
    "language": "fr",
    "home": {"latitude": 50.83, "longitude": -0.13, "zone": "Europe/London", "area": "Hanover"},
    "children": [{"first_name": "Lina", "born": "2022-01-20"}],
}
_VISIT = {"start_local": "2026-06-09T21:00", "end_local": "2026-06-10T07:00"}
_CONSENT = {"said_by": "a parent", "said_at": "2026-05-30T10:00:00+01:00"}
_SHARING = {
    "host_family_id": "{family_id}",
    "rule": "overlap",
    "valid_from": "2026-06-01",
    "consents": [{"family_id": "{family_id}", **_CONSENT}, {"family_id": "{other_family_id}", **_CONSENT}],
}
_CHOICES = {"valid_from": "2026-07-01", "weeks_ahead": 4, "horizon_step_days": 7, "urgent_grace_minutes": 60}

ACCESS = [
    Row("POST", "/families", _DISPATCHER, body=_HOUSEHOLD),
    Row("GET", "/families", _DISPATCHER, shows=("family_id",)),
    Row("GET", "/families/{family_id}", _DISPATCHER, shows=("family_id", "child_id")),
    Row("POST", "/families/{family_id}/change", _DISPATCHER, body=_HOUSEHOLD, of={"family_id": "changed_family_id"}),
    Row("POST", "/families/{family_id}/erase", _DISPATCHER, of={"family_id": "erased_family_id"}),
    Row("POST", "/shared-care", _DISPATCHER, body=_SHARING),
    Row("GET", "/shared-care", _DISPATCHER, shows=("shared_care_id", "family_id")),
    Row("POST", "/shared-care/{shared_care_id}/end", _DISPATCHER, body={"valid_until": "2026-06-30"}),
    Row(
        "POST",
        "/care-requests",
        _DISPATCHER,
        body={"family_id": "{family_id}", "mode": "family_home", "visit": _VISIT},
    ),
    Row("GET", "/care-requests", _DISPATCHER, shows=("care_request_id", "visit_id")),
    Row("GET", "/care-requests/{care_request_id}", _DISPATCHER, shows=("visit_id",)),
    Row("POST", "/care-requests/{care_request_id}/amend", _DISPATCHER, body={"skills": ["swimming"]}),
    Row(
        "POST",
        "/care-requests/{care_request_id}/withdraw",
        _DISPATCHER,
        of={"care_request_id": "withdrawn_care_request_id"},
    ),
    Row("GET", "/unmet", _DISPATCHER, shows=("care_request_id",)),
    Row("GET", "/policy", _DISPATCHER),
    Row("POST", "/policy", _DISPATCHER, body=_CHOICES),
    Row("GET", "/my/family", _FAMILY, shows=("family_id",)),
    Row("POST", "/my/care-requests", _FAMILY, body={"mode": "family_home", "visit": _VISIT}),
    Row("GET", "/my/care-requests", _FAMILY, shows=("care_request_id",)),
    Row("GET", "/my/care-requests/{care_request_id}", _FAMILY, shows=("visit_id",)),
    Row("POST", "/my/care-requests/{care_request_id}/withdraw", _FAMILY),
]


def things(trial: Trial, elsewhere: UUID) -> Things:
    """Families, a request nobody could be found for, another one, and an agreement to share."""
    town = Town(trial)
    town.desk()
    another_desk(trial, elsewhere)
    ames, bell, cole, dean = (town.family(name) for name in ("Ames", "Bell", "Cole", "Dean"))
    asked, withdrawn = town.ask(ames, urgent=True), town.ask(ames)
    trial.hear(Words(town, asked.visits[0].visit_id, asked.care_request_id).unfilled())
    return Things(
        ids={
            "family_id": str(ames.family_id),
            "child_id": str(ames.child_ids[0]),
            "other_family_id": str(bell.family_id),
            "changed_family_id": str(cole.family_id),
            "erased_family_id": str(dean.family_id),
            "shared_care_id": str(town.share(ames, bell)),
            "care_request_id": str(asked.care_request_id),
            "visit_id": str(asked.visits[0].visit_id),
            "withdrawn_care_request_id": str(withdrawn.care_request_id),
        },
        family_id=ames.family_id,
    )
