"""What becomes of one message: done once, parked until what it needs is here, or buried with where it came from."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from shared.bus.consumer import UNREADABLE, unreadable
from shared.bus.receiver import Outcome, Receiver
from shared.commands import LostRace
from shared.db import inbox
from shared.db.dead_letters import TooManyDeadLetters, dead_letters
from shared.db.inbox import AlreadyDone, ParkedClaim
from shared.db.outbox import outbox
from shared.messages import Message, encode
from tests.support.diary.events import LineWritten, NoteAdded, PageOpened
from tests.support.diary.rows import numbers_heard, rows_of
from tests.support.diary.service import (
    BROKEN,
    INAUDIBLE,
    OpenPage,
    WriteLines,
    open_page,
    reader,
    write_lines,
)
from tests.support.postgres import Server
from tests.support.service import Trial, trial
from tests.support.waiting import wait_until

LIMIT = timedelta(minutes=15)


def note(reads: Trial, note_id: UUID, page_id: UUID, number: int, words: str = "") -> NoteAdded:
    return NoteAdded(
        desk_id=reads.desk_id, version=number, note_id=note_id, page_id=page_id, number=number, words=words
    )


def line(reads: Trial, page_id: UUID, number: int, words: str = "") -> LineWritten:
    return LineWritten(desk_id=reads.desk_id, version=number, page_id=page_id, number=number, words=words)


def opened(reads: Trial, page_id: UUID) -> PageOpened:
    return PageOpened(desk_id=reads.desk_id, version=1, page_id=page_id)


def numbers(reads: Trial, key: UUID) -> list[int]:
    return numbers_heard(reads.running.sessions, reads.desk_id)[key]


def letters(reads: Trial) -> list[Any]:
    return list(rows_of(reads.running.sessions, dead_letters))


def published_letters(reads: Trial) -> list[Any]:
    return [row for row in rows_of(reads.running.sessions, outbox) if row.topic == "dead-letters.reader"]


def states(reads: Trial) -> list[str]:
    return [row.state for row in sorted(rows_of(reads.running.sessions, inbox.inbox), key=lambda row: row.sequence)]


def message(reads: Trial, event: Any, **changes: Any) -> Message:
    made = Message(
        message_id=str(uuid4()),
        topic="diary",
        key=event.key,
        type=event.wire_name,
        desk_id=event.desk_id,
        time=reads.clock.now(),
        correlation_id="a-call",
        body=encode(event),
        origin="diary/3/17",
    )
    return replace(made, **changes)


def handle_waiting(reads: Trial) -> int:
    return reads.running.receiver.handle_waiting()


def test_delivered_twice_it_is_done_once(reads: Trial) -> None:
    page = uuid4()
    assert reads.hear(line(reads, page, 1), "m-1") is Outcome.DONE
    assert reads.hear(line(reads, page, 1), "m-1") is Outcome.REPEATED
    assert numbers(reads, page) == [1]


def test_delivered_by_eight_at_once_it_is_done_once(reads: Trial) -> None:
    page = uuid4()
    told = message(reads, line(reads, page, 1))
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: reads.running.receiver.receive(told), range(8)))
    assert sorted(outcomes) == [Outcome.DONE] + [Outcome.REPEATED] * 7
    assert numbers(reads, page) == [1]


def test_what_comes_too_early_waits_and_later_ones_of_its_key_queue_behind_it(reads: Trial) -> None:
    page, first, other = uuid4(), uuid4(), uuid4()
    assert [reads.hear(note(reads, first, page, n)) for n in (1, 2, 3)] == [Outcome.PARKED] * 3
    assert numbers(reads, first) == []
    assert reads.hear(line(reads, other, 1)) is Outcome.DONE, "another key doesn't wait"

    reads.hear(opened(reads, page))
    assert numbers(reads, first) == [1, 2, 3]
    assert states(reads) == ["done"] * 5


def test_those_that_still_wait_are_tried_and_left_without_a_loop(reads: Trial) -> None:
    """One behind another used to count as moved each time it was passed over, and the consumer never polled again."""
    page, first = uuid4(), uuid4()
    for number in (1, 2, 3):
        reads.hear(note(reads, first, page, number))
    reads.clock.advance(inbox.RETRY_AFTER)
    assert handle_waiting(reads) == 0
    assert states(reads) == ["parked"] * 3


def test_one_parked_as_its_cause_arrived_is_found_soon_and_the_longer_it_waits_the_rarer_it_is_tried(
    reads: Trial,
) -> None:
    page, first = uuid4(), uuid4()
    reads.hear(note(reads, first, page, 1))
    # The page arrives, but its release missed the note: as if it were parked at that very moment.
    with reads.running.sessions.begin() as session:
        session.execute(text("SELECT set_config('app.desk_id', :desk, true)"), {"desk": str(reads.desk_id)})
        session.execute(text("INSERT INTO known_pages VALUES (:page, :desk, 1)"), {"page": page, "desk": reads.desk_id})
    assert handle_waiting(reads) == 0
    reads.clock.advance(inbox.RETRY_AFTER)
    assert handle_waiting(reads) == 1
    assert numbers(reads, first) == [1]

    reads.hear(note(reads, uuid4(), uuid4(), 1))
    reads.clock.advance(timedelta(seconds=60))
    handle_waiting(reads)
    [waits] = [row for row in rows_of(reads.running.sessions, inbox.inbox) if row.state == "parked"]
    assert waits.retry_at - reads.clock.now() == timedelta(seconds=30)


def test_what_is_released_may_release_what_came_before_it(reads: Trial) -> None:
    """A note waits for a page that is itself told of only after more waiting: all of it goes in one call."""
    pages, notes = [uuid4() for _ in range(3)], [uuid4() for _ in range(3)]
    for page, each in zip(pages, notes, strict=True):
        reads.hear(note(reads, each, page, 1))
    for page in reversed(pages):
        reads.hear(opened(reads, page))
    assert [numbers(reads, each) for each in notes] == [[1]] * 3


def test_hundreds_that_wait_are_handled_in_portions_and_none_is_forgotten(reads: Trial) -> None:
    """Whoever handles them must poll in between, or is taken for dead."""
    page, notes = uuid4(), [uuid4() for _ in range(230)]
    for each in notes:
        reads.hear(note(reads, each, page, 1))
    reads.hear(opened(reads, page))
    assert states(reads).count("done") == 1 + 200
    assert handle_waiting(reads) == 30
    assert states(reads).count("done") == 231


def test_one_behind_another_of_its_key_can_not_be_claimed(reads: Trial) -> None:
    page, first = uuid4(), uuid4()
    for number in (1, 2):
        reads.hear(note(reads, first, page, number))
    rows = sorted(rows_of(reads.running.sessions, inbox.inbox), key=lambda row: row.sequence)
    again = message(reads, note(reads, first, page, 2), message_id=rows[1].message_id, topic=rows[1].topic)
    second = ParkedClaim(again, rows[1].sequence)
    with reads.running.sessions() as session, pytest.raises(AlreadyDone):
        second.take(session, reads.clock.now())
    assert states(reads) == ["parked", "parked"]


def test_past_the_limit_it_is_buried_with_what_it_waited_for_and_those_behind_it_go_on(reads: Trial) -> None:
    page, first = uuid4(), uuid4()
    reads.hear(note(reads, first, page, 1))
    reads.hear(line(reads, first, 2))
    reads.clock.advance(LIMIT + timedelta(minutes=1))
    assert handle_waiting(reads) == 2
    [letter] = letters(reads)
    assert letter.reason == f"It waited too long for page/{page}."
    assert numbers(reads, first) == [2]


def test_what_arrived_while_the_service_was_away_is_done_however_long_it_waited(reads: Trial) -> None:
    """A service that was down for an hour must not bury what it can do now."""
    page, first = uuid4(), uuid4()
    reads.hear(note(reads, first, page, 1))
    reads.clock.advance(LIMIT + timedelta(minutes=45))
    reads.hear(opened(reads, page))
    assert numbers(reads, first) == [1]
    assert letters(reads) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"not json", "json_invalid"),
        (b"\xff\xfe", "json_invalid"),
        (b"{}", "missing"),
        (b'{"desk_id": "x", "version": 1, "page_id": "y", "number": "many"}', "uuid_parsing"),
    ],
)
def test_what_cant_be_read_is_buried_with_its_origin_and_the_next_one_is_done(
    reads: Trial, body: bytes, said: str
) -> None:
    page = uuid4()
    told = message(reads, line(reads, page, 1), body=body)
    assert reads.running.receiver.receive(told) is Outcome.DEAD
    assert reads.hear(line(reads, page, 2)) is Outcome.DONE

    [letter] = letters(reads)
    assert (letter.origin, letter.body, letter.type) == ("diary/3/17", body, "line.written.v1")
    assert said in letter.reason
    [published] = published_letters(reads)
    assert published.body == body
    assert published.extensions == {"origin": "diary/3/17", "originid": told.message_id, "reason": letter.reason}
    headers = dict(replace(told, topic=published.topic, extensions=published.extensions).headers())
    assert headers["ce_origin"] == b"diary/3/17"
    assert said in headers["ce_reason"].decode()


def test_a_dead_letters_reason_never_repeats_what_a_family_told_us(reads: Trial) -> None:
    body = json.dumps({"desk_id": str(reads.desk_id), "version": 1, "page_id": "Lina is ill", "number": 1}).encode()
    reads.running.receiver.receive(message(reads, line(reads, uuid4(), 1), body=body))
    [letter] = letters(reads)
    assert "Lina" not in letter.reason


def test_what_a_rule_refuses_and_what_no_table_can_hold_are_buried(reads: Trial) -> None:
    page = uuid4()
    assert reads.hear(line(reads, page, 1, INAUDIBLE)) is Outcome.DEAD
    assert reads.hear(line(reads, page, 2, "a\x00b")) is Outcome.DEAD
    assert reads.hear(line(reads, page, 2**40)) is Outcome.DEAD
    assert reads.hear(line(reads, page, 3)) is Outcome.DONE
    assert [letter.reason for letter in sorted(letters(reads), key=lambda row: row.died_at)] == [
        "Nobody can hear this.",
        "It holds a value that no table can keep.",
        "It holds a value that no table can keep.",
    ]
    assert numbers(reads, page) == [3]


def test_a_dead_message_that_comes_again_stays_one_letter(reads: Trial) -> None:
    """After a crash before the offset was committed the bus brings it again."""
    told = message(reads, line(reads, uuid4(), 1), body=b"not json")
    assert reads.running.receiver.receive(told) is Outcome.DEAD
    assert reads.running.receiver.receive(told) is Outcome.REPEATED
    nothing = message(reads, line(reads, uuid4(), 1), message_id="diary/0/1", type=UNREADABLE, body=b"\x00")
    assert reads.running.receiver.receive_undecodable(nothing, "No headers.") is Outcome.DEAD
    assert reads.running.receiver.receive_undecodable(nothing, "No headers.") is Outcome.REPEATED
    assert len(letters(reads)) == len(published_letters(reads)) == 2


def test_a_bug_is_raised_and_the_message_is_not_done(reads: Trial) -> None:
    told = message(reads, line(reads, uuid4(), 1, BROKEN))
    with pytest.raises(RuntimeError, match="ear is broken"):
        reads.running.receiver.receive(told)
    assert rows_of(reads.running.sessions, inbox.inbox) == []
    assert letters(reads) == []


def test_a_race_lost_each_time_is_raised_not_buried(reads: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is wrong with the message: it used to be buried like an impossible one."""

    def lose(*_: Any, **__: Any) -> None:
        raise LostRace("others were faster")

    told = message(reads, line(reads, uuid4(), 1))
    with monkeypatch.context() as losing:
        losing.setattr(type(reads.running.runner), "run", lose)
        with pytest.raises(LostRace):
            reads.running.receiver.receive(told)
    assert letters(reads) == []
    assert reads.running.receiver.receive(told) is Outcome.DONE


def test_past_the_limit_of_dead_letters_it_stops_and_says_the_likely_cause(postgres_cluster: Server) -> None:
    with trial(postgres_cluster, reader(), dead_letter_limit=3) as reads:
        page = uuid4()
        for number in range(1, 4):
            assert reads.hear(line(reads, page, number, INAUDIBLE)) is Outcome.DEAD
        with pytest.raises(TooManyDeadLetters, match="the last deployment is the likely cause"):
            reads.hear(line(reads, page, 4, INAUDIBLE))
        assert len(letters(reads)) == 4, "the one that was too many is kept as well"
        reads.clock.advance(timedelta(seconds=601))
        assert reads.hear(line(reads, page, 5, INAUDIBLE)) is Outcome.DEAD


def test_a_dead_letter_that_cant_be_kept_commits_nothing_and_comes_again(
    reads: Trial, postgres_cluster: Server
) -> None:
    told = message(reads, line(reads, uuid4(), 1, INAUDIBLE))
    receiver = reads.running.receiver
    with reads.running.engine.connect() as holding:
        holding.execute(text("LOCK TABLE dead_letters IN SHARE MODE"))
        with ThreadPoolExecutor(1) as pool:
            burying = pool.submit(receiver.receive, told)
            _wait_for_lock(reads)
            # The connection breaks while the letter is being kept.
            holding.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                    "AND datname = current_database()"
                )
            )
            with pytest.raises(OperationalError):
                burying.result()
    assert rows_of(reads.running.sessions, inbox.inbox) == []
    assert letters(reads) == published_letters(reads) == []
    assert receiver.receive(told) is Outcome.DEAD
    assert len(letters(reads)) == 1


def _wait_for_lock(reads: Trial) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )

    def blocked() -> bool:
        with reads.running.engine.connect() as watching:
            return bool(watching.execute(waiting).scalar_one())

    wait_until(blocked, what="somebody waits for a lock")


def test_a_type_nobody_here_hears_passes_by(reads: Trial) -> None:
    told = message(reads, line(reads, uuid4(), 1), type="weather.changed.v1")
    assert reads.running.receiver.receive(told) is Outcome.NOT_OURS
    assert rows_of(reads.running.sessions, inbox.inbox) == []


class Record:
    """A record of Kafka as somebody else may have written it."""

    def __init__(self, **changes: Any) -> None:
        self.topic, self.partition, self.offset = "diary", 3, 17
        self.key: bytes | None = b"key"
        self.value: bytes | None = b"value"
        self.timestamp: int | None = 0
        self.__dict__.update(changes)


@pytest.mark.parametrize(
    "record",
    [
        Record(key=b"a\x00b", value=None, timestamp=None),
        Record(key=b"\xff" * 5000, timestamp=2**62),
        Record(key=None, timestamp=-(2**62), value=b"\x00" * 1_000_000),
    ],
)
def test_whatever_bytes_came_they_can_be_kept(reads: Trial, record: Record) -> None:
    """A key with NUL, an endless one or an impossible time used to stop the consumer for ever."""
    assert reads.running.receiver.receive_undecodable(unreadable(record, "diary/3/17"), "No headers.") is Outcome.DEAD
    [letter] = letters(reads)
    assert letter.body == (record.value or b"")
    assert len(published_letters(reads)[0].body) <= 500_000


def test_an_event_no_broker_takes_is_refused_before_it_can_hold_up_the_outbox(writes: Trial) -> None:
    page = writes.run(open_page, OpenPage())
    with pytest.raises(ValueError, match="900000 at most"):
        writes.run(write_lines, WriteLines(page_id=page, words="w" * 1_000_000))
    with writes.running.sessions() as session:
        assert len(session.execute(select(outbox)).all()) == 1


def test_a_receiver_is_one_for_all_threads(reads: Trial) -> None:
    """Four relays bring notes while a fifth brings their pages: each is done once, in the order of its key."""
    pages, notes, receiver = [uuid4() for _ in range(20)], [uuid4() for _ in range(20)], reads.running.receiver

    def bring(index: int) -> None:
        for number in (1, 2, 3):
            receiver.receive(message(reads, note(reads, notes[index], pages[index], number)))

    def open_all(receiver: Receiver) -> None:
        for page in pages:
            receiver.receive(message(reads, opened(reads, page)))

    with ThreadPoolExecutor(5) as pool:
        waiting = [pool.submit(bring, index) for index in range(10)]
        waiting += [pool.submit(open_all, receiver)]
        waiting += [pool.submit(bring, index) for index in range(10, 20)]
    for each in waiting:
        each.result()
    reads.clock.advance(inbox.RETRY_AFTER)
    handle_waiting(reads)
    assert numbers_heard(reads.running.sessions, reads.desk_id) == {each: [1, 2, 3] for each in notes}
