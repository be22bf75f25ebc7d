"""The operator's commands: what died and why, and handling it again once the cause is mended."""

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from infra.local import letters
from infra.local.holding import holding
from infra.local.processes import ROOT, SERVICES
from services.request.service import SERVICE as REQUEST
from shared.bus.consumer import UNREADABLE
from shared.bus.dead_letter_desk import main
from shared.bus.receiver import Outcome
from shared.db.dead_letters import dead_letters, listed
from shared.messages import Message
from tests.support.diary import service as diaries
from tests.support.diary.events import LineWritten
from tests.support.diary.rows import numbers_heard, rows_of
from tests.support.diary.service import INAUDIBLE
from tests.support.postgres import Server
from tests.support.service import MONDAY, Trial, trial


def bury(reads: Trial, number: int, message_id: str) -> None:
    line = LineWritten(desk_id=reads.desk_id, version=number, page_id=reads.desk_id, number=number, words=INAUDIBLE)
    assert reads.hear(line, message_id) is Outcome.DEAD


def waiting(reads: Trial) -> list[str]:
    with reads.running.sessions() as session:
        return [row.message_id for row in listed(session)]


def test_it_lists_each_with_when_what_where_from_and_why(reads: Trial, capsys: pytest.CaptureFixture[str]) -> None:
    bury(reads, 1, "m-1")
    capsys.readouterr()
    main(reads.running.receiver, [])
    assert capsys.readouterr().out == (
        "2026-06-01 09:00:00Z  m-1  line.written.v1  from test/0/0: Nobody can hear this.\nreader: 1 dead letters\n"
    )


def test_mended_it_is_replayed_once_and_leaves_the_list(
    reads: Trial, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        bury(reads, number, f"m-{number}")
    monkeypatch.setattr(diaries, "INAUDIBLE", "mended")
    main(reads.running.receiver, ["--replay", "m-2"])
    assert "-> done" in capsys.readouterr().out
    assert waiting(reads) == ["m-1", "m-3"]
    main(reads.running.receiver, ["--replay", "all"])
    assert waiting(reads) == []
    main(reads.running.receiver, ["--replay", "all"])
    assert sorted(numbers_heard(reads.running.sessions, reads.desk_id)[reads.desk_id]) == [1, 2, 3]


def test_what_dies_again_stays_on_the_list_with_its_first_hour(reads: Trial) -> None:
    bury(reads, 1, "m-1")
    reads.clock.advance(reads.running.receiver.dead_letter_window)
    main(reads.running.receiver, ["--replay", "all"])
    [letter] = rows_of(reads.running.sessions, dead_letters)
    assert (letter.died_at, letter.replayed_at) == (MONDAY, None)
    assert waiting(reads) == ["m-1"]


def test_what_nobody_can_read_stays_on_the_list(reads: Trial) -> None:
    """It used to count as replayed and was never seen again."""
    bytes_of = Message(
        message_id="diary/0/1",
        topic="diary",
        key="k",
        type=UNREADABLE,
        desk_id=None,
        time=MONDAY,
        correlation_id="",
        body=b"\xff",
        origin="diary/0/1",
    )
    reads.running.receiver.receive_undecodable(bytes_of, "No headers.")
    main(reads.running.receiver, ["--replay", "all"])
    assert waiting(reads) == ["diary/0/1"]


def test_a_replay_that_breaks_loses_nothing(reads: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    bury(reads, 1, "m-1")
    monkeypatch.setattr(diaries, "BROKEN", INAUDIBLE)
    monkeypatch.setattr(diaries, "INAUDIBLE", "mended")
    with pytest.raises(RuntimeError):
        main(reads.running.receiver, ["--replay", "m-1"])
    assert waiting(reads) == ["m-1"]
    monkeypatch.setattr(diaries, "BROKEN", "broken")
    main(reads.running.receiver, ["--replay", "m-1"])
    assert waiting(reads) == []


def test_replaying_a_hundred_that_die_again_does_not_stop_the_service(postgres_cluster: Server) -> None:
    """The limit is for what newly dies after a bad deployment, not for an operator's try."""
    with trial(postgres_cluster, diaries.reader(), dead_letter_limit=3) as reads:
        for number in (1, 2, 3):
            bury(reads, number, f"m-{number}")
        main(reads.running.receiver, ["--replay", "all"])
        assert len(waiting(reads)) == 3
        reads.clock.advance(reads.running.receiver.dead_letter_window)
        bury(reads, 4, "m-4")


def _buried(t: Trial) -> None:
    message = Message(
        message_id="m-1",
        topic="roster",
        key="k",
        type="visit.rostered.v1",
        desk_id=uuid4(),
        time=MONDAY,
        correlation_id="",
        body=b"{}",
        origin="roster/4/12",
    )
    assert t.running.receiver.receive(message) is Outcome.DEAD


def test_a_services_own_command_lists_them(postgres_cluster: Server) -> None:
    with trial(postgres_cluster, REQUEST) as t:
        _buried(t)
        url: Any = t.running.settings.database_url
        told = subprocess.run(
            [sys.executable, "-m", "services.request", "dead-letters"],
            env={"PATH": "", "VESPER_DATABASE_URL": url},
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=True,
        ).stdout
    assert "m-1  visit.rostered.v1  from roster/4/12: Not a visit.rostered.v1" in told
    assert told.endswith("request: 1 dead letters\n")


def test_make_dead_letters_lists_every_service_of_this_machine_while_it_runs(
    postgres_cluster: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with ExitStack() as opened:
        urls = {
            name: opened.enter_context(postgres_cluster.service_database(name)).app_url
            for name in SERVICES
            if name != "request"
        }
        t = opened.enter_context(trial(postgres_cluster, REQUEST))
        _buried(t)
        urls["request"] = t.running.settings.database_url
        opened.enter_context(holding(tmp_path))
        (tmp_path / "running").write_text("".join(f"{name} {url}\n" for name, url in urls.items()))
        monkeypatch.setattr(letters, "FOLDER", tmp_path)
        monkeypatch.setattr(sys, "argv", ["infra.local", "dead-letters"])
        # The command's own, not this test run's.
        monkeypatch.setattr(letters, "configure_logging", lambda *_, **__: None)
        assert letters.main() == 0
    told = capsys.readouterr().out
    assert "request: 1 dead letters\n" in told
    assert [name for name in SERVICES if f"{name}: 0 dead letters\n" in told] == [s for s in SERVICES if s != "request"]
