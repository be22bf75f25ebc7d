"""What people reach over HTTP: bodies, answers, who sees what, and what is written down about who looked."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import Response
from sqlalchemy import select

from services.request.handlers.families import FamilyKept
from services.request.tables import access_log, care_requests, families
from shared.auth.roles import Role
from shared.db.idempotency import idempotency_keys
from tests.services.request.town import ANA, NIGHTS, NOW, Town, Words, carer

FAMILY: dict[str, Any] = {
    "name": "Bouazza",
    "language": "fr",
    "phone": "+44 1273 555 014",
    "home": {
        "latitude": 50.83,
        "longitude": -0.13,
        "zone": "Europe/London",
        "area": "Hanover",
        "address": "12 High St",
    },
    "children": [
        {"first_name": "Lina", "born": "2022-01-20", "care_needs": ["asthma"], "allergies": ["peanut"]},
        {"first_name": "Adam", "born": "2025-03-20", "allergies": []},
    ],
}
VISIT = {"start_local": "2026-06-01T21:00", "end_local": "2026-06-02T07:00"}
PATTERN: dict[str, Any] = {
    "starts_on": "2026-06-01",
    "ends_on": "2026-06-14",
    "weeks": 2,
    "slots": [{"week": 1, "weekday": 0, "start": "21:00", "end": "07:00"}],
}


def post(town: Town, path: str, body: Any, key: str | None = None) -> Response:
    answer: Response = town.trial.http.post(path, json=body, headers=town.trial.headers(town.dispatcher, key))
    return answer


def get(town: Town, path: str, **params: str) -> Any:
    answer = town.trial.http.get(path, params=params, headers=town.trial.headers(town.dispatcher))
    assert answer.status_code == 200, answer.text
    return answer.json()


def own(town: Town, family: FamilyKept | None) -> dict[str, str]:
    """The headers of a parent of this family."""
    return town.trial.headers(town.trial.caller(Role.FAMILY, family.family_id if family else None))


def test_a_family_is_registered_and_read_with_the_childrens_ages(town: Town) -> None:
    registered = post(town, "/families", FAMILY)
    assert registered.status_code == 201
    read = get(town, f"/families/{registered.json()['family_id']}")
    assert read["name"] == "Bouazza"
    assert read["home"]["area"] == "Hanover"
    assert [child["age_months"] for child in read["children"]] == [52, 14]
    assert read["children"][0]["allergies"] == ["peanut"]
    assert [child["child_id"] for child in read["children"]] == registered.json()["child_ids"]


@pytest.mark.parametrize("asked", ["bou", "BOUAZZA", "555 014", "01273-555"[1:]])
def test_a_family_is_found_by_part_of_its_name_or_number(town: Town, asked: str) -> None:
    town.family("Ames", phone=None)
    post(town, "/families", FAMILY)
    found = get(town, "/families", q=asked)
    assert [(row["name"], row["children"]) for row in found["rows"]] == [("Bouazza", 2)]
    assert found["next_after"] is None


def test_a_percent_sign_in_a_search_is_a_percent_sign(town: Town, ames: FamilyKept) -> None:
    assert get(town, "/families", q="%")["rows"] == []


def test_families_come_in_pages_by_name(town: Town) -> None:
    for name in ("Cole", "Ames", "Ames", "Bell"):
        town.family(name)
    names, after = [], ""
    while True:
        page = get(town, "/families", limit="1", **({"after": after} if after else {}))
        names += [row["name"] for row in page["rows"]]
        after = page["next_after"]
        if after is None:
            break
    assert names == ["Ames", "Ames", "Bell", "Cole"]


@pytest.mark.parametrize("path", ["/families", "/care-requests", "/shared-care", "/unmet"])
def test_a_page_that_begins_nowhere_is_refused(town: Town, path: str) -> None:
    answer = town.trial.http.get(path, params={"after": "over there"}, headers=town.trial.headers(town.dispatcher))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/after"


def test_a_change_says_who_was_faster(town: Town) -> None:
    family_id = post(town, "/families", FAMILY).json()["family_id"]
    changed = post(town, f"/families/{family_id}/change", {**FAMILY, "name": "Bouazza-Lee", "version": 1})
    assert changed.status_code == 200
    assert changed.json()["version"] == 2
    late = post(town, f"/families/{family_id}/change", {**FAMILY, "name": "Lee", "version": 1})
    assert late.status_code == 409
    assert late.json()["type"] == "urn:vesper:problem:changed-meanwhile"
    assert get(town, f"/families/{family_id}")["name"] == "Bouazza-Lee"


def test_an_erased_family_is_gone_from_every_answer(town: Town) -> None:
    family_id = post(town, "/families", FAMILY).json()["family_id"]
    assert post(town, f"/families/{family_id}/erase", {}).status_code == 204
    assert get(town, "/families")["rows"] == []
    gone = town.trial.http.get(f"/families/{family_id}", headers=town.trial.headers(town.dispatcher))
    assert gone.status_code == 404
    assert gone.json()["type"] == "urn:vesper:problem:erased"
    again = post(town, f"/families/{family_id}/erase", {})
    assert again.json()["type"] == "urn:vesper:problem:already-erased"


def test_a_request_is_recorded_on_the_clock_of_the_home(town: Town, ames: FamilyKept) -> None:
    body = {
        "family_id": str(ames.family_id),
        "child_ids": [str(ames.child_ids[0])],
        "mode": "family_home",
        "urgency": "sick_child",
        "skills": ["first_aid"],
        "reason": "Night shift at the hospital",
        "visits": [VISIT],
    }
    recorded = post(town, "/care-requests", body)
    assert recorded.status_code == 201
    (visit,) = recorded.json()["visits"]
    assert (visit["start"], visit["end"]) == ("2026-06-01T20:00:00Z", "2026-06-02T06:00:00Z")

    read = get(town, f"/care-requests/{recorded.json()['care_request_id']}")
    assert read["reason"] == "Night shift at the hospital"
    assert (read["patterns"], read["urgency"]) == ([], "sick_child")
    assert [(child["first_name"], child["age_months"]) for child in read["children"]] == [("Lina", 52)]
    assert read["visits"][0]["start_local"] == "2026-06-01T21:00+01:00"
    assert read["visits"][0]["state"] == "open"
    listed = get(town, "/care-requests")
    assert [row["care_request_id"] for row in listed["rows"]] == [recorded.json()["care_request_id"]]
    assert listed["rows"][0]["reason"] is None


def test_a_pattern_is_read_back_as_it_was_asked(town: Town, ames: FamilyKept) -> None:
    body = {"family_id": str(ames.family_id), "mode": "carer_home", "patterns": [PATTERN]}
    recorded = post(town, "/care-requests", body)
    assert recorded.status_code == 201
    assert [visit["start"] for visit in recorded.json()["visits"]] == ["2026-06-08T20:00:00Z"]
    read = get(town, f"/care-requests/{recorded.json()['care_request_id']}")
    assert read["patterns"][0]["slots"] == [{"week": 1, "weekday": 0, "start": "21:00", "end": "07:00"}]


def test_requests_come_in_pages_the_nearest_first_and_one_that_begins_in_months_is_among_them(
    town: Town, ames: FamilyKept
) -> None:
    post(town, "/care-requests", _asked(ames, pattern={**PATTERN, "starts_on": "2026-11-02", "ends_on": None}))
    post(town, "/care-requests", _asked(ames, visit={"start": "2026-06-05T18:00Z", "end": "2026-06-05T20:00Z"}))
    post(town, "/care-requests", _asked(ames, visit=VISIT))
    found, after = [], ""
    while True:
        page = get(town, "/care-requests", limit="1", **({"after": after} if after else {}))
        found += [row["visits"][0]["start"] if row["visits"] else "none yet" for row in page["rows"]]
        after = page["next_after"]
        if after is None:
            break
    assert found == ["2026-06-01T20:00:00Z", "2026-06-05T18:00:00Z", "none yet"]


def test_a_list_is_narrowed_to_a_state_there_is(town: Town, ames: FamilyKept) -> None:
    post(town, "/care-requests", _asked(ames, visit=VISIT))
    assert len(get(town, "/care-requests", state="open")["rows"]) == 1
    assert get(town, "/care-requests", state="certain")["rows"] == []
    answer = town.trial.http.get(
        "/care-requests", params={"state": "hopeful"}, headers=town.trial.headers(town.dispatcher)
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/state"


def test_a_request_is_amended_and_withdrawn(town: Town, ames: FamilyKept) -> None:
    recorded = post(town, "/care-requests", _asked(ames, visit=VISIT)).json()
    path = f"/care-requests/{recorded['care_request_id']}"
    amended = post(
        town,
        f"{path}/amend",
        {"version": 1, "visits": [{**VISIT, "end_local": "2026-06-02T08:00"}], "why": "later shift"},
    )
    assert amended.status_code == 200
    assert [(visit["visit_id"], visit["version"]) for visit in amended.json()["visits"]] == [
        (recorded["visits"][0]["visit_id"], 2)
    ]
    assert post(town, f"{path}/amend", {"version": 1, "skills": ["swimming"]}).status_code == 409
    withdrawn = post(town, f"{path}/withdraw", {"version": 2, "why": "grandmother comes"})
    assert withdrawn.json()["state"] == "withdrawn"
    assert post(town, f"{path}/withdraw", {"version": 3}).json()["type"] == "urn:vesper:problem:withdrawn"
    assert get(town, path)["visits"][0]["state"] == "withdrawn"
    assert get(town, "/care-requests")["rows"] == []


def test_sharing_is_agreed_listed_and_ended(town: Town, ames: FamilyKept) -> None:
    bell = town.family("Bell")
    consents = [
        {"family_id": str(each.family_id), "said_by": "a parent", "said_at": "2026-05-30T10:00:00+01:00"}
        for each in (ames, bell)
    ]
    body = {
        "host_family_id": str(ames.family_id),
        "rule": "overlap",
        "valid_from": "2026-06-01",
        "consents": consents,
    }
    agreed = post(town, "/shared-care", body)
    assert agreed.status_code == 201
    (row,) = get(town, "/shared-care")["rows"]
    assert {each["family_id"] for each in row["consents"]} == {str(ames.family_id), str(bell.family_id)}
    ended = post(town, f"/shared-care/{agreed.json()['shared_care_id']}/end", {"valid_until": "2026-06-30"})
    assert ended.json()["valid_until"] == "2026-06-30"
    again = post(town, f"/shared-care/{agreed.json()['shared_care_id']}/end", {"valid_until": "2026-07-31"})
    assert again.json()["type"] == "urn:vesper:problem:already-ended"


def test_the_register_of_unmet_need_counts_why(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, urgency="sick_child")
    words = Words(town, opened.visits[0].visit_id, opened.care_request_id)
    town.trial.hear(words.unfilled(("availability", 31), ("distance", 6)))
    (row,) = get(town, "/unmet")["rows"]
    assert row["reasons"] == [{"code": "availability", "count": 31}, {"code": "distance", "count": 6}]
    assert (row["area"], row["children"], row["urgent"], row["state_now"]) == ("Hove", 2, True, "unfilled")


def test_the_desk_chooses_how_far_ahead_and_reads_what_holds_when(town: Town) -> None:
    before = get(town, "/policy")
    assert before["weeks_ahead"] == 8
    body = {"valid_from": "2026-07-01", "weeks_ahead": 4, "horizon_step_days": 7, "urgent_grace_minutes": 60}
    assert post(town, "/policy", body).status_code == 201
    assert get(town, "/policy") == before
    assert get(town, "/policy", on="2026-07-01")["weeks_ahead"] == 4
    assert post(town, "/policy", {**body, "weeks_ahead": 0}).status_code == 422


def test_the_same_key_records_a_request_once(town: Town, ames: FamilyKept) -> None:
    body = _asked(ames, visit=VISIT)
    first, second = post(town, "/care-requests", body, "k"), post(town, "/care-requests", body, "k")
    assert first.json() == second.json()
    assert second.status_code == 201
    assert town.count(care_requests) == 1
    assert post(town, "/care-requests", {**body, "one_carer": True}, "k").status_code == 422


def test_a_family_asks_reads_and_withdraws_its_own(town: Town, ames: FamilyKept) -> None:
    http, mine = town.trial.http, own(town, ames)
    asked = http.post(
        "/my/care-requests", json={"mode": "family_home", "visits": [VISIT], "reason": "ill"}, headers=mine
    )
    assert asked.status_code == 201
    path = f"/my/care-requests/{asked.json()['care_request_id']}"
    assert http.get("/my/family", headers=mine).json()["name"] == "Ames"
    assert len(http.get("/my/care-requests", headers=mine).json()["rows"]) == 1
    assert http.get(path, headers=mine).json()["reason"] is None
    assert http.post(f"{path}/withdraw", json={"version": 1}, headers=mine).json()["state"] == "withdrawn"


def test_another_familys_request_is_not_there(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames)
    http, other = town.trial.http, own(town, town.family("Bell"))
    path = f"/my/care-requests/{opened.care_request_id}"
    assert http.get(path, headers=other).status_code == 404
    assert http.post(f"{path}/withdraw", json={"version": 1}, headers=other).status_code == 404
    assert http.get("/my/care-requests", headers=other).json()["rows"] == []
    assert town.visit(opened).state == "open"


def test_an_account_that_stands_for_no_family_is_told_so(town: Town) -> None:
    answer = town.trial.http.get("/my/family", headers=own(town, None))
    assert answer.status_code == 404
    assert "stands for nobody" in answer.json()["detail"]


def test_a_family_learns_who_comes_only_once_it_is_certain(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames)
    words = Words(town, opened.visits[0].visit_id, opened.care_request_id)
    town.trial.hear(carer(town))
    path, mine = f"/my/care-requests/{opened.care_request_id}", own(town, ames)

    def told() -> tuple[str, str | None, str | None]:
        (visit,) = town.trial.http.get(path, headers=mine).json()["visits"]
        return visit["state"], visit["carer_name"], visit["carer_id"]

    town.trial.hear(words.assigned())
    assert told() == ("accepted", None, None)
    assert town.visit(opened).carer_name == "Ana"
    town.trial.hear(words.rostered())
    assert told() == ("certain", "Ana", str(ANA))


def test_why_the_roster_refused_a_carer_is_for_the_desk(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames)
    town.trial.hear(Words(town, opened.visits[0].visit_id, opened.care_request_id).refused())
    assert "11 are needed" in (town.visit(opened).refusal or "")
    (visit,) = town.trial.http.get(f"/my/care-requests/{opened.care_request_id}", headers=own(town, ames)).json()[
        "visits"
    ]
    assert visit["refusal"] is None


def test_another_desks_family_is_not_there(town: Town, ames: FamilyKept) -> None:
    stranger = town.trial.headers(town.trial.caller(Role.DISPATCHER, desk_id=uuid4()))
    opened = town.ask(ames)
    http = town.trial.http
    assert http.get(f"/families/{ames.family_id}", headers=stranger).status_code == 404
    assert http.post(f"/families/{ames.family_id}/erase", headers=stranger).status_code == 404
    assert http.get(f"/care-requests/{opened.care_request_id}", headers=stranger).status_code == 404
    withdraw = f"/care-requests/{opened.care_request_id}/withdraw"
    assert http.post(withdraw, json={"version": 1}, headers=stranger).status_code == 404
    asked = {**_asked(ames, visit=VISIT)}
    assert http.post("/care-requests", json=asked, headers=stranger).status_code == 404
    assert http.get("/families", headers=stranger).json()["rows"] == []
    assert get(town, f"/families/{ames.family_id}")["version"] == 1


def test_who_read_about_which_child_is_kept(town: Town, ames: FamilyKept) -> None:
    opened = town.ask(ames, child_ids=(ames.child_ids[1],))
    get(town, f"/families/{ames.family_id}")
    get(town, f"/care-requests/{opened.care_request_id}")
    get(town, "/care-requests")
    mine = own(town, ames)
    town.trial.http.get("/my/care-requests", headers=mine)
    assert _reads(town) == [
        ("family", "dispatcher", sorted(ames.child_ids)),
        ("care_request", "dispatcher", [ames.child_ids[1]]),
        ("care_requests", "dispatcher", [ames.child_ids[1]]),
        ("care_requests", "family", [ames.child_ids[1]]),
    ]


def test_what_was_read_about_children_is_kept_under_no_key(town: Town, ames: FamilyKept) -> None:
    answer = town.trial.http.get(f"/families/{ames.family_id}", headers=town.trial.headers(town.dispatcher, "k"))
    assert answer.status_code == 200
    assert town.count(idempotency_keys) == 0


def test_a_family_that_is_not_there_leaves_no_trace_of_a_read(town: Town) -> None:
    answer = town.trial.http.get(f"/families/{uuid4()}", headers=town.trial.headers(town.dispatcher))
    assert answer.status_code == 404
    assert town.count(access_log) == 0


def test_nothing_changes_by_reading(town: Town, ames: FamilyKept) -> None:
    town.ask(ames, NIGHTS)
    said = len(town.trial.said())
    get(town, "/care-requests")
    get(town, f"/families/{ames.family_id}")
    assert len(town.trial.said()) == said
    assert town.count(families) == 1


def _asked(family: FamilyKept, **asked: Any) -> dict[str, Any]:
    """A request with one visit, one pattern, or what is named."""
    for name in ("visit", "pattern"):
        if name in asked:
            asked[f"{name}s"] = [asked.pop(name)]
    return {"family_id": str(family.family_id), "mode": "family_home", **asked}


def _reads(town: Town) -> list[tuple[str, str, list[UUID]]]:
    with town.rows() as session:
        rows = session.execute(select(access_log).order_by(access_log.c.at)).all()
    assert all(row.at == NOW for row in rows)
    order = ["family", "care_request", "care_requests"]
    return sorted(
        ((row.what, row.role, row.child_ids) for row in rows), key=lambda each: (order.index(each[0]), each[1])
    )
