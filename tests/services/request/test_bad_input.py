"""What can't be right is refused with a sentence that names the field, and nothing is changed by it."""

from collections.abc import Iterator
from typing import Any

import pytest
from httpx import Response

from services.request.domain.family_terms import HomeTerms
from services.request.handlers.families import FamilyKept
from services.request.service import SERVICE
from tests.services.request.test_api import FAMILY, PATTERN, VISIT, get, post
from tests.services.request.town import Town
from tests.support.postgres import Server
from tests.support.service import trial

BRUSSELS = HomeTerms(
    latitude=50.8503, longitude=4.3517, zone="Europe/Brussels", area="Brussels", address="1 Example St"
)
EVENING = {"start": "2026-06-01T18:00:00Z", "end": "2026-06-01T22:00:00Z"}
NOWHERE_ID = "00000000-0000-4000-8000-000000000000"

Problem = dict[str, Any]


def refused(town: Town, path: str, body: Any) -> Problem:
    """Send it, see it refused with nothing changed, and give the problem."""
    before = town.everything()
    answer = post(town, path, body)
    _check_problem(answer)
    assert town.everything() == before
    problem: Problem = answer.json()
    return problem


def _check_problem(answer: Response) -> None:
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "instance"} <= answer.json().keys()
    assert answer.json()["status"] == answer.status_code
    if answer.status_code == 422:
        assert all(error["detail"] and error["pointer"].startswith("#") for error in answer.json()["errors"])


def _json(town: Town) -> dict[str, str]:
    return {**town.trial.headers(town.dispatcher), "Content-Type": "application/json"}


def _asked(family: FamilyKept, **asked: Any) -> dict[str, Any]:
    """A request with one visit, one pattern, or what is named."""
    for name in ("visit", "pattern"):
        if name in asked:
            asked[f"{name}s"] = [asked.pop(name)]
    return {"family_id": str(family.family_id), "mode": "family_home", **asked}


def _slot(**slot: Any) -> dict[str, Any]:
    return {**PATTERN, "slots": [{**PATTERN["slots"][0], **slot}]}


@pytest.mark.parametrize(
    ("change", "pointer", "said"),
    [
        ({"shoe_size": 9}, "#/shoe_size", "not a field we know"),
        ({"name": "   "}, "#/name", "at least 1 character"),
        ({"name": "A\x00mes"}, "#", "NUL"),
        ({"language": "English"}, "#/language", "match"),
        ({"email": "nobody"}, "#/email", "match"),
        ({"favourite_carer_ids": ["Ana"]}, "#/favourite_carer_ids/0", "valid UUID"),
        (
            {"favourite_carer_ids": [NOWHERE_ID], "excluded_carer_ids": [NOWHERE_ID]},
            "#/excluded_carer_ids",
            "both a favourite and excluded",
        ),
        ({"children": []}, "#/children", "at least one child"),
    ],
)
def test_a_family_that_cant_be(town: Town, change: dict[str, Any], pointer: str, said: str) -> None:
    problem = refused(town, "/families", {**FAMILY, **change})
    assert problem["status"] == 422
    assert problem["errors"][0]["pointer"] == pointer
    assert said in problem["errors"][0]["detail"]


@pytest.mark.parametrize(
    ("change", "pointer", "said"),
    [
        ({"latitude": 91}, "#/home/latitude", "between -90 and 90"),
        ({"latitude": -90.01}, "#/home/latitude", "between -90 and 90"),
        ({"longitude": 181}, "#/home/longitude", "between -180 and 180"),
        ({"latitude": "north"}, "#/home/latitude", "valid number"),
        ({"zone": "Europe/Hove"}, "#/home/zone", "IANA"),
        ({"zone": "../etc/passwd"}, "#/home/zone", "IANA"),
    ],
)
def test_a_home_that_cant_be(town: Town, change: dict[str, Any], pointer: str, said: str) -> None:
    problem = refused(town, "/families", {**FAMILY, "home": {**FAMILY["home"], **change}})
    assert problem["errors"][0]["pointer"] == pointer
    assert said in problem["errors"][0]["detail"]


def test_a_latitude_that_is_no_number(town: Town) -> None:
    before = town.everything()
    body = '{"name": "A", "language": "en", "children": [], "home": {"latitude": NaN, "longitude": 0, "zone": "UTC", "area": "A"}}'
    answer = town.trial.http.post("/families", content=body, headers=_json(town))
    _check_problem(answer)
    assert answer.json()["errors"][0]["pointer"] == "#/home/latitude"
    assert town.everything() == before


def test_a_child_born_tomorrow(town: Town) -> None:
    children = [FAMILY["children"][0], {"first_name": "Noor", "born": "2026-06-02"}]
    problem = refused(town, "/families", {**FAMILY, "children": children})
    assert problem["errors"][0]["pointer"] == "#/children/1/born"
    assert "today is 2026-06-01" in problem["detail"]
    assert post(town, "/families", {**FAMILY, "children": [{"first_name": "Noor", "born": "2026-06-01"}]}).is_success


def test_a_change_can_name_no_strangers_child(town: Town, ames: FamilyKept) -> None:
    body = {**FAMILY, "version": 1, "children": [{"first_name": "Lina", "born": "2022-01-20", "child_id": NOWHERE_ID}]}
    problem = refused(town, f"/families/{ames.family_id}/change", body)
    assert problem["errors"][0]["pointer"] == "#/children/0/child_id"


def test_the_id_of_a_child_is_not_the_callers_to_choose(town: Town) -> None:
    body = {**FAMILY, "children": [{**FAMILY["children"][0], "child_id": NOWHERE_ID}]}
    assert refused(town, "/families", body)["errors"][0]["pointer"] == "#/children/0/child_id"


@pytest.mark.parametrize(
    ("asked", "pointer", "said"),
    [
        ({"visit": VISIT, "nights": 3}, "#/nights", "not a field we know"),
        ({"visit": {"start": EVENING["end"], "end": EVENING["start"]}}, "#/visits/0/end", "ends before it starts"),
        ({"visit": {**EVENING, "end": EVENING["start"]}}, "#/visits/0/end", "ends before it starts"),
        ({"visit": {**EVENING, "end": "2026-06-03T10:00:00Z"}}, "#/visits/0/end", "lasts 40 h"),
        ({"visit": {**EVENING, "start": "2026-06-01T18:00:00"}}, "#/visits/0/start", "needs its zone"),
        ({"visit": {**VISIT, "start_local": "2026-06-01T21:00+01:00"}}, "#/visits/0/start_local", "takes no zone"),
        ({"visit": {"start": EVENING["start"]}}, "#/visits/0/end", "one of the two"),
        ({"visit": {**EVENING, **VISIT}}, "#/visits/0/start", "one of the two"),
        ({"visit": {"start": "2026-05-31T18:00Z", "end": "2026-05-31T22:00Z"}}, "#/visits/0/start", "in the past"),
        (
            {"visit": {"start_local": "9999-12-31T23:00", "end_local": "9999-12-31T23:30"}},
            "#/visits/0/start_local",
            "2100",
        ),
        ({"visit": {"start": "9999-12-31T23:00-12:00", "end": EVENING["end"]}}, "#/visits/0/start", "2100"),
        ({}, "#/visits", "Ask for visits, for patterns"),
        ({"visit": VISIT, "mode": "hotel"}, "#/mode", "carer_home"),
        ({"visit": VISIT, "urgency": "quickly"}, "#/urgency", "emergency or sick_child"),
        ({"visit": VISIT, "must": ["no smoke"]}, "#/must/0", "no condition we know"),
        ({"visit": VISIT, "plan": "forever"}, "#/plan", "occasional"),
        ({"visit": VISIT, "price_ceiling_minor": 0}, "#/price_ceiling_minor", "more than nothing"),
        ({"visit": VISIT, "flexible_before_minutes": 721}, "#/flexible_before_minutes", "720"),
        ({"visit": VISIT, "legs": [{"kind": "fetch", "at": "22:00"}]}, "#/legs/0/place_id", "Say where to"),
        ({"visit": VISIT, "legs": [{"kind": "meal", "at": "12:00"}]}, "#/legs/0/at", "No visit has 12:00"),
        ({"visit": VISIT, "kind": "standby"}, "#/hold_until", "until when"),
        ({"visit": VISIT, "review_on": "0026-01-01"}, "#/review_on", "year between"),
        ({"visits": [VISIT] * 501}, "#/visits", "500"),
        ({"visits": [VISIT, VISIT]}, "#/visits", "overlap"),
        ({"pattern": {**PATTERN, "weeks": 0}}, "#/patterns/0/weeks", "1 to 8 weeks"),
        ({"pattern": {**PATTERN, "count": 0}}, "#/patterns/0/count", "1 to 1000"),
        (
            {"pattern": {**PATTERN, "school_holidays": "without"}},
            "#/patterns/0/school_holidays",
            "doesn't know yet when schools are closed",
        ),
        ({"visit": VISIT, "child_ids": []}, "#/child_ids", "at least one child"),
        ({"visit": VISIT, "child_ids": [NOWHERE_ID]}, "#/child_ids/0", "not a child of this family"),
        ({"visit": VISIT, "child_ids": ["Lina"]}, "#/child_ids/0", "valid UUID"),
        ({"pattern": {**PATTERN, "weeks": 9}}, "#/patterns/0/weeks", "1 to 8 weeks"),
        ({"pattern": {**PATTERN, "slots": []}}, "#/patterns/0/slots", "at least one time"),
        ({"pattern": _slot(week=2)}, "#/patterns/0/slots/0/week", "weeks 0 to 1"),
        ({"pattern": _slot(weekday=7)}, "#/patterns/0/slots/0/weekday", "Monday"),
        ({"pattern": _slot(start="21:00+01:00")}, "#/patterns/0/slots/0/start", "without a zone"),
        ({"pattern": _slot(start="25:00")}, "#/patterns/0/slots/0/start", "07:30"),
        ({"pattern": {**PATTERN, "starts_on": "2026-05-31"}}, "#/patterns/0/starts_on", "is over"),
        ({"pattern": {**PATTERN, "ends_on": "2026-05-01"}}, "#/patterns/0/ends_on", "before its first"),
        ({"pattern": {**PATTERN, "ends_on": "2026-06-03"}}, "#/patterns/0", "No visit lies in"),
        ({"pattern": {**PATTERN, "slots": PATTERN["slots"] * 2}}, "#/patterns", "overlap"),
    ],
)
def test_a_request_that_cant_be(town: Town, ames: FamilyKept, asked: dict[str, Any], pointer: str, said: str) -> None:
    problem = refused(town, "/care-requests", _asked(ames, **asked))
    assert problem["status"] == 422
    assert problem["errors"][0]["pointer"] == pointer
    assert said in problem["errors"][0]["detail"]


def test_a_local_time_that_doesnt_exist_is_refused_naming_both_instants(town: Town) -> None:
    problem = _in_brussels(town, start="2026-03-29T02:30", end="2026-03-29T06:00")
    assert "doesn't exist in Europe/Brussels" in problem["detail"]
    assert "2026-03-29T01:30:00+01:00" in problem["detail"]
    assert "2026-03-29T03:30:00+02:00" in problem["detail"]
    assert problem["errors"][0]["pointer"] == "#/visits/0/start_local"


def test_a_local_time_that_exists_twice_is_refused_naming_both_instants(town: Town) -> None:
    problem = _in_brussels(town, start="2026-10-24T22:00", end="2026-10-25T02:30")
    assert "exists twice in Europe/Brussels" in problem["detail"]
    assert "2026-10-25T02:30:00+02:00" in problem["detail"]
    assert "2026-10-25T02:30:00+01:00" in problem["detail"]
    assert problem["errors"][0]["pointer"] == "#/visits/0/end_local"


def _in_brussels(town: Town, *, start: str, end: str) -> Problem:
    town.desk(country="be_vl", zone="Europe/Brussels")
    family = town.family("Claes", BRUSSELS)
    town.trial.clock.move_to(town.trial.clock.now().replace(month=3, day=1))
    return refused(town, "/care-requests", _asked(family, visit={"start_local": start, "end_local": end}))


@pytest.mark.parametrize(
    ("starts_on", "start", "end", "hours"),
    [
        ("2026-03-28", "2026-03-28T22:00+01:00", "2026-03-29T03:30+02:00", 4.5),
        ("2026-10-24", "2026-10-24T22:00+02:00", "2026-10-25T02:30+01:00", 5.5),
    ],
)
def test_a_weekly_pattern_over_a_night_the_clock_changes_in_works_and_says_so(
    town: Town, starts_on: str, start: str, end: str, hours: float
) -> None:
    family = town.family("Claes", BRUSSELS)
    town.trial.clock.move_to(town.trial.clock.now().replace(month=3, day=1))
    slot = {"week": 0, "weekday": 5, "start": "22:00", "end": "02:30"}
    pattern = {"starts_on": starts_on, "ends_on": starts_on, "weeks": 1, "slots": [slot]}
    recorded = post(town, "/care-requests", _asked(family, pattern=pattern))
    assert recorded.status_code == 201, recorded.text
    if starts_on == "2026-10-24":  # beyond what is planned now: the visit comes when its time is near
        assert recorded.json()["visits"] == []
        town.trial.clock.move_to(town.trial.clock.now().replace(month=10, day=1))
        town.trial.run_timers()
    read = get(town, f"/care-requests/{recorded.json()['care_request_id']}")
    (visit,) = read["visits"]
    assert (visit["start_local"], visit["end_local"]) == (start, end)
    assert visit["clock_change"] is True
    assert town.trial.said()[-1].visits[0].clock_change is True
    lasts = town.trial.said()[-1].visits[0]
    assert (lasts.end - lasts.start).total_seconds() / 3600 == hours


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"rule": "by height"}, "#/rule"),
        ({"consents": []}, "#/consents"),
        ({"host_family_id": "Ames"}, "#/host_family_id"),
        ({"reasons": []}, "#/reasons"),
    ],
)
def test_sharing_that_cant_be(town: Town, ames: FamilyKept, change: dict[str, Any], pointer: str) -> None:
    bell = town.family("Bell")
    problem = refused(town, "/shared-care", {**_sharing(ames, bell), **change})
    assert problem["status"] == 422
    assert problem["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("said_at", "pointer"),
    [("2026-06-01T10:00:01Z", "#/consents/1/said_at"), ("2026-05-31T10:00:00", "#/consents/1/said_at")],
)
def test_a_consent_has_been_given_at_an_instant(town: Town, ames: FamilyKept, said_at: str, pointer: str) -> None:
    body = _sharing(ames, town.family("Bell"))
    body["consents"][1]["said_at"] = said_at
    assert refused(town, "/shared-care", body)["errors"][0]["pointer"] == pointer


def test_one_familys_yes_is_not_two(town: Town, ames: FamilyKept) -> None:
    body = _sharing(ames, ames)
    assert "at least two families" in refused(town, "/shared-care", body)["detail"]


def _sharing(*families: FamilyKept) -> dict[str, Any]:
    return {
        "host_family_id": str(families[0].family_id),
        "rule": "overlap",
        "valid_from": "2026-06-01",
        "consents": [
            {"family_id": str(each.family_id), "said_by": "a parent", "said_at": "2026-05-31T10:00:00Z"}
            for each in families
        ],
    }


@pytest.mark.parametrize(
    "path",
    [
        "/families/Ames/change",
        "/families/Ames/erase",
        "/care-requests/tonight/amend",
        "/care-requests/tonight/withdraw",
        "/shared-care/ours/end",
    ],
)
def test_a_uuid_that_is_none(town: Town, path: str) -> None:
    bodies = {
        "change": {**FAMILY, "version": 1},
        "amend": {"version": 1},
        "withdraw": {"version": 1},
        "end": {"valid_until": "2026-06-30"},
    }
    problem = refused(town, path, bodies.get(path.rsplit("/", 1)[-1], {}))
    assert problem["status"] == 422
    assert "valid UUID" in problem["errors"][0]["detail"]


@pytest.mark.parametrize("path", [f"/families/{NOWHERE_ID}/erase", f"/care-requests/{NOWHERE_ID}/withdraw"])
def test_what_is_not_there(town: Town, path: str) -> None:
    assert refused(town, path, {"version": 1} if path.endswith("withdraw") else {})["status"] == 404


def test_a_body_of_two_megabytes(town: Town) -> None:
    problem = refused(town, "/families", {**FAMILY, "name": "A" * 2_000_000})
    assert problem["status"] == 413


def test_a_body_that_is_no_json(town: Town) -> None:
    before = town.everything()
    answer = town.trial.http.post("/families", content=b"{", headers=_json(town))
    assert answer.status_code == 400
    _check_problem(answer)
    assert town.everything() == before


@pytest.fixture
def new_desk(postgres_cluster: Server) -> Iterator[Town]:
    """A desk whose country has not been heard of yet."""
    with trial(postgres_cluster, SERVICE) as t:
        yield Town(t)


def test_a_request_at_a_desk_set_up_a_moment_ago_is_asked_to_come_again(new_desk: Town) -> None:
    problem = refused(new_desk, "/care-requests", _asked(new_desk.family(), visit=VISIT))
    assert problem["status"] == 409
    assert problem["type"] == "urn:vesper:problem:desk-unknown"
