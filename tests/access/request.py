"""The request service's routes and whom each lets in."""

import base64
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.request.commands.care_requests import RegisterReferrer, Said
from services.request.commands.families import KeepConsent, KeepOtherCare
from services.request.domain.family_terms import ChildTerms
from services.request.domain.hours import OneOff
from services.request.domain.timeline import OtherCareTerms
from services.request.handlers import consents, other_care, referrals
from services.request.handlers.care_requests import Opened
from services.request.handlers.families import FamilyKept
from services.request.tables import tasks
from shared.auth.roles import Role
from tests.access.rows import Row, Things, another_desk
from tests.services.request.town import ANA, EVENING, NIGHTS, NOW, TODAY, Town, Words
from tests.support.service import Trial

_ANYONE = frozenset(Role)
_DISPATCHER = frozenset({Role.DISPATCHER})
_FAMILY = frozenset({Role.FAMILY})
_REFERRER = frozenset({Role.REFERRER})
_HOME = {"latitude": 50.83, "longitude": -0.13, "zone": "Europe/London", "area": "Hanover"}
_HOUSEHOLD: dict[str, Any] = {
    "name": "Bouazza",
    "language": "fr",
    "home": _HOME,
    "children": [{"first_name": "Lina", "born": "2022-01-20"}],
}
_VISIT = {"start_local": "2026-06-09T21:00", "end_local": "2026-06-10T07:00"}
_PATTERN = {"starts_on": "2026-06-01", "slots": [{"weekday": 0, "start": "08:00", "end": "16:00"}]}
_ASKED = {"mode": "family_home", "visits": [_VISIT]}
_SAID = {"said_by": "a parent", "said_at": "2026-05-30T10:00:00+01:00"}
_TERMS = {"host_family_id": "{family_id}", "rule": "overlap"}
_BOTH = [{"family_id": "{family_id}", **_SAID}, {"family_id": "{other_family_id}", **_SAID}]
_SHARING = {**_TERMS, "valid_from": "2026-06-01", "consents": _BOTH}
_CHOICES = {"valid_from": "2026-07-01", "weeks_ahead": 4, "horizon_step_days": 7, "urgent_grace_minutes": 60}
_OTHER_CARE = {"child_id": "{child_id}", "name": "Rainbow", "kind": "nursery", "pattern": _PATTERN}
_ROSTER = base64.b64encode(b"date;start;end\n2026-06-09;06:00;14:00\n").decode()
_REFINEMENT = {
    "code": "programme_length",
    "numbers": {"longest_days": 10},
    "sentence": "With us a programme lasts ten days.",
    "source": "the board, 1 June 2026",
    "valid_from": "2026-07-01",
}
_YEAR = {"first_day": "2026-09-01", "last_day": "2027-08-31", "breaks": []}
_WAITING = "born=2024-01-01&starts_on=2026-06-01&minutes_a_week=900"

ACCESS = [
    Row("POST", "/families", _DISPATCHER, body=_HOUSEHOLD),
    Row("GET", "/families", _DISPATCHER, shows=("family_id",)),
    Row("GET", "/families/alike", _DISPATCHER, query="phone=01273555014", shows=("family_id",)),
    Row("GET", "/areas", _DISPATCHER),
    Row("GET", "/families/{family_id}", _DISPATCHER, shows=("family_id", "child_id")),
    Row("GET", "/families/{family_id}/accesses", _DISPATCHER),
    Row("GET", "/families/{family_id}/introductions-skipped", _DISPATCHER, shows=("skipped_care_request_id",)),
    Row("GET", "/families/{family_id}/displacements", _DISPATCHER),
    Row("GET", "/families/{family_id}/export", _DISPATCHER, shows=("family_id", "child_id", "visit_id")),
    Row(
        "POST",
        "/families/{family_id}/change",
        _DISPATCHER,
        body={**_HOUSEHOLD, "version": 1},
        of={"family_id": "changed_family_id"},
    ),
    Row(
        "POST",
        "/families/{family_id}/move",
        _DISPATCHER,
        body={"home": _HOME, "from_day": "2026-07-01", "version": 1},
        of={"family_id": "moved_family_id"},
    ),
    Row("POST", "/families/{family_id}/take", _DISPATCHER),
    Row("POST", "/families/{family_id}/support", _DISPATCHER, body={"tier": "in_person"}),
    Row("POST", "/families/{family_id}/carers", _DISPATCHER, body={"favourite_carer_ids": [str(ANA)]}),
    Row(
        "POST",
        "/families/{family_id}/merge",
        _DISPATCHER,
        body={"merged_family_id": "{twin_family_id}"},
        of={"family_id": "moved_family_id"},
    ),
    Row("POST", "/families/{family_id}/erase", _DISPATCHER, of={"family_id": "erased_family_id"}),
    Row("POST", "/families/{family_id}/consents", _DISPATCHER, body={"party": "school", "allows": "helped", **_SAID}),
    Row("POST", "/consents/{consent_id}/withdraw", _DISPATCHER),
    Row("POST", "/families/{family_id}/other-care", _DISPATCHER, body=_OTHER_CARE),
    Row("POST", "/families/{family_id}/other-care/{other_care_id}", _DISPATCHER, body=_OTHER_CARE),
    Row("GET", "/children/{child_id}/timeline", _DISPATCHER, shows=("visit_id", "other_care_id")),
    Row("POST", "/other-care/{other_care_id}/drop", _DISPATCHER),
    Row("POST", "/families/{family_id}/schedule/check", _DISPATCHER, body={"content": _ROSTER}),
    Row("POST", "/referrers", _DISPATCHER, body={"name": "Jobcentre", "kind": "employment_service"}),
    Row("GET", "/referrers", _DISPATCHER, shows=("referrer_id",)),
    Row(
        "POST",
        "/referrals",
        _REFERRER,
        body={"reference": "K-17", "consent": _SAID, "family": _HOUSEHOLD, "request": _ASKED},
        elsewhere=404,
    ),
    Row("GET", "/referrals", _REFERRER),
    Row("POST", "/shared-care", _DISPATCHER, body=_SHARING),
    Row("GET", "/shared-care", _DISPATCHER, shows=("shared_care_id", "family_id")),
    Row(
        "POST",
        "/shared-care/{shared_care_id}/change",
        _DISPATCHER,
        body={**_TERMS, "from_day": "2026-07-01", "consents": _BOTH},
    ),
    Row(
        "POST",
        "/shared-care/{shared_care_id}/leave",
        _DISPATCHER,
        body={"family_id": "{other_family_id}", "last_day": "2026-07-31"},
        of={"shared_care_id": "left_shared_care_id"},
    ),
    Row("POST", "/shared-care/{shared_care_id}/end", _DISPATCHER, body={"valid_until": "2026-07-30"}),
    Row("POST", "/calls", _DISPATCHER, body={"family": _HOUSEHOLD | {"name": "Newcomer"}, **_ASKED}),
    Row("POST", "/care-requests", _DISPATCHER, body={"family_id": "{family_id}", **_ASKED}),
    Row("POST", "/care-requests/preview", _DISPATCHER, body={"family_id": "{family_id}", **_ASKED}),
    Row("GET", "/care-requests", _DISPATCHER, shows=("care_request_id", "visit_id")),
    Row("GET", "/care-requests/{care_request_id}", _DISPATCHER, shows=("visit_id",)),
    Row("GET", "/care-requests/{care_request_id}/versions", _DISPATCHER),
    Row(
        "POST",
        "/care-requests/{care_request_id}/amend/preview",
        _DISPATCHER,
        body={"version": 1, "skills": ["swimming"]},
    ),
    Row("POST", "/care-requests/{care_request_id}/amend", _DISPATCHER, body={"version": 1, "skills": ["swimming"]}),
    Row("POST", "/care-requests/{care_request_id}/undo", _DISPATCHER, body={"version": 2}),
    Row(
        "POST",
        "/care-requests/{care_request_id}/withdraw",
        _DISPATCHER,
        body={"version": 1},
        of={"care_request_id": "withdrawn_care_request_id"},
    ),
    Row(
        "POST",
        "/care-requests/{care_request_id}/make-regular",
        _DISPATCHER,
        body={"family_id": "{regular_family_id}", "version": 1},
        of={"care_request_id": "regular_care_request_id"},
    ),
    Row(
        "POST",
        "/care-requests/{care_request_id}/skip-introduction",
        _DISPATCHER,
        body={"version": 1, **_SAID},
        of={"care_request_id": "strange_care_request_id"},
    ),
    Row(
        "POST",
        "/visits/{visit_id}/split",
        _DISPATCHER,
        body={"at": "2026-06-04T23:00:00Z", "version": 1},
        of={"visit_id": "long_visit_id"},
    ),
    Row("POST", "/visits/{visit_id}/call-in", _DISPATCHER, body={"version": 1}, of={"visit_id": "standby_visit_id"}),
    Row("GET", "/visits/{visit_id}/displaceable", _DISPATCHER, shows=("given_up_visit_id",)),
    Row(
        "POST",
        "/visits/{visit_id}/displace",
        _DISPATCHER,
        body={"for_visit_id": "{visit_id_of_urgent}", "then": "withdraw", **_SAID},
        of={"visit_id": "given_up_visit_id"},
    ),
    Row("POST", "/visits/{visit_id}/barrier", _DISPATCHER, body={"barrier": "affordable"}),
    Row("GET", "/limited-places", _DISPATCHER),
    Row("GET", "/unmet", _DISPATCHER, shows=("care_request_id",)),
    Row("GET", "/unmet/minutes", _DISPATCHER, query="month=2026-06"),
    Row("GET", "/unmet/report", _DISPATCHER, query="month=2026-06"),
    Row("GET", "/unmet/report.csv", _DISPATCHER, query="month=2026-06"),
    Row("GET", "/tasks", _DISPATCHER, shows=("task_id",)),
    Row("POST", "/tasks/{task_id}/finish", _DISPATCHER),
    Row("GET", "/rules", _ANYONE),
    Row("POST", "/rules/refinements", _DISPATCHER, body=_REFINEMENT),
    Row("GET", "/policy", _DISPATCHER),
    Row("POST", "/policy", _DISPATCHER, body=_CHOICES),
    Row("GET", "/priority", _ANYONE),
    Row(
        "POST",
        "/priority",
        _DISPATCHER,
        body={"valid_from": "2026-07-01", "rules": ["urgent", "siblings"], "rationale": "the summer's committee"},
    ),
    Row("GET", "/days-off", _DISPATCHER),
    Row("POST", "/school-years", _DISPATCHER, body=_YEAR),
    Row("GET", "/entitlement", _DISPATCHER, query=_WAITING),
    Row("GET", "/my/family", _FAMILY, shows=("family_id",)),
    Row("POST", "/my/support", _FAMILY, body={"tier": "self_serve"}),
    Row("POST", "/my/carers", _FAMILY, body={"backup_carer_ids": [str(ANA)]}),
    Row("POST", "/my/consents", _FAMILY, body={"party": "school", "allows": "nothing"}),
    Row("POST", "/my/consents/{consent_id}/withdraw", _FAMILY, of={"consent_id": "own_consent_id"}),
    Row("GET", "/my/accesses", _FAMILY),
    Row("GET", "/my/introductions-skipped", _FAMILY),
    Row("GET", "/my/displacements", _FAMILY),
    Row("GET", "/my/export", _FAMILY, shows=("family_id",)),
    Row("GET", "/my/children/{child_id}/timeline", _FAMILY, shows=("visit_id",)),
    Row("POST", "/my/care-requests", _FAMILY, body=_ASKED),
    Row("POST", "/my/care-requests/preview", _FAMILY, body=_ASKED),
    Row("GET", "/my/care-requests", _FAMILY, shows=("care_request_id",)),
    Row("GET", "/my/care-requests/{care_request_id}", _FAMILY, shows=("visit_id",)),
    Row(
        "POST", "/my/care-requests/{care_request_id}/amend/preview", _FAMILY, body={"version": 4, "wishes": ["no_pets"]}
    ),
    Row("POST", "/my/care-requests/{care_request_id}/amend", _FAMILY, body={"version": 4, "wishes": ["no_pets"]}),
    Row("POST", "/my/care-requests/{care_request_id}/undo", _FAMILY, body={"version": 5}),
    Row("POST", "/my/care-requests/{care_request_id}/withdraw", _FAMILY, body={"version": 6}),
]


def things(trial: Trial, elsewhere: UUID) -> Things:
    """Families with one of each thing a family, a dispatcher or a referrer may look at or change."""
    town = Town(trial)
    town.desk()
    another_desk(trial, elsewhere)
    regular_family, regular = _regular(town)
    names = ("Ames", "Bell", "Cole", "Dean", "Eve", "Eve", "Hill")
    ames, bell, cole, dean, eve, twin, hill = (town.family(name) for name in names)
    asked, withdrawn = town.ask(ames, urgency="sick_child"), town.ask(bell)
    skipped = town.ask(ames, introduction="waived", skipped=Said(said_by="a parent", said_at=NOW))
    strange = town.ask(bell)
    trial.hear(Words(town, asked.visits[0].visit_id, asked.care_request_id).unfilled())
    long_one = town.ask(cole, NIGHTS)
    standby = town.ask(cole, kind="standby", hold_until=NOW + timedelta(hours=8))
    given_up = _held(town, bell)
    referrer_id = town.run(referrals.register_referrer, RegisterReferrer(name="Hospital", kind="hospital"))
    unasked = town.family("Fox", children=(ChildTerms(first_name="Noor", born=TODAY),))
    town.ask(unasked)
    return Things(
        ids={
            "family_id": str(ames.family_id),
            "child_id": str(ames.child_ids[0]),
            "other_family_id": str(bell.family_id),
            "changed_family_id": str(hill.family_id),
            "erased_family_id": str(dean.family_id),
            "moved_family_id": str(eve.family_id),
            "twin_family_id": str(twin.family_id),
            "regular_family_id": str(regular_family.family_id),
            "shared_care_id": str(town.share(ames, bell)),
            "left_shared_care_id": str(town.share(ames, bell)),
            "care_request_id": str(asked.care_request_id),
            "visit_id": str(asked.visits[0].visit_id),
            "visit_id_of_urgent": str(asked.visits[0].visit_id),
            "withdrawn_care_request_id": str(withdrawn.care_request_id),
            "skipped_care_request_id": str(skipped.care_request_id),
            "strange_care_request_id": str(strange.care_request_id),
            "regular_care_request_id": str(regular.care_request_id),
            "long_visit_id": str(long_one.visits[0].visit_id),
            "standby_visit_id": str(standby.visits[0].visit_id),
            "given_up_visit_id": str(given_up.visits[0].visit_id),
            "consent_id": str(_consent(town, ames, "hospital")),
            "own_consent_id": str(_consent(town, ames, "welfare")),
            "other_care_id": str(_nursery(town, ames)),
            "referrer_id": str(referrer_id),
            "task_id": str(_task(town)),
        },
        family_id=ames.family_id,
        referrer_id=referrer_id,
    )


def _held(town: Town, family: FamilyKept) -> Opened:
    """An evening that a carer has said yes to."""
    opened = town.ask(family)
    words = Words(town, opened.visits[0].visit_id, opened.care_request_id)
    town.trial.hear(words.assigned())
    town.trial.hear(words.rostered())
    return opened


def _regular(town: Town) -> tuple[FamilyKept, Opened]:
    """The same Wednesday evening, four weeks running, and one more to come."""
    town.trial.clock.move_to(NOW - timedelta(weeks=5))
    family = town.family("Gray")
    evening = OneOff(start=EVENING.start, end=EVENING.end)
    assert evening.start is not None
    assert evening.end is not None
    apart = [timedelta(days=2) - timedelta(weeks=number) for number in range(4, -1, -1)]
    weeks = [OneOff(start=evening.start + each, end=evening.end + each) for each in apart]
    opened = town.ask(family, *weeks)
    for visit in opened.visits[:4]:
        words = Words(town, visit.visit_id, opened.care_request_id)
        for said in (words.assigned(), words.rostered(), words.completed()):
            town.trial.hear(said)
    town.trial.clock.move_to(NOW)
    return family, opened


def _consent(town: Town, family: FamilyKept, party: str) -> UUID:
    command = KeepConsent(family_id=family.family_id, party=party, allows="helped", said_by="a parent", said_at=NOW)
    kept: UUID = town.run(consents.keep_consent, command)
    return kept


def _nursery(town: Town, family: FamilyKept) -> UUID:
    terms = OtherCareTerms(child_id=family.child_ids[0], name="Rainbow", kind="nursery", pattern=NIGHTS)
    kept: UUID = town.run(other_care.keep_other_care, KeepOtherCare(family_id=family.family_id, terms=terms))
    return kept


def _task(town: Town) -> UUID:
    with town.rows() as session:
        found: UUID = session.execute(
            select(tasks.c.task_id).where(tasks.c.kind == "ask_allergies").limit(1)
        ).scalar_one()
    return found
