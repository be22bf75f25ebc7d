"""The roster's routes and whom each lets in."""

import base64
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from services.roster.commands.carers import (
    AddPaper,
    GivePhoto,
    NoteStep,
    SayDiffers,
)
from services.roster.commands.desk import ChangePolicy
from services.roster.commands.safety import CallForHelp, JoinDuty, SayConcern
from services.roster.commands.visits import AskSwap, AskToStay, ProposeCorrection
from services.roster.domain.credential import Paper
from services.roster.handlers import availability, carers, concerns, corrections, duty, onboarding, papers, policies
from services.roster.handlers import stays as stay_handlers
from services.roster.handlers import swaps as swap_handlers
from services.roster.tables.safety import alerts
from services.roster.tables.visits import visits
from shared.auth.roles import Role
from shared.contracts.identity import AccountRegistered
from shared.domain.values import TimeWindow
from tests.access.rows import Row, Things, another_desk
from tests.services.roster.town import PAPERS, TOMORROW_18, Town, named, place
from tests.support.service import Trial

_DISPATCHER = frozenset({Role.DISPATCHER})
_DESK = frozenset({Role.DISPATCHER, Role.CLERK})
_CARER = frozenset({Role.CARER})
_FAMILY = frozenset({Role.FAMILY})
_WEEK = "from=2026-06-01T00:00:00Z&until=2026-06-08T00:00:00Z"
_WISHES: dict[str, Any] = {"transport": "bike", "max_distance_km": 15}
_DETAILS: dict[str, Any] = {
    "first_name": "Bea",
    "last_name": "Field",
    "modes": ["family_home"],
    "home": {"latitude": 50.82, "longitude": -0.13, "zone": "Europe/London", "area": "Hove"},
    "languages": ["en"],
    **_WISHES,
}
_NEW = {
    **_DETAILS,
    "cleared_on": "2020-01-01",
    "credentials": [{"kind": kind, "valid_from": "2020-01-01", "checked": True} for kind in PAPERS],
}
_HOURS = {"weekly": [{"weekday": 0, "start": "18:00", "end": "23:00"}]}
_ABSENCE = {"start": "2026-06-20T00:00:00+01:00", "end": "2026-06-21T00:00:00+01:00", "reason": "sick"}
_LATER = {"start": "2026-07-20T00:00:00+01:00", "end": "2026-07-21T00:00:00+01:00", "reason": "sick"}
_TIMES = {"started_at": "2026-06-02T08:05:00Z", "ended_at": "2026-06-02T08:25:00Z", "reason": "the phone was empty"}
_PAPER = {"kind": "driving_licence", "number": "X1", "issuer": "DVLA", "valid_from": "2024-01-01"}
_PICTURE = b"\x89PNG\r\n\x1a\n" + b"0" * 20
_PHOTO = {"media_type": "image/png", "picture": base64.b64encode(_PICTURE).decode()}
_STRETCH = {"start": "2026-06-25T18:00:00+01:00", "end": "2026-06-25T23:00:00+01:00"}
_OTHER = {"carer_id": "other_carer_id"}

ACCESS = [
    Row("POST", "/carers", _DISPATCHER, body=_NEW),
    Row("GET", "/carers", _DISPATCHER, shows=("carer_id",)),
    Row("GET", "/carers/{carer_id}", _DISPATCHER, shows=("carer_id",)),
    Row("POST", "/carers/{carer_id}/change", _DISPATCHER, body=_DETAILS, of=_OTHER),
    Row("GET", "/carers/{carer_id}/history", _DISPATCHER),
    Row("GET", "/carers/{carer_id}/papers", _DISPATCHER, shows=("credential_id",)),
    Row("POST", "/carers/{carer_id}/papers", _DISPATCHER, body=_PAPER),
    Row("POST", "/carers/{carer_id}/papers/{credential_id}/check", _DISPATCHER, body={"found_good": True}),
    Row("POST", "/carers/{carer_id}/papers/{credential_id}/withdraw", _DISPATCHER, body={"reason": "lost"}),
    Row(
        "POST",
        "/carers/{carer_id}/steps",
        _DISPATCHER,
        body={"step": "coach", "on": "2026-06-01", "who": "Cora"},
        of={"carer_id": "new_carer_id"},
    ),
    Row("POST", "/carers/{carer_id}/clear", _DISPATCHER, body={"on": "2026-06-02"}, of={"carer_id": "new_carer_id"}),
    Row("GET", "/carers/{carer_id}/availability", _DISPATCHER),
    Row("POST", "/carers/{carer_id}/availability", _DISPATCHER, body=_HOURS, of=_OTHER),
    Row("POST", "/carers/{carer_id}/absences", _DISPATCHER, body=_ABSENCE, of=_OTHER),
    Row(
        "POST",
        "/carers/{carer_id}/absences/{absence_id}/return",
        _DISPATCHER,
        of={**_OTHER, "absence_id": "other_absence_id"},
    ),
    Row(
        "POST",
        "/carers/{carer_id}/tolerances",
        _DISPATCHER,
        body={**_STRETCH, "children": 1, "reason": "a brother on his first day"},
    ),
    Row(
        "POST", "/carers/{carer_id}/credit", _DISPATCHER, body={"on": "2026-06-01", "minutes": 60, "why": "an hour off"}
    ),
    Row("POST", "/carers/{carer_id}/photo", _DISPATCHER, body=_PHOTO),
    Row("GET", "/carers/{carer_id}/photo", _DISPATCHER),
    Row("POST", "/carers/{carer_id}/photo/take-away", _DISPATCHER, of=_OTHER),
    Row(
        "POST",
        "/carers/{carer_id}/travel/recount",
        _DISPATCHER,
        body={"first": "2026-06-01", "last": "2026-06-02"},
    ),
    Row("POST", "/carers/{carer_id}/let-go", _DISPATCHER, of={"carer_id": "leaving_carer_id"}),
    Row("GET", "/visits", _DISPATCHER, query=f"{_WEEK}&carer_id={{carer_id}}", shows=("visit_id",), elsewhere=200),
    Row("GET", "/visits/evv.csv", _DISPATCHER, query=_WEEK, shows=("corrected_visit_id",)),
    Row("GET", "/visits/{visit_id}", _DISPATCHER, shows=("carer_id", "family_id")),
    Row("POST", "/visits/{visit_id}/cancel", _DISPATCHER, body={"by": "family"}, of={"visit_id": "cancelled_visit_id"}),
    Row("POST", "/visits/{visit_id}/correct", _DISPATCHER, body=_TIMES, of={"visit_id": "corrected_visit_id"}),
    Row("POST", "/corrections/{correction_id}/answer", _DISPATCHER, body={"agrees": True, "note": "by phone"}),
    Row(
        "POST",
        "/visits/{visit_id}/stay",
        _DISPATCHER,
        body={"until": "2026-06-05T21:00:00Z"},
        of={"visit_id": "friday_visit_id"},
    ),
    Row("POST", "/stays/{stay_id}/answer", _DISPATCHER, body={"agrees": False}),
    Row("POST", "/visits/{visit_id}/review", _DISPATCHER, body={"note": "fine"}, of={"visit_id": "reviewed_visit_id"}),
    Row("GET", "/swaps", _DISPATCHER, shows=("swap_id",)),
    Row("POST", "/swaps/{swap_id}/answer", _DISPATCHER, body={"agrees": False, "why": "no"}),
    Row("GET", "/my/visits", _CARER, query=_WEEK, shows=("visit_id",)),
    Row("GET", "/my/visits/{visit_id}", _CARER, shows=("visit_id",)),
    Row("POST", "/visits/{visit_id}/coming", _CARER, of={"visit_id": "friday_visit_id"}),
    Row("POST", "/visits/{visit_id}/set-out", _CARER, of={"visit_id": "friday_visit_id"}),
    Row("POST", "/visits/{visit_id}/check-in", _CARER, body={"happened_at": "2026-06-02T17:00:00Z"}),
    Row("POST", "/visits/{visit_id}/children/{child_id}", _CARER, body={"what": "came"}),
    Row("POST", "/visits/{visit_id}/notes", _CARER, body={"text": "slept at eight"}),
    Row("POST", "/visits/{visit_id}/nobody-came", _CARER),
    Row("POST", "/visits/{visit_id}/check-out", _CARER, body={"handed_to": "Sam Ames"}),
    Row("POST", "/my/help", _CARER),
    Row(
        "POST",
        "/my/concerns",
        _CARER,
        body={"about_id": "{family_id}", "text": "a bruise"},
    ),
    Row(
        "POST",
        "/my/visits/{visit_id}/correct",
        _CARER,
        body={**_TIMES, "started_at": "2026-06-02T09:05:00Z", "ended_at": "2026-06-02T09:25:00Z"},
        of={"visit_id": "reviewed_visit_id"},
    ),
    Row(
        "POST",
        "/my/corrections/{correction_id}/answer",
        _CARER,
        body={"agrees": True},
        of={"correction_id": "familys_correction_id"},
    ),
    Row(
        "POST",
        "/my/visits/{visit_id}/stay",
        _CARER,
        body={"until": "2026-06-06T21:00:00Z"},
        of={"visit_id": "saturday_visit_id"},
    ),
    Row("POST", "/my/stays/{stay_id}/answer", _CARER, body={"agrees": True}, of={"stay_id": "my_stay_id"}),
    Row("GET", "/my/visits/{visit_id}/colleagues", _CARER, of={"visit_id": "saturday_visit_id"}),
    Row(
        "POST",
        "/my/visits/{visit_id}/swap",
        _CARER,
        body={"to_carer_id": "{other_carer_id}"},
        of={"visit_id": "saturday_visit_id"},
    ),
    Row("GET", "/my/swaps", _CARER, shows=("taken_swap_id",)),
    Row("POST", "/my/swaps/{swap_id}/answer", _CARER, body={"agrees": True}, of={"swap_id": "my_swap_id"}),
    Row("POST", "/my/swaps/{swap_id}/take-back", _CARER, of={"swap_id": "taken_swap_id"}),
    Row("GET", "/my/availability", _CARER),
    Row("POST", "/my/availability", _CARER, body=_HOURS),
    Row("POST", "/my/exceptions", _CARER, body={"exceptions": [_STRETCH], "free": True}),
    Row("POST", "/my/exceptions/{exception_id}/take-back", _CARER),
    Row("GET", "/my/wishes", _CARER),
    Row("POST", "/my/wishes", _CARER, body=_WISHES),
    Row("GET", "/my/papers", _CARER),
    Row("GET", "/my/absences", _CARER, shows=("my_absence_id",)),
    Row("POST", "/my/absences", _CARER, body=_LATER),
    Row("POST", "/my/absences/{absence_id}/return", _CARER, of={"absence_id": "my_absence_id"}),
    Row("GET", "/my/on-call", _CARER),
    Row("GET", "/my/travel", _CARER, query=_WEEK, shows=("corrected_visit_id",)),
    Row("GET", "/family/visits", _FAMILY, query=_WEEK, shows=("visit_id",)),
    Row("GET", "/family/visits/{visit_id}/photo", _FAMILY),
    Row(
        "POST",
        "/family/visits/{visit_id}/stay",
        _FAMILY,
        body={"until": "2026-06-07T21:00:00Z"},
        of={"visit_id": "sunday_visit_id"},
    ),
    Row(
        "POST",
        "/family/visits/{visit_id}/correct",
        _FAMILY,
        body={**_TIMES, "started_at": "2026-06-02T10:05:00Z", "ended_at": "2026-06-02T10:25:00Z"},
        of={"visit_id": "late_morning_visit_id"},
    ),
    Row("GET", "/family/corrections", _FAMILY, shows=("carers_correction_id",)),
    Row(
        "POST",
        "/family/corrections/{correction_id}/answer",
        _FAMILY,
        body={"agrees": True},
        of={"correction_id": "carers_correction_id"},
    ),
    Row("GET", "/family/swaps", _FAMILY, shows=("familys_swap_id",)),
    Row("POST", "/family/swaps/{swap_id}/answer", _FAMILY, body={"agrees": True}, of={"swap_id": "familys_swap_id"}),
    Row("POST", "/family/concerns", _FAMILY, body={"about_id": "{carer_id}", "text": "on the phone all evening"}),
    Row("GET", "/alerts", _DISPATCHER, shows=("alert_id",)),
    Row("POST", "/alerts/{alert_id}/acknowledge", _DISPATCHER),
    Row("POST", "/alerts/{alert_id}/close", _DISPATCHER, body={"outcome": "rang her"}),
    Row("GET", "/duty", _DISPATCHER, shows=("account_id",)),
    Row("POST", "/duty/join", _DISPATCHER, body={"name": "Dora", "phone": "+44 1", "position": 2}),
    Row(
        "POST",
        "/duty/offer",
        _DISPATCHER,
        body={"to_account_id": "{second_account_id}"},
        elsewhere=409,
    ),
    Row("POST", "/duty/{account_id}/leave", _DISPATCHER, of={"account_id": "second_account_id"}),
    Row("POST", "/duty/take", _DISPATCHER),
    Row("GET", "/concerns", _DISPATCHER, shows=("concern_id",)),
    Row("POST", "/concerns/{concern_id}/read", _DISPATCHER),
    Row("POST", "/concerns/{concern_id}/close", _DISPATCHER, body={"outcome": "talked about it"}),
    Row("GET", "/tonight", _DISPATCHER),
    Row("GET", "/tonight.html", _DISPATCHER),
    Row("GET", "/travel", _DESK, query=f"{_WEEK}&carer_id={{carer_id}}", shows=("carer_id",), elsewhere=200),
    Row(
        "GET",
        "/travel/sums",
        _DESK,
        query=f"{_WEEK}&by=family&carer_id={{carer_id}}",
        shows=("family_id",),
        elsewhere=200,
    ),
    Row("GET", "/policy", _DISPATCHER),
    Row("POST", "/policy", _DISPATCHER, body={"valid_from": "2026-07-01", "late_after_minutes": 10}),
]


def things(trial: Trial, elsewhere: UUID) -> Things:
    """Ada, who has been at the door for five minutes, with a morning behind her and a week before her; Bea, a colleague."""
    town = Town(trial)
    town.desk()
    another_desk(trial, elsewhere)
    town.family("Ames")
    ada, bea = town.carer("Ada"), town.carer("Bea", 2)
    new, leaving = town.carer("New", 3, cleared_on=None), town.carer("Leaving", 4)
    ids = {
        "carer_id": ada,
        "other_carer_id": bea,
        "new_carer_id": new,
        "leaving_carer_id": leaving,
        "family_id": named("Ames"),
        "child_id": named("child of Ames"),
        **_desk_people(town),
        **_papers_and_hours(town, ada, bea, new),
    }
    mornings = {
        "corrected_visit_id": 8,
        "reviewed_visit_id": 9,
        "late_morning_visit_id": 10,
        "first_visit_id": 11,
        "second_visit_id": 12,
        "third_visit_id": 13,
    }
    today = TOMORROW_18.replace(hour=0)
    for name, hour in mornings.items():
        ids[name] = town.book(name, "Ada", start=today + timedelta(hours=hour), hours=0.5)
    ids["visit_id"] = town.book("visit", "Ada")
    evenings = {
        "cancelled_visit_id": 1,
        "thursday_visit_id": 2,
        "friday_visit_id": 3,
        "saturday_visit_id": 4,
        "sunday_visit_id": 5,
        "stopped_visit_id": 8,
        "taken_visit_id": 9,
        "next_friday_visit_id": 10,
        "asked_visit_id": 14,
    }
    for name, days in evenings.items():
        ids[name] = town.book(name, "Ada", start=TOMORROW_18 + timedelta(days=days))
    town.family("Bell")
    start = TOMORROW_18 + timedelta(days=11)
    ids["beas_visit_id"] = town.book("beas_visit_id", "Bea", "Bell", place=place("home of Bell", 1), start=start)
    for name, hour in mornings.items():
        at = today + timedelta(hours=hour)
        if name == "reviewed_visit_id":
            town.come(name, "Ada", at + timedelta(minutes=30), happened_at=at - timedelta(hours=2))
        else:
            town.come(name, "Ada", at)
        town.go(name, "Ada", at + timedelta(minutes=30 if name != "reviewed_visit_id" else 31))
        town.settle()
    ids |= _what_waits(town, ids)
    trial.clock.move_to(TOMORROW_18 + timedelta(minutes=5))
    town.settle()
    ids |= _said(town, ids)
    return Things(ids={name: str(each) for name, each in ids.items()}, carer_id=ada, family_id=named("Ames"))


def _desk_people(town: Town) -> dict[str, UUID]:
    desk_id = town.trial.desk_id
    for name in ("first", "second"):
        town.trial.hear(
            AccountRegistered(
                desk_id=desk_id, version=1, account_id=named(f"account {name}"), role="dispatcher", name=name
            )
        )
    caller = town.trial.caller(Role.DISPATCHER)
    second = type(caller)(desk_id=desk_id, account_id=named("account second"), role=Role.DISPATCHER, name="second")
    town.trial.run(duty.join, JoinDuty(name="Second", phone="+44 2", position=2), second)
    return {"account_id": named("account first"), "second_account_id": named("account second")}


def _papers_and_hours(town: Town, ada: UUID, bea: UUID, new: UUID) -> dict[str, UUID]:
    run = town.trial.run
    paper = Paper(kind="food_hygiene", valid_from=date(2024, 1, 1), number="F1")
    for carer_id in (ada, bea):
        run(carers.give_photo, GivePhoto(carer_id=carer_id, media_type="image/png", body=_PICTURE))
    for step in ("screening", "introduction"):
        run(onboarding.note_step, NoteStep(carer_id=new, step=step, on=date(2026, 6, 1), who="Cora"))
    choices = {"tolerated_children": 1, "tolerated_minutes": 600, "tonight_at_minute": 960}
    run(policies.change_policy, ChangePolicy(valid_from=date(2026, 1, 1), choices=choices))
    later = TOMORROW_18 + timedelta(days=60)
    busy = SayDiffers(carer_id=ada, windows=(TimeWindow(later, later + timedelta(hours=3)),), free=False)
    return {
        "credential_id": run(papers.add_paper, AddPaper(carer_id=ada, paper=paper)),
        "exception_id": run(availability.say_differs, busy)[0],
        "other_absence_id": town.absent("Bea", later, later + timedelta(days=1)),
        "my_absence_id": town.absent("Ada", later, later + timedelta(days=1)),
    }


def _what_waits(town: Town, ids: dict[str, UUID]) -> dict[str, UUID]:
    """Corrections, stays and swaps that wait for an answer, one for each who may give it."""
    run, ada, bea, ames = town.trial.run, ids["carer_id"], ids["other_carer_id"], ids["family_id"]

    def correction(visit: str, by: str, person_id: UUID) -> UUID:
        started = next(row.started_at for row in town.rows(visits) if row.visit_id == ids[visit])
        command = ProposeCorrection(
            visit_id=ids[visit],
            started_at=started,
            ended_at=started + timedelta(minutes=20),
            reason="left earlier",
            by=by,
            person_id=person_id,
        )
        found: UUID = run(corrections.propose, command)
        return found

    def stay(visit: str) -> UUID:
        days = {"thursday_visit_id": 2, "next_friday_visit_id": 10}[visit]
        until = TOMORROW_18 + timedelta(days=days, hours=3.5)
        found: UUID = run(stay_handlers.ask, AskToStay(visit_id=ids[visit], until=until, by="desk"))
        return found

    def swap(visit: str, from_id: UUID, to_id: UUID) -> UUID:
        found: UUID = run(swap_handlers.ask, AskSwap(visit_id=ids[visit], carer_id=from_id, to_carer_id=to_id))
        return found

    return {
        "correction_id": correction("first_visit_id", "carer", ada),
        "carers_correction_id": correction("second_visit_id", "carer", ada),
        "familys_correction_id": correction("third_visit_id", "family", ames),
        "stay_id": stay("thursday_visit_id"),
        "my_stay_id": stay("next_friday_visit_id"),
        "swap_id": swap("stopped_visit_id", ada, bea),
        "taken_swap_id": swap("taken_visit_id", ada, bea),
        "familys_swap_id": swap("asked_visit_id", ada, bea),
        "my_swap_id": swap("beas_visit_id", bea, ada),
    }


def _said(town: Town, ids: dict[str, UUID]) -> dict[str, UUID]:
    run = town.trial.run
    run(concerns.call_for_help, CallForHelp(carer_id=ids["other_carer_id"]))
    concern = SayConcern(
        said_by="family",
        person_id=ids["family_id"],
        about="carer",
        about_id=ids["carer_id"],
        text="never looks up",
    )
    return {
        "concern_id": run(concerns.say, concern),
        "alert_id": next(row.alert_id for row in town.rows(alerts) if row.kind == "help"),
    }
