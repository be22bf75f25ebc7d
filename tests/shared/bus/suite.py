"""What holds on either bus: nothing lost, nothing acted on twice, order kept per key, wherever a process is killed.

Where it is killed is no matter of luck: a publisher that stops before or after it published, and a table lock that
stops a handler in the middle of its transaction, without a hook in the code under test.
"""

import json
from typing import Any
from uuid import uuid4

from fastapi.testclient import TestClient

from shared.auth.roles import Caller, Role
from shared.clock import SystemClock
from shared.db.outbox import outbox
from tests.support.diary.__main__ import AFTER, BEFORE
from tests.support.diary.events import LineHeard, LineWritten
from tests.support.diary.processes import WITHIN, Diaries, Process
from tests.support.diary.rows import rows_of
from tests.support.diary.service import INAUDIBLE
from tests.support.service import OwnKeys
from tests.support.waiting import wait_until


def log_lines(process: Process) -> list[dict[str, Any]]:
    """What the process logged: every line an object."""
    return [json.loads(line) for line in process.log().splitlines()]


class BusSuite:
    """Run by test_local.py on one machine's bus and by test_kafka.py on Apache Kafka."""

    def test_killed_after_the_commit_and_before_publishing_nothing_is_lost(self, bus: Diaries) -> None:
        page = bus.open_page()
        bus.write(page, 5)
        killed = bus.start(stop_at=BEFORE)
        killed.wait_for("stopped")
        killed.kill()
        assert bus.unpublished() == 6
        assert bus.heard() == {}

        bus.start()
        bus.wait_heard({page: [1, 2, 3, 4, 5]})
        wait_until(lambda: bus.unpublished() == 0, what="all is marked")

    def test_killed_after_publishing_and_before_marking_nothing_is_done_twice(self, bus: Diaries) -> None:
        page = bus.open_page()
        bus.write(page, 5)
        killed = bus.start(stop_at=AFTER)
        killed.wait_for("stopped")
        bus.wait_heard({page: [1, 2, 3, 4, 5]})
        killed.kill()
        assert bus.unpublished() == 6

        bus.start()
        wait_until(lambda: bus.unpublished() == 0, within=WITHIN, what="all is marked")
        bus.write(page, 1)
        bus.wait_heard({page: [1, 2, 3, 4, 5, 6]})

    def test_killed_in_the_middle_of_a_handlers_transaction_it_is_done_once_by_the_next(self, bus: Diaries) -> None:
        page = bus.open_page()
        process = bus.start()
        wait_until(lambda: len(bus.inbox()) == 1, within=WITHIN, what="the page is heard of")
        with bus.holding("heard"):
            bus.write(page, 3)
            assert bus.wait_blocked() == [process.name]
            process.kill()
        wait_until(lambda: not bus.blocked(), what="the killed one's transaction is gone")
        assert bus.heard() == {}
        assert len(bus.inbox()) == 1, "its claim went with it"

        bus.start()
        bus.wait_heard({page: [1, 2, 3]})

    def test_told_to_stop_it_finishes_what_it_does_and_leaves_the_rest_to_the_next(self, bus: Diaries) -> None:
        page = bus.open_page()
        process = bus.start()
        wait_until(lambda: len(bus.inbox()) == 1, within=WITHIN, what="the page is heard of")
        with bus.holding("heard"):
            bus.write(page, 3)
            bus.wait_blocked()
            process.terminate()
        assert process.ended() == 0
        done = bus.heard()[page]
        assert done in ([1], [1, 2], [1, 2, 3]), "what it was doing is done"

        bus.start()
        bus.wait_heard({page: [1, 2, 3]})

    def test_an_impossible_one_is_buried_and_the_next_is_done(self, bus: Diaries) -> None:
        page = bus.open_page()
        bus.start()
        bus.write(page, 1, INAUDIBLE)
        bus.write(page, 1)
        bus.wait_heard({page: [2]})
        listed = bus.run("dead-letters")
        assert "Nobody can hear this." in listed
        assert listed.endswith(": 1 dead letters\n")

    def test_past_the_limit_of_dead_letters_the_process_ends_and_says_why(self, bus: Diaries) -> None:
        page = bus.open_page()
        process = bus.start(DEAD_LETTER_LIMIT="2")
        bus.write(page, 3, INAUDIBLE)
        bus.write(page, 1)
        assert process.ended() == 1
        assert "the last deployment is the likely cause" in process.log()
        assert bus.heard() == {}, "it stopped before the next"

    def test_one_call_can_be_followed_through_outbox_timer_and_bus_into_the_last_service(self, bus: Diaries) -> None:
        keys, now = OwnKeys(), SystemClock().now()
        caller = Caller(desk_id=bus.desk_id, account_id=uuid4(), role=Role.DISPATCHER)
        process = bus.start()
        page = bus.open_page()
        headers = {"Authorization": f"Bearer {keys.token(caller)}", "X-Correlation-Id": "call-from-hove"}
        with TestClient(bus.writes.app({}, keys)) as http:
            body = {"words": "soon", "at": now.isoformat()}
            assert http.post(f"/pages/{page}/later", json=body, headers=headers).status_code == 204
        bus.wait_heard({page: [1]})

        said = [row for row in rows_of(bus.writes.sessions, outbox) if row.type == LineWritten.wire_name]
        answered = [row for row in rows_of(bus.reads.sessions, outbox) if row.type == LineHeard.wire_name]
        assert {row.correlation_id for row in (*said, *answered)} == {"call-from-hove"}
        wait_until(
            lambda: (
                {
                    (line["service"], line["command"])
                    for line in log_lines(process)
                    if line["event"] == "command" and line.get("correlation_id") == "call-from-hove"
                }
                == {(bus.names[0], "WriteLines"), (bus.names[1], "LineWritten")}
            ),
            what="both services' lines carry the caller's id",
        )
