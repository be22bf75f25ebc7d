"""The one path: one commit, lost races tried again, ids that follow from the cause, nothing lost on the way."""

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from shared.auth.roles import Role, desk_itself
from shared.commands import ATTEMPTS, LostRace
from shared.db.inbox import AlreadyDone, MessageClaim
from shared.db.outbox import outbox
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, NotFound
from shared.messages import Message
from shared.telemetry import metrics
from tests.support.diary.events import LineWritten
from tests.support.diary.page import Page
from tests.support.diary.rows import rows_of
from tests.support.diary.service import (
    BROKEN,
    IMPOSSIBLE,
    OpenPage,
    WriteLines,
    diary,
    open_page,
    write_lines,
)
from tests.support.diary.tables import pages
from tests.support.postgres import Server
from tests.support.service import MONDAY, Trial, trial

AT_ONCE = 8


def at_once(count: int, do: Callable[[int], Any]) -> list[Any]:
    """Do it in this many threads that start together; an exception is given as it is."""
    barrier = Barrier(count)

    def start(number: int) -> Any:
        barrier.wait()
        try:
            return do(number)
        except Exception as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(start, range(count)))


def page_of(writes: Trial, page_id: UUID) -> Any:
    [row] = [row for row in rows_of(writes.running.sessions, pages, writes.desk_id) if row.page_id == page_id]
    return row


def told(number: int = 1) -> Message:
    return Message(
        message_id=f"m-{number}",
        topic="elsewhere",
        key="k",
        type="t",
        desk_id=None,
        time=MONDAY,
        correlation_id="",
        body=b"",
    )


def test_nothing_of_a_refused_or_broken_command_is_kept(writes: Trial) -> None:
    page = writes.run(open_page, OpenPage())

    def write_and(words: str) -> Callable[[WriteLines, UnitOfWork], None]:
        def handler(command: WriteLines, uow: UnitOfWork) -> None:
            write_lines(command, uow)
            uow.session.flush()
            write_lines(WriteLines(page_id=page, words=words), uow)

        return handler

    with pytest.raises(Conflict):
        writes.run(write_and(IMPOSSIBLE), WriteLines(page_id=page))
    with pytest.raises(RuntimeError):
        writes.run(write_and(BROKEN), WriteLines(page_id=page))
    assert page_of(writes, page).lines == 0
    assert writes.said(LineWritten) == []


def test_an_optimistic_version_lets_two_threads_write_and_loses_neither(writes: Trial) -> None:
    """Both read version 1; the one that commits second finds version 2 and is run again."""
    page = writes.run(open_page, OpenPage())
    both_have_read = Barrier(2)
    tries: list[int] = []

    def write(command: WriteLines, uow: UnitOfWork) -> int:
        found = uow.get(Page, command.page_id)
        tries.append(found.version)
        if len(tries) <= 2:
            both_have_read.wait()
        found.write(1, "")
        return found.lines

    lines = at_once(2, lambda _: writes.run(write, WriteLines(page_id=page)))
    assert sorted(lines) == [1, 2]
    assert tries == [1, 1, 2]
    assert page_of(writes, page).version == 3
    assert [(said.version, said.number) for said in writes.said(LineWritten)] == [(2, 1), (3, 2)]


def test_a_deadlock_is_tried_again(writes: Trial) -> None:
    one, other = writes.run(open_page, OpenPage()), writes.run(open_page, OpenPage())
    both_hold_one = Barrier(2)
    tries: list[UUID] = []

    def write_two(order: tuple[UUID, UUID], uow: UnitOfWork) -> None:
        first = uow.get(Page, order[0], lock=True)
        tries.append(order[0])
        if len(tries) <= 2:
            both_hold_one.wait()
        second = uow.get(Page, order[1], lock=True)
        first.write(1, "")
        second.write(1, "")

    assert at_once(2, lambda n: writes.run(write_two, (one, other) if n else (other, one))) == [None, None]
    assert len(tries) == 3, "one of the two was the victim and ran again"
    assert (page_of(writes, one).lines, page_of(writes, other).lines) == (2, 2)


def test_eight_at_once_on_one_page_all_get_their_line(writes: Trial) -> None:
    page = writes.run(open_page, OpenPage())
    for _ in range(3):
        at_once(AT_ONCE, lambda _: writes.run(write_lines, WriteLines(page_id=page)))
    numbers = [said.number for said in writes.said(LineWritten)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert page_of(writes, page).lines == len(numbers)


def test_a_race_lost_each_time_says_so_and_changes_nothing(writes: Trial) -> None:
    page = writes.run(open_page, OpenPage())
    tries: list[int] = []

    def always_late(command: WriteLines, uow: UnitOfWork) -> None:
        found = uow.get(Page, command.page_id)
        tries.append(found.version)
        # Somebody else is faster, every time.
        writes.run(write_lines, command)
        found.write(1, "late")

    with pytest.raises(LostRace, match="at the same moment"):
        writes.run(always_late, WriteLines(page_id=page))
    assert len(tries) == ATTEMPTS
    assert "late" not in {said.words for said in writes.said(LineWritten)}


def test_of_eight_who_want_the_same_place_one_gets_it_and_seven_are_told(writes: Trial) -> None:
    page = uuid4()
    results = at_once(AT_ONCE, lambda _: writes.run(open_page, OpenPage(page_id=page)))
    refused = [result for result in results if isinstance(result, Conflict)]
    assert [result for result in results if result == page] == [page]
    assert len(refused) == AT_ONCE - 1
    assert not any(isinstance(result, LostRace) for result in refused), "it would be refused however often it is tried"
    assert len(rows_of(writes.running.sessions, outbox)) == 1


def test_a_claim_taken_before_is_told_and_the_command_not_run(writes: Trial) -> None:
    runner, desk = writes.running.runner, desk_itself(writes.desk_id)
    runner.run(open_page, OpenPage(), caller=desk, claim=MessageClaim(told()))
    with pytest.raises(AlreadyDone):
        runner.run(open_page, OpenPage(), caller=desk, claim=MessageClaim(told()))
    assert len(rows_of(writes.running.sessions, pages, writes.desk_id)) == 1


def test_ids_follow_from_what_caused_the_command(postgres_cluster: Server) -> None:
    """The same message makes the same ids on another day, in another database and at a second try; another doesn't."""

    def two_pages(tries: int) -> Callable[[OpenPage, UnitOfWork], tuple[UUID, UUID]]:
        left = [tries]

        def handler(command: OpenPage, uow: UnitOfWork) -> tuple[UUID, UUID]:
            made = open_page(command, uow), open_page(command, uow)
            left[0] -= 1
            if left[0]:
                # Lose a race: the version this page was read with is no longer there.
                uow.session.flush()
                uow.session.execute(text("UPDATE pages SET version = 9"))
                uow.get(Page, made[0]).write(1, "")
            return made

        return handler

    def ids(message: Message, tries: int = 1) -> tuple[UUID, UUID]:
        with trial(postgres_cluster, diary()) as here:
            made: tuple[UUID, UUID] = here.running.runner.run(
                two_pages(tries), OpenPage(), caller=desk_itself(here.desk_id), claim=MessageClaim(message)
            )
            return made

    first, second = ids(told())
    assert first != second
    assert ids(told(), tries=3) == (first, second)
    assert ids(told(2)) != (first, second)


def test_an_aggregate_nobody_holds_any_more_still_says_what_it_recorded(writes: Trial) -> None:
    """The session forgets a flushed aggregate once the handler lets it go; the unit of work does not."""
    page = writes.run(open_page, OpenPage())

    def write_and_let_go(command: WriteLines, uow: UnitOfWork) -> None:
        write_lines(command, uow)
        uow.session.flush()
        gc.collect()

    writes.run(write_and_let_go, WriteLines(page_id=page, count=2))
    assert [said.number for said in writes.said(LineWritten)] == [1, 2]


def test_locking_an_aggregate_that_was_changed_keeps_the_change(writes: Trial) -> None:
    page = writes.run(open_page, OpenPage())

    def write_then_lock(command: WriteLines, uow: UnitOfWork) -> int:
        uow.get(Page, command.page_id).write(1, "")
        return uow.get(Page, command.page_id, lock=True).lines

    assert writes.run(write_then_lock, WriteLines(page_id=page)) == 1
    assert page_of(writes, page).lines == 1


def test_another_desks_page_is_not_there(writes: Trial) -> None:
    page = writes.run(open_page, OpenPage())
    with pytest.raises(NotFound, match="There is no page"):
        writes.run(write_lines, WriteLines(page_id=page), caller=desk_itself(uuid4()))


def prepared(running: Any) -> int:
    with running.engine.connect() as connection:
        count: int = connection.exec_driver_sql("SELECT count(*) FROM pg_prepared_statements").scalar_one()
        connection.commit()
    return count


def test_a_claim_lost_or_a_thing_not_there_costs_no_prepared_statement(postgres_cluster: Server) -> None:
    """After a rollback psycopg prepares every statement again, so what wrote nothing ends with a commit."""
    with trial(postgres_cluster, diary(), pool_size=1) as writes:
        runner, desk = writes.running.runner, desk_itself(writes.desk_id)
        for number in range(4):
            runner.run(open_page, OpenPage(), caller=desk, claim=MessageClaim(told(number)))
        before = prepared(writes.running)
        assert before > 3
        with pytest.raises(AlreadyDone):
            runner.run(open_page, OpenPage(), caller=desk, claim=MessageClaim(told(1)))
        assert prepared(writes.running) >= before
        headers = writes.headers(writes.caller(Role.DISPATCHER))
        for _ in range(4):
            assert writes.http.get(f"/pages/{uuid4()}", headers=headers).status_code == 404
        assert prepared(writes.running) > before, "the read was prepared as well"
        with pytest.raises(Conflict):
            runner.run(write_lines, WriteLines(page_id=uuid4(), words=IMPOSSIBLE), caller=desk)
        assert prepared(writes.running) < before, "a refusal has to roll back"


def test_each_command_is_counted_by_its_outcome_and_timed(writes: Trial) -> None:
    def count(command: str, outcome: str) -> float:
        return float(metrics.COMMANDS.labels("diary", command, outcome)._value.get())

    before = {o: count("WriteLines", o) for o in ("done", "refused", "broken")}
    page = writes.run(open_page, OpenPage())
    writes.run(write_lines, WriteLines(page_id=page))
    for words, error in ((IMPOSSIBLE, Conflict), (BROKEN, RuntimeError)):
        with pytest.raises(error):
            writes.run(write_lines, WriteLines(page_id=page, words=words))
    assert {o: count("WriteLines", o) - n for o, n in before.items()} == {"done": 1, "refused": 1, "broken": 1}
