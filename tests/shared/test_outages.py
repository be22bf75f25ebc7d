"""PostgreSQL away for some seconds: refused with a time to come back, and well again without a restart."""

from threading import Thread
from uuid import uuid4

from fastapi.testclient import TestClient
from sqlalchemy import event

from shared.auth.roles import Role, desk_itself
from shared.bus.local import LocalPublisher
from shared.clock import SystemClock
from shared.db.unit_of_work import UnitOfWork
from shared.service import Bus, RunningService, Worker
from shared.settings import ServiceSettings
from tests.support.diary.rows import numbers_heard
from tests.support.diary.service import OpenPage, diary, open_page, reader
from tests.support.postgres import Server
from tests.support.service import OwnKeys
from tests.support.waiting import wait_until


def write_soon(_: None, uow: UnitOfWork) -> None:
    page = open_page(OpenPage(), uow)
    uow.set_timer("write", page, uow.now, words="")


def test_while_postgres_is_away_calls_are_told_when_to_come_back_and_all_goes_on_after_it(own_server: Server) -> None:
    with own_server.service_database("diary") as written, own_server.service_database("reader") as read:
        writes = RunningService(diary(), ServiceSettings(database_url=written.app_url))
        reads = RunningService(reader(), ServiceSettings(database_url=read.app_url))
        workers = [Worker(writes, Bus(LocalPublisher({"reader": reads.receiver}), None))]
        workers.append(Worker(reads, Bus(LocalPublisher({}), None)))
        keys, desk = OwnKeys(), uuid4()
        token = keys.token(desk_itself(desk), role=Role.DISPATCHER)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
        met: tuple[list[object], ...] = ([], [])
        for running, errors in zip((writes, reads), met, strict=True):
            event.listen(running.engine, "handle_error", errors.append)
        for worker in workers:
            worker.start()
        try:
            with TestClient(writes.app({}, keys), raise_server_exceptions=False) as http:
                page = http.post("/pages", headers={**headers, "Idempotency-Key": "p"}).json()["page_id"]
                lines = f"/pages/{page}/lines"
                assert http.post(lines, json={}, headers={**headers, "Idempotency-Key": "1"}).status_code == 200

                with own_server.cluster.outage():
                    for _ in range(3):
                        answer = http.post(lines, json={}, headers=headers)
                        assert answer.status_code == 503
                        assert int(answer.headers["Retry-After"]) > 0
                        assert answer.json()["type"] == "urn:vesper:problem:unavailable"
                        assert http.get(f"/pages/{page}", headers=headers).status_code == 503
                    assert http.get("/readyz").status_code == 503
                    assert "database: away" in http.get("/readyz").json()["detail"]
                    assert http.get("/healthz").status_code == 200
                    wait_until(lambda: min(map(len, met)) >= 8, what="the threads of both workers have met it often")
                    assert [worker.check_beats() for worker in workers] == [None, None]

                assert http.get("/readyz").status_code == 200
                assert http.post(lines, json={}, headers=headers).json()["lines"] == 2
                assert http.post(lines, json={}, headers=headers).json()["lines"] == 2, "the same key, done once"
            writes.runner.run(write_soon, None, caller=desk_itself(desk))
            wait_until(
                lambda: sorted(numbers_heard(reads.sessions, desk).values()) == [[1], [1, 2]],
                within=30,
                what="relay, receiver and timers work again",
            )
            assert [worker.failed for worker in workers] == [None, None], "without a restart"
        finally:
            for worker in workers:
                worker.shut_down()
            writes.close()
            reads.close()


def test_a_server_that_has_no_connection_left_refuses_in_time(postgres_cluster: Server) -> None:
    """Better a quick 503 than a queue of callers who have given up."""
    with postgres_cluster.service_database("diary") as databases:
        running = RunningService(diary(), ServiceSettings(database_url=databases.app_url, pool_size=1))
        keys = OwnKeys()
        held = [running.engine.connect() for _ in range(2)]
        headers = {"Authorization": f"Bearer {keys.token(desk_itself(uuid4()), role=Role.DISPATCHER)}"}
        with TestClient(running.app({}, keys), raise_server_exceptions=False) as http:
            began = SystemClock().now()
            assert http.post("/pages", headers=headers).status_code == 503
            assert (SystemClock().now() - began).total_seconds() < 10
            for each in held:
                each.close()
            assert http.post("/pages", headers=headers).status_code == 201
        running.close()


def test_a_worker_whose_thread_ends_says_so_and_stops(postgres_cluster: Server) -> None:
    class Broken:
        def publish(self, messages: object) -> None:
            raise SystemExit("the publisher is gone")

    with postgres_cluster.service_database("diary") as databases:
        running = RunningService(diary(), ServiceSettings(database_url=databases.app_url))
        worker = Worker(running, Bus(Broken(), None))
        worker.start()
        running.runner.run(open_page, OpenPage(), caller=desk_itself(uuid4()))
        waiting = Thread(target=worker.stop.wait)
        waiting.start()
        waiting.join(timeout=10)
        assert worker.stop.is_set()
        assert "the publisher is gone" in str(worker.check_beats())
        worker.shut_down()
        running.close()
