"""Who may come in over HTTP, and `Idempotency-Key`: an account's doubled POST gets the first one's answer."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import text

from infra.local.system import SERVICES
from shared.auth.roles import Caller, Role
from shared.commands import LostRace, Runner
from shared.db.idempotency import idempotency_keys
from shared.service import RunningService
from tests.support.diary.events import LineWritten
from tests.support.diary.rows import rows_of
from tests.support.diary.service import BROKEN, IMPOSSIBLE, diary
from tests.support.diary.tables import pages
from tests.support.postgres import Server
from tests.support.service import KEY_SECRET, OwnKeys, Trial, trial
from tests.support.waiting import wait_until

# Sign-in and token routes answer with tokens, which are never stored.
EXEMPT = {"/sign-in", "/token", "/sign-out"}


def post(writes: Trial, path: str, body: Any, caller: Caller, key: str | None) -> Response:
    answer: Response = writes.http.post(path, json=body, headers=writes.headers(caller, key=key))
    return answer


@pytest.fixture
def dispatcher(writes: Trial) -> Caller:
    return writes.caller(Role.DISPATCHER)


def test_without_a_token_with_a_bad_one_and_in_another_role_nobody_comes_in(writes: Trial) -> None:
    bare = writes.http.post("/pages")
    assert (bare.status_code, bare.headers["WWW-Authenticate"]) == (401, "Bearer")
    for header in ("Bearer", "Bearer x.y.z", "Basic abc", "bearer  ", "Bearer é".encode("latin-1")):
        answer = writes.http.post("/pages", headers={"Authorization": header})
        assert answer.status_code == 401, header
        assert answer.headers["content-type"] == "application/problem+json"
    carer = writes.http.post("/pages", headers=writes.headers(writes.caller(Role.CARER)))
    assert (carer.status_code, carer.json()["detail"]) == (403, "This is not for a carer.")


def test_the_same_key_and_body_get_the_same_answer_and_it_is_done_once(writes: Trial, dispatcher: Caller) -> None:
    first, again = (post(writes, "/pages", {}, dispatcher, "k") for _ in range(2))
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.status_code == 201
    assert len(rows_of(writes.running.sessions, pages, writes.desk_id)) == 1
    assert post(writes, "/pages", {}, dispatcher, "another").json() != first.json()
    assert post(writes, "/pages", {}, dispatcher, None).json() != post(writes, "/pages", {}, dispatcher, None).json()


def test_the_same_key_for_another_request_is_refused(writes: Trial, dispatcher: Caller) -> None:
    page = post(writes, "/pages", {}, dispatcher, "k").json()["page_id"]
    for path, body in ((f"/pages/{page}/lines", {"count": 1}), ("/pages", {"count": 1}), ("/pages?x=1", {})):
        answer = post(writes, path, body, dispatcher, "k")
        assert answer.status_code == 422, path
        assert answer.json()["type"] == "urn:vesper:problem:idempotency-key-reused"
        assert "Use a new key" in answer.json()["errors"][0]["detail"]
    assert writes.said(LineWritten) == []


def test_a_key_is_an_accounts_own(writes: Trial, dispatcher: Caller) -> None:
    other = writes.caller(Role.DISPATCHER)
    assert post(writes, "/pages", {}, dispatcher, "k").json() != post(writes, "/pages", {}, other, "k").json()


def test_a_refusal_is_kept_as_well(writes: Trial, dispatcher: Caller) -> None:
    page = post(writes, "/pages", {}, dispatcher, None).json()["page_id"]
    body = {"words": IMPOSSIBLE}
    first, again = (post(writes, f"/pages/{page}/lines", body, dispatcher, "k") for _ in range(2))
    assert (first.status_code, first.content, first.headers["content-type"]) == (
        again.status_code,
        again.content,
        again.headers["content-type"],
    )
    assert first.json()["detail"] == "Nobody can write this."


def test_a_lost_race_and_a_fault_of_ours_are_not_kept(
    writes: Trial, dispatcher: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = post(writes, "/pages", {}, dispatcher, None).json()["page_id"]

    def lose(*_: Any, **__: Any) -> None:
        raise LostRace("Somebody else changed this at the same moment. Look again, then repeat.")

    with monkeypatch.context() as losing:
        losing.setattr(Runner, "_retried", lose)
        assert post(writes, f"/pages/{page}/lines", {}, dispatcher, "k").status_code == 409
    assert post(writes, f"/pages/{page}/lines", {}, dispatcher, "k").status_code == 200
    assert post(writes, f"/pages/{page}/lines", {"words": BROKEN}, dispatcher, "b").status_code == 500
    assert [row.key for row in rows_of(writes.running.sessions, idempotency_keys)] == ["k"]


def test_fifty_at_once_under_one_key_all_get_the_winners_answer(writes: Trial, dispatcher: Caller) -> None:
    page = post(writes, "/pages", {}, dispatcher, None).json()["page_id"]
    headers, barrier = writes.headers(dispatcher, key="k"), Barrier(50)

    def send(_: int) -> Response:
        barrier.wait()
        answer: Response = writes.http.post(f"/pages/{page}/lines", json={"count": 3}, headers=headers)
        return answer

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(send, range(50)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    assert answers[0].json()["lines"] == 3
    assert len(writes.said(LineWritten)) == 3


def test_when_the_first_crashed_before_its_commit_the_second_does_it(writes: Trial, dispatcher: Caller) -> None:
    """The second waits on the first's key; the first's connection breaks; the second then does the work itself."""
    page = post(writes, "/pages", {}, dispatcher, None).json()["page_id"]
    headers, answers = writes.headers(dispatcher, key="k"), {}

    def send(name: str) -> None:
        answers[name] = writes.http.post(f"/pages/{page}/lines", json={}, headers=headers)

    def waiting_for_locks() -> list[int]:
        with writes.running.engine.connect() as watching:
            return list(
                watching.execute(
                    text(
                        "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                        "AND datname = current_database() ORDER BY backend_start"
                    )
                ).scalars()
            )

    threads = [Thread(target=send, args=(name,)) for name in ("first", "second")]
    with writes.running.engine.connect() as holding:
        holding.execute(text("LOCK TABLE outbox IN SHARE MODE"))
        threads[0].start()
        [first] = wait_until(waiting_for_locks, what="the first stands before its commit")
        threads[1].start()
        wait_until(lambda: len(waiting_for_locks()) == 2, what="the second waits for the first")
        holding.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": first})
        holding.rollback()
    for thread in threads:
        thread.join()
    assert answers["first"].status_code == 503
    assert answers["second"].status_code == 200
    assert [said.number for said in writes.said(LineWritten)] == [1]
    assert post(writes, f"/pages/{page}/lines", {}, dispatcher, "k").content == answers["second"].content


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_that_cant_be_kept_is_refused(writes: Trial, dispatcher: Caller, key: str) -> None:
    headers = {**writes.headers(dispatcher), "Idempotency-Key": key}
    answer = writes.http.post("/pages", headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/idempotency-key"


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_post_that_changes_something_takes_a_key(service: Any) -> None:
    settings = service.settings_class(database_url="postgresql+psycopg://x@127.0.0.1:1/x", key_secret=KEY_SECRET)
    running = RunningService(service, settings)
    paths = running.app({}, OwnKeys()).openapi()["paths"]
    posts = {path: methods["post"] for path, methods in paths.items() if "post" in methods}
    with_key = {
        path
        for path, operation in posts.items()
        if any(parameter["name"].lower() == "idempotency-key" for parameter in operation.get("parameters", ()))
    }
    assert posts.keys() - with_key == posts.keys() & EXEMPT
    assert not any(method in {"put", "patch", "delete"} for methods in paths.values() for method in methods)
    running.close()


def test_a_keys_answer_outlives_the_process(postgres_cluster: Server) -> None:
    with trial(postgres_cluster, diary()) as writes:
        dispatcher = writes.caller(Role.DISPATCHER)
        first = post(writes, "/pages", {}, dispatcher, "k")
        other = RunningService(diary(), writes.running.settings, clock=writes.clock)
        app = other.app({}, writes.keys)
        with TestClient(app) as http:
            again = http.post("/pages", json={}, headers=writes.headers(dispatcher, key="k"))
        other.close()
        assert again.content == first.content
