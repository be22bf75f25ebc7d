"""Two hundred at once, over HTTP: one winner, everybody else told why, one visit on the roster."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from tests.end_to_end import invariants
from tests.support.desk import Desk, Person, Refused
from tests.support.systems import SeparateProcesses
from tests.support.threads import at_once
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.kafka, pytest.mark.slow]

MANY = 200
ROUNDS = 5


@pytest.fixture(scope="module")
def crowded(processes: SeparateProcesses) -> Iterator[tuple[Desk, list[Person]]]:
    """A desk with two hundred carers who may all come, and who are all asked at once."""
    with Desk(processes) as desk:
        policy = desk.dispatcher.get("matching", "/policy")
        desk.dispatcher.post("matching", "/policy", policy | {"valid_from": "2020-01-01", "wave_sizes": [MANY]})
        names = [f"Carer {number}" for number in range(MANY)]
        with ThreadPoolExecutor(8) as pool:
            ids = list(pool.map(lambda n: desk.take_on(n, north=0.001 + int(n.split()[1]) / 20_000), names))
        carers = desk.let_in(zip(names, ids, strict=True))
        invariants.settle(processes, desk.desk_id)
        yield desk, carers


def offers_of(desk: Desk, visit_id: str, at_least: int) -> dict[str, str]:
    """The live offer of each carer, by the carer's id, once there are so many."""

    def live() -> dict[str, str] | None:
        try:
            rows = desk.dispatcher.rows("matching", f"/visits/{visit_id}/offers")
        except Refused:
            return None  # matching hasn't heard of the visit yet
        found = {row["carer_id"]: row["offer_id"] for row in rows if row["state"] in ("sent", "seen")}
        return found if len(found) >= at_least else None

    return wait_until(live, within=60, what=f"{at_least} carers are asked") or {}


def accept(carer: Person, offer_id: str, key: str) -> tuple[int, str, bytes]:
    """The status of the answer, why if it was a no, and its bytes."""
    answer = carer.ask("POST", "matching", f"/offers/{offer_id}/accept", headers={"Idempotency-Key": key})
    told: dict[str, Any] = answer.json()
    return answer.status_code, str(told.get("type", "")).rpartition(":")[2], answer.content


def ask(desk: Desk, days_ahead: int) -> tuple[str, str]:
    """A visit on a day of its own: the ids of request and visit."""
    start = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=days_ahead)
    asked = desk.ask(desk.register(f"Family {days_ahead}"), start, start + timedelta(hours=3))
    return asked["care_request_id"], asked["visits"][0]["visit_id"]


def on_roster(desk: Desk, visit_id: str) -> list[Any]:
    since, until = datetime.now(UTC), datetime.now(UTC) + timedelta(days=60)
    rows = desk.dispatcher.get("roster", "/visits", from_=since.isoformat(), until=until.isoformat())["rows"]
    return [row for row in rows if row["visit_id"] == visit_id]


def test_of_200_carers_who_accept_at_once_one_wins_five_times_over(crowded: tuple[Desk, list[Person]]) -> None:
    desk, carers = crowded
    for number in range(ROUNDS):
        request_id, visit_id = ask(desk, days_ahead=2 + 2 * number)
        offers = offers_of(desk, visit_id, MANY)
        tasks = [partial(accept, carer, offers[str(carer.person_id)], str(uuid4())) for carer in carers]
        told = at_once(tasks)
        assert Counter(each[:2] for each in told) == {(200, ""): 1, (409, "taken"): MANY - 1}
        [winner] = [carer for carer, each in zip(carers, told, strict=True) if each[0] == 200]
        desk.wait_for(request_id, visit_id, "certain", winner)
        [booked] = on_roster(desk, visit_id)
        assert booked["carer"]["carer_id"] == str(winner.person_id)
    invariants.settle(desk.system, desk.desk_id)
    invariants.check(desk.system, desk.desk_id)


def test_one_carer_who_accepts_200_times_under_one_key_gets_the_winners_answer_200_times(
    crowded: tuple[Desk, list[Person]],
) -> None:
    desk, carers = crowded
    request_id, visit_id = ask(desk, days_ahead=20)
    offer_id = offers_of(desk, visit_id, MANY)[str(carers[0].person_id)]
    told = at_once([partial(accept, carers[0], offer_id, "one key")] * MANY)
    assert Counter(told) == {(200, "", told[0][2]): MANY}
    desk.wait_for(request_id, visit_id, "certain", carers[0])
    assert len(on_roster(desk, visit_id)) == 1


def test_one_carer_who_accepts_200_times_under_new_keys_is_told_it_is_already_theirs(
    crowded: tuple[Desk, list[Person]],
) -> None:
    desk, carers = crowded
    request_id, visit_id = ask(desk, days_ahead=22)
    offer_id = offers_of(desk, visit_id, MANY)[str(carers[1].person_id)]
    told = at_once([partial(accept, carers[1], offer_id, str(uuid4())) for _ in range(MANY)])
    assert Counter(each[:2] for each in told) == {(200, ""): 1, (409, "already-yours"): MANY - 1}
    desk.wait_for(request_id, visit_id, "certain", carers[1])
    assert len(on_roster(desk, visit_id)) == 1
    invariants.settle(desk.system, desk.desk_id)
    invariants.check(desk.system, desk.desk_id)
