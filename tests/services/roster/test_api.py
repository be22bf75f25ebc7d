"""The roster over HTTP: what each person may see and do, and what wrong input is told."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.roster.tables.desk import access_log
from shared.auth.roles import Role
from shared.contracts.roster import AvailabilityChanged, CarerRegistered, VisitStarted
from tests.services.roster.town import PAPERS, TOMORROW_18, Town, code_of, named

WEEK = "from=2026-06-01T00:00:00Z&until=2026-06-08T00:00:00Z"
HOUR = timedelta(hours=1)
CARER_IN: dict[str, Any] = {
    "first_name": "Ada",
    "last_name": "Field",
    "modes": ["family_home"],
    "home": {"latitude": 50.82, "longitude": -0.13, "zone": "Europe/London", "area": "Hove", "address": "1 Elm Grove"},
    "languages": ["en", "fr"],
    "transport": "bike",
    "max_distance_km": 15,
    "opt_ins": ["nights"],
    "skills": ["first_aid"],
    "credentials": [{"kind": kind, "valid_from": "2020-01-01", "checked": True} for kind in PAPERS],
    "cleared_on": "2020-01-01",
    "own_children_born": ["2020-05-05"],
}
CHANGED = {name: value for name, value in CARER_IN.items() if name not in ("credentials", "cleared_on")}
ABSENCE = {"start": "2026-06-02T00:00:00+01:00", "end": "2026-06-03T00:00:00+01:00", "reason": "sick"}


@pytest.fixture
def booked(town: Town) -> Town:
    """Ada has `visit`; Bea is another carer."""
    town.carer("Ada")
    town.carer("Bea", 2)
    town.book("visit", "Ada")
    return town


def test_a_carer_registered_over_http_can_be_found_read_and_changed(town: Town) -> None:
    desk = town.as_dispatcher()
    status, made = town.post("/carers", desk, CARER_IN)
    assert status == 201
    (line,) = town.get("/carers?q=FIEL", desk)["rows"]
    assert (line["carer_id"], line["area"], line["version"]) == (made["carer_id"], "Hove", 1)
    read = town.get(f"/carers/{made['carer_id']}", desk)
    assert read["home"]["address"] == "1 Elm Grove"
    assert [paper["kind"] for paper in read["credentials"]] == sorted(PAPERS)
    assert (read["own_children_born"], read["weekly"], read["absences"]) == (["2020-05-05"], [], [])
    status, _ = town.post(f"/carers/{made['carer_id']}/change", desk, {**CHANGED, "last_name": "Hill"})
    assert status == 200
    read = town.get(f"/carers/{made['carer_id']}", desk)
    assert (read["last_name"], read["version"], len(read["credentials"])) == ("Hill", 2, len(PAPERS))


def test_what_http_says_of_a_carer_is_what_the_event_says(town: Town) -> None:
    town.post("/carers", town.as_dispatcher(), CARER_IN | {"carer_id": str(named("Ada"))})
    (said,) = town.trial.said(CarerRegistered)
    facts = said.carer
    assert said.carer_id == named("Ada")
    assert (facts.first_name, facts.last_name, facts.modes, facts.languages) == (
        "Ada",
        "Field",
        ("family_home",),
        ("en", "fr"),
    )
    assert (facts.transport, facts.max_distance_km, facts.skills, facts.opt_ins) == (
        "bike",
        15,
        ("first_aid",),
        ("nights",),
    )
    assert [paper.kind for paper in facts.credentials] == sorted(PAPERS)
    assert facts.cleared_on == date(2020, 1, 1)


def test_carers_come_in_pages_by_last_name_and_no_one_is_lost(town: Town) -> None:
    desk = town.as_dispatcher()
    for name in ("Ada", "Bea", "Cas", "Dan", "Eve"):
        town.carer(name, last_name="Same" if name in ("Bea", "Cas") else f"Name {name}")
    seen: list[str] = []
    after = ""
    while True:
        page = town.get(f"/carers?limit=2{after}", desk)
        seen += [row["first_name"] for row in page["rows"]]
        if page["next_after"] is None:
            break
        after = f"&after={page['next_after']}"
    assert seen == ["Ada", "Dan", "Eve", "Bea", "Cas"]
    status = town.trial.http.get("/carers?after=nonsense", headers=town.trial.headers(desk)).status_code
    assert status == 422


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"modes": []}, "#/modes"),
        ({"modes": ["boat"]}, "#/modes/0"),
        ({"transport": "rocket"}, "#/transport"),
        ({"opt_ins": ["nights", "moon"]}, "#/opt_ins/1"),
        ({"home": CARER_IN["home"] | {"zone": "Mars/Olympus"}}, "#/home/zone"),
        ({"home": CARER_IN["home"] | {"latitude": 91}}, "#/home/latitude"),
        ({"max_distance_km": -1}, "#/max_distance_km"),
        ({"own_children_born": ["2026-06-02"]}, "#/own_children_born/0"),
        (
            {"credentials": [{"kind": "x", "valid_from": "2026-01-02", "valid_until": "2026-01-01"}]},
            "#/credentials/0/valid_until",
        ),
        ({"first_name": " "}, "#/first_name"),
        ({"nickname": "Addy"}, "#/nickname"),
    ],
)
def test_what_cant_be_right_of_a_carer_is_named(town: Town, changes: dict[str, Any], pointer: str) -> None:
    status, problem = town.post("/carers", town.as_dispatcher(), CARER_IN | changes)
    assert status == 422
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert town.trial.said(CarerRegistered) == []


def test_the_desks_roster_names_carer_family_and_children(booked: Town) -> None:
    (row,) = booked.get(f"/visits?{WEEK}", booked.as_dispatcher())["rows"]
    assert set(row) == {
        *("visit_id", "version", "state", "alert", "start", "end", "zone", "started_at", "ended_at", "mode", "area"),
        *("shared_care_id", "carer", "family", "children", "kind", "review", "urgent", "expected_at"),
    }
    assert row["carer"] == {"carer_id": str(named("Ada")), "first_name": "Ada", "last_name": "Carer"}
    assert row["family"] == {"family_id": str(named("Ames")), "name": "Ames"}
    assert (row["children"], row["state"], row["alert"]) == (["Kit"], "rostered", None)


def test_the_roster_holds_what_reaches_into_the_time_asked_for_and_can_be_one_carers(booked: Town) -> None:
    booked.family("Bell")
    booked.book("other", "Bea", "Bell")
    desk = booked.as_dispatcher()
    inside = "from=2026-06-02T19:59:00Z&until=2026-06-02T21:00:00Z"
    assert len(booked.get(f"/visits?{inside}", desk)["rows"]) == 2
    assert booked.get("/visits?from=2026-06-02T20:00:00Z&until=2026-06-02T21:00:00Z", desk)["rows"] == []
    (row,) = booked.get(f"/visits?{inside}&carer_id={named('Bea')}", desk)["rows"]
    assert row["visit_id"] == str(named("other"))


def test_a_visit_taken_back_is_on_nobodys_roster_and_a_cancelled_one_stays_readable(booked: Town) -> None:
    desk, ada = booked.as_dispatcher(), booked.as_carer("Ada")
    status, _ = booked.post(f"/visits/{named('visit')}/cancel", desk, {"by": "family", "reason": "ill"})
    assert status == 200
    assert booked.get(f"/my/visits/{named('visit')}", ada)["state"] == "cancelled"
    booked.family("Bell")
    booked.book("other", "Ada", "Bell")
    booked.trial.hear(booked.unassigned("other", "Ada"))
    headers = booked.trial.headers(ada)
    assert booked.trial.http.get(f"/my/visits/{named('other')}", headers=headers).status_code == 404
    assert [row["visit_id"] for row in booked.get(f"/my/visits?{WEEK}", ada)["rows"]] == [str(named("visit"))]


def test_a_carer_sees_the_door_and_the_children_of_their_own_visits_only(booked: Town) -> None:
    card = booked.get(f"/my/visits/{named('visit')}", booked.as_carer("Ada"))
    assert card["address"] == "1 home of Ames Street"
    assert card["family"]["phone"] == "+441273555014"
    (child,) = card["children"]
    assert (child["first_name"], child["born"], child["care_needs"], child["allergies"]) == (
        "Kit",
        "2023-05-01",
        ["asthma"],
        ["peanut"],
    )
    assert booked.get(f"/my/visits?{WEEK}", booked.as_carer("Ada"))["rows"] == [card]
    assert booked.get(f"/my/visits?{WEEK}", booked.as_carer("Bea"))["rows"] == []
    for other in (booked.as_carer("Bea"), booked.as_carer("Ada", uuid4())):
        answer = booked.trial.http.get(f"/my/visits/{named('visit')}", headers=booked.trial.headers(other))
        assert answer.status_code == 404


def test_a_childminders_card_shows_their_own_address(booked: Town) -> None:
    booked.book("at home", "Bea", mode="carer_home", start=TOMORROW_18 + 24 * HOUR)
    booked.trial.clock.move_to(TOMORROW_18)
    card = booked.get(f"/my/visits/{named('at home')}", booked.as_carer("Bea"))
    assert (card["address"], card["area"]) == ("9 Bea Road", "Kemptown")


def test_every_look_at_children_is_logged_with_who_looked(booked: Town) -> None:
    desk, ada = booked.as_dispatcher(), booked.as_carer("Ada")
    booked.get(f"/visits?{WEEK}", desk)
    booked.get(f"/visits/{named('visit')}", desk)
    booked.get(f"/my/visits?{WEEK}", ada)
    booked.get(f"/my/visits/{named('visit')}", ada)
    booked.get(f"/my/visits?{WEEK}", booked.as_carer("Bea"))
    rows = booked.rows(access_log)
    looks = {(row.what, row.account_id, tuple(row.visit_ids)) for row in rows}
    visit = (named("visit"),)
    assert looks == {
        ("roster", desk.account_id, ()),
        ("visit", desk.account_id, visit),
        ("my-visits", ada.account_id, visit),
        ("visit-card", ada.account_id, visit),
    }
    (span,) = (row.span for row in rows if row.what == "roster")
    assert span.lower <= TOMORROW_18 < span.upper, "all visits of the stretch were shown"


def test_a_desk_reads_a_visits_history(booked: Town) -> None:
    ada = booked.as_carer("Ada")
    booked.trial.clock.move_to(TOMORROW_18)
    booked.post(f"/visits/{named('visit')}/check-in", ada, {})
    history = booked.get(f"/visits/{named('visit')}", booked.as_dispatcher())["history"]
    assert [(entry["what"], entry["version"]) for entry in history] == [("rostered", 1), ("checked-in", 2)]
    assert history[1]["account_id"] == str(ada.account_id)


def test_check_in_and_out_at_the_door(booked: Town) -> None:
    ada, path = booked.as_carer("Ada"), f"/visits/{named('visit')}"
    booked.trial.clock.move_to(TOMORROW_18)
    assert booked.post(f"{path}/check-out", ada)[0] == 409
    status, told = booked.post(f"{path}/check-in", ada, {"latitude": 50.8225, "longitude": -0.1372})
    assert (status, told["state"], told["started_at"]) == (200, "started", "2026-06-02T17:00:00Z")
    status, problem = booked.post(f"{path}/check-in", ada)
    assert (status, code_of(problem), problem["detail"]) == (409, "already", "You checked in already, at 18:00.")
    booked.trial.clock.move_to(TOMORROW_18 + 3 * HOUR)
    status, problem = booked.post(f"{path}/check-out", ada)
    assert (status, problem["errors"][0]["pointer"]) == (422, "#/handed_to")
    status, told = booked.post(f"{path}/check-out", ada, {"handed_to": "Sam Ames"})
    assert (status, told["state"], told["ended_at"]) == (200, "completed", "2026-06-02T20:00:00Z")
    card = booked.get(f"/my/visits/{named('visit')}", ada)
    assert (card["check_in"]["grade"], card["check_in"]["metres_away"]) == ("good", 0)


def test_a_check_in_under_one_key_is_answered_the_same_each_time(booked: Town) -> None:
    ada, path = booked.as_carer("Ada"), f"/visits/{named('visit')}/check-in"
    booked.trial.clock.move_to(TOMORROW_18)
    first = booked.post(path, ada, {}, key="door")
    assert first[0] == 200
    assert booked.post(path, ada, {}, key="door") == first
    assert booked.post(path, ada, {"latitude": 1, "longitude": 1}, key="door")[0] == 422
    assert len(booked.trial.said(VisitStarted)) == 1


def test_another_carer_or_desk_meets_no_visit_at_the_door(booked: Town) -> None:
    booked.trial.clock.move_to(TOMORROW_18)
    for caller in (booked.as_carer("Bea"), booked.as_carer("Ada", uuid4()), booked.trial.caller(Role.CARER)):
        for what in ("check-in", "check-out"):
            assert booked.post(f"/visits/{named('visit')}/{what}", caller, {})[0] == 404
    assert booked.trial.said(VisitStarted) == []


@pytest.mark.parametrize(
    "body",
    [
        {"happened_at": "2026-06-02T18:00:00"},
        {"happened_at": "not a time"},
        {"latitude": 91, "longitude": 0},
        {"where": "at the door"},
        {"happened_at": "2026-06-09T18:00:00Z"},
    ],
)
def test_a_report_that_cant_be_read_is_told_which_field(booked: Town, body: dict[str, Any]) -> None:
    booked.trial.clock.move_to(TOMORROW_18)
    status, problem = booked.post(f"/visits/{named('visit')}/check-in", booked.as_carer("Ada"), body)
    assert status == 422
    assert problem["errors"][0]["pointer"] == f"#/{next(iter(body))}"


def test_the_desk_corrects_and_cancels_over_http(booked: Town) -> None:
    desk, path = booked.as_dispatcher(), f"/visits/{named('visit')}"
    booked.trial.clock.move_to(TOMORROW_18 + 4 * HOUR)
    body = {"started_at": "2026-06-02T18:00:00+01:00", "ended_at": "2026-06-02T21:00:00+01:00", "reason": "flat phone"}
    status, told = booked.post(f"{path}/correct", desk, body)
    assert (status, booked.get(path, desk)["state"]) == (200, "rostered"), "the carer has not agreed yet"
    status, problem = booked.post(f"{path}/correct", desk, body)
    assert (status, code_of(problem)) == (409, "waits-already")
    answer = f"/my/corrections/{told['correction_id']}/answer"
    assert booked.post(answer, booked.as_carer("Bea"), {"agrees": True})[0] == 404
    assert booked.post(answer, booked.as_carer("Ada"), {"agrees": True})[0] == 200
    read = booked.get(path, desk)
    assert (read["state"], read["ended_at"]) == ("completed", "2026-06-02T20:00:00Z")
    assert [(each["state"], each["answered_by"]) for each in read["corrections"]] == [("agreed", "carer")]
    assert booked.post(f"{path}/correct", desk, body | {"reason": ""})[1]["errors"][0]["pointer"] == "#/reason"
    status, problem = booked.post(f"{path}/cancel", desk, {"by": "family"})
    assert (status, code_of(problem)) == (409, "not-rostered")
    assert booked.post(f"/visits/{uuid4()}/cancel", desk, {"by": "family"})[0] == 404


def test_another_desk_finds_nothing_of_ours(booked: Town) -> None:
    other = booked.as_dispatcher(uuid4())
    headers = booked.trial.headers(other)
    for path in (f"/visits/{named('visit')}", f"/carers/{named('Ada')}"):
        assert booked.trial.http.get(path, headers=headers).status_code == 404
    assert booked.get(f"/visits?{WEEK}", other)["rows"] == []
    assert booked.get("/carers", other)["rows"] == []
    for path, body in (("change", CHANGED), ("availability", {"weekly": []}), ("absences", ABSENCE)):
        assert booked.post(f"/carers/{named('Ada')}/{path}", other, body)[0] == 404


def test_hours_are_read_back_as_they_were_given_by_carer_or_desk(booked: Town) -> None:
    ada, desk = booked.as_carer("Ada"), booked.as_dispatcher()
    assert booked.get("/my/availability", ada)["weekly"] == []
    night = {"week": 0, "weekday": 0, "start": "18:00", "end": "08:00"}
    assert booked.post("/my/availability", ada, {"weekly": [night]})[0] == 200
    assert booked.get("/my/availability", ada)["weekly"] == [night]
    assert booked.post(f"/carers/{named('Ada')}/availability", desk, {"weekly": []})[0] == 200
    assert booked.get(f"/carers/{named('Ada')}", desk)["weekly"] == []
    assert [said.version for said in booked.trial.said(AvailabilityChanged)] == [1, 2]


@pytest.mark.parametrize(
    ("weekly", "pointer"),
    [
        ([{"weekday": 7, "start": "18:00", "end": "20:00"}], "#/weekly/0/weekday"),
        ([{"weekday": 0, "start": "", "end": "20:00"}], "#/weekly/0/start"),
        (
            [{"weekday": 0, "start": "18:00", "end": "22:00"}, {"weekday": 0, "start": "21:00", "end": "23:00"}],
            "#/weekly/1",
        ),
        (
            [{"weekday": 0, "start": "01:00", "end": "05:00"}, {"weekday": 6, "start": "22:00", "end": "02:00"}],
            "#/weekly/0",
        ),
    ],
)
def test_hours_that_cant_be_right_are_named(booked: Town, weekly: list[dict[str, Any]], pointer: str) -> None:
    status, problem = booked.post("/my/availability", booked.as_carer("Ada"), {"weekly": weekly})
    assert status == 422
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_an_absence_over_http_is_read_back_until_it_is_over(booked: Town) -> None:
    status, made = booked.post("/my/absences", booked.as_carer("Ada"), ABSENCE)
    assert status == 201
    status, again = booked.post(f"/carers/{named('Ada')}/absences", booked.as_dispatcher(), ABSENCE)
    assert (status, again) == (201, made)
    (away,) = booked.get(f"/carers/{named('Ada')}", booked.as_dispatcher())["absences"]
    assert (away["absence_id"], away["reason"], away["start"]) == (made["absence_id"], "sick", "2026-06-01T23:00:00Z")
    (row,) = booked.get(f"/visits?{WEEK}", booked.as_dispatcher())["rows"]
    assert row["alert"] == "carer_absent"
    booked.trial.clock.move_to(TOMORROW_18 + 24 * HOUR)
    assert booked.get(f"/carers/{named('Ada')}", booked.as_dispatcher())["absences"] == []


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [({"reason": "migraine"}, "#/reason"), ({"end": ABSENCE["start"]}, "#/end"), ({"start": "2026-06-02"}, "#/start")],
)
def test_an_absence_that_cant_be_right_is_named(booked: Town, changes: dict[str, Any], pointer: str) -> None:
    status, problem = booked.post("/my/absences", booked.as_carer("Ada"), ABSENCE | changes)
    assert status == 422
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_a_carer_reads_their_own_kilometres_and_the_desk_everybodys(booked: Town) -> None:
    booked.family("Bell")
    booked.book("other", "Bea", "Bell")
    for visit, carer in (("visit", "Ada"), ("other", "Bea")):
        booked.come(visit, carer, TOMORROW_18)
        booked.go(visit, carer, TOMORROW_18 + 3 * HOUR)
        booked.trial.clock.move_to(TOMORROW_18)
    mine = booked.get(f"/my/travel?{WEEK}", booked.as_carer("Ada"))
    assert {row["carer_id"] for row in mine["rows"]} == {str(named("Ada"))}
    assert mine["metres"] == sum(row["metres"] for row in mine["rows"]) > 1000
    every = booked.get(f"/travel?{WEEK}", booked.as_dispatcher())
    assert {row["carer_id"] for row in every["rows"]} == {str(named("Ada")), str(named("Bea"))}
    assert booked.get(f"/travel?{WEEK}&carer_id={named('Ada')}", booked.as_dispatcher()) == mine


@pytest.mark.parametrize("path", ["/visits", "/travel", "/my/visits", "/my/travel"])
@pytest.mark.parametrize(
    "span",
    [
        "",
        "from=2026-06-01T00:00:00Z&until=2026-08-03T00:00:00Z",
        "from=2026-06-02T00:00:00Z&until=2026-06-01T00:00:00Z",
    ],
)
def test_the_calendar_is_asked_for_in_pieces(booked: Town, path: str, span: str) -> None:
    caller = booked.as_carer("Ada") if path.startswith("/my") else booked.as_dispatcher()
    answer = booked.trial.http.get(f"{path}?{span}", headers=booked.trial.headers(caller))
    assert answer.status_code == 422
    assert answer.json()["errors"][-1]["pointer"] == "#/until"


def test_the_desk_chooses_for_its_roster_over_http(town: Town) -> None:
    desk = town.as_dispatcher()
    before = town.get("/policy", desk)
    assert before["missing_check_in_after_minutes"] == 15
    status, told = town.post("/policy", desk, {"valid_from": "2026-06-10", "missing_check_in_after_minutes": 5})
    assert (status, told) == (201, before | {"missing_check_in_after_minutes": 5})
    assert town.get("/policy", desk) == before
    assert town.get("/policy?on=2026-06-10", desk) == told
    assert town.post("/policy", desk, {"valid_from": "2026-06-10", "late_after_minutes": -1})[0] == 422
