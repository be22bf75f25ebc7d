"""The diary and its reader as processes of this machine, on one bus or the other, to be killed at a known point."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from shared.auth.roles import desk_itself
from shared.db.inbox import inbox
from shared.db.outbox import outbox
from shared.service import RunningService
from shared.settings import ServiceSettings
from tests.support.diary.rows import numbers_heard, rows_of
from tests.support.diary.service import OpenPage, WriteLines, diary, open_page, reader, write_lines
from tests.support.postgres import Server
from tests.support.waiting import wait_until

_ROOT = Path(__file__).resolve().parents[3]
_PR_SET_PDEATHSIG = 1
# Generous, because several of these share two cores with whatever else runs.
WITHIN = 60.0


class Process:
    """One of them: what it said, and how to end it."""

    def __init__(self, name: str, role: str, env: Mapping[str, str], arguments: Sequence[str] = ()) -> None:
        self.name = name
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._out = tempfile.TemporaryFile()  # noqa: SIM115
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "tests.support.diary", role, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=self._log,
            cwd=_ROOT,
            # PostgreSQL shows this name beside each of its connections.
            env={**os.environ, **env, "PGAPPNAME": name},
            preexec_fn=_end_with_parent,
        )

    def wait_for(self, word: str) -> None:
        """Wait until it has said this. Raises AssertionError with its log when it ended before."""

        def said() -> bool:
            assert self.popen.poll() is None or word in self.said(), f"{self.name} ended:\n{self.log()[-3000:]}"
            return word in self.said()

        wait_until(said, within=WITHIN, what=f"{self.name} says {word}")

    def kill(self) -> None:
        """As a crash would: SIGKILL."""
        self.popen.kill()
        self.popen.wait()

    def terminate(self) -> int:
        """As an orderly stop would, without waiting for it."""
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.pid

    def ended(self) -> int:
        """Wait until it has ended; says with which code."""
        return self.popen.wait(WITHIN)

    def said(self) -> str:
        return _read(self._out)

    def log(self) -> str:
        return _read(self._log)


class Diaries:
    """A diary and a reader on databases of their own; `kafka` is the broker's address, or empty for one machine."""

    def __init__(self, urls: tuple[str, str], *, kafka: str = "", prefix: str = "") -> None:
        self.desk_id = uuid4()
        self.names = f"{prefix}diary", f"{prefix}reader"
        self.writes = RunningService(diary(self.names[0]), ServiceSettings(database_url=urls[0]))
        self.reads = RunningService(reader(self.names[1], hears=self.names[0]), ServiceSettings(database_url=urls[1]))
        self.kafka = kafka
        self.processes: list[Process] = []
        self._env = {
            "WRITER": self.names[0],
            "READER": self.names[1],
            "WRITER_DATABASE": urls[0],
            "READER_DATABASE": urls[1],
            "KAFKA": kafka,
        }

    def start(self, role: str = "both", *, stop_at: str = "", **env: str) -> Process:
        """Start a process and wait until it runs."""
        process = Process(f"{role}-{len(self.processes)}", role, {**self._env, "STOP_AT": stop_at, **env})
        self.processes.append(process)
        process.wait_for("ready")
        return process

    def run(self, role: str, *arguments: str) -> str:
        """Run one to its end; says what it printed."""
        process = Process(role, role, self._env, arguments)
        code = process.ended()
        assert code == 0, process.log()
        return process.said()

    def open_page(self) -> UUID:
        page: UUID = self.writes.runner.run(open_page, OpenPage(), caller=desk_itself(self.desk_id))
        return page

    def write(self, page: UUID, count: int = 1, words: str = "") -> None:
        """Write lines on a page, in one command."""
        command = WriteLines(page_id=page, count=count, words=words)
        self.writes.runner.run(write_lines, command, caller=desk_itself(self.desk_id))

    def heard(self) -> Mapping[UUID, list[int]]:
        return numbers_heard(self.reads.sessions, self.desk_id)

    def wait_heard(self, expected: Mapping[UUID, list[int]], within: float = WITHIN) -> None:
        """Wait until as many were acted on, then compare: which, in which order, none twice."""
        count = sum(len(numbers) for numbers in expected.values())
        wait_until(
            lambda: sum(len(numbers) for numbers in self.heard().values()) >= count,
            within=within,
            what=f"{count} lines heard",
        )
        assert self.heard() == expected

    def unpublished(self) -> int:
        return sum(row.published_at is None for row in rows_of(self.writes.sessions, outbox))

    def inbox(self) -> Sequence[Any]:
        return rows_of(self.reads.sessions, inbox)

    @contextlib.contextmanager
    def holding(self, table: str) -> Iterator[None]:
        """Nobody can write to this table of the reader's inside the block: whoever tries stops where it is."""
        with self.reads.engine.connect() as connection:
            connection.execute(text(f"LOCK TABLE {table} IN SHARE MODE"))
            yield
            connection.rollback()

    def blocked(self, running: RunningService | None = None) -> list[str]:
        """The names of the processes that wait for a lock in the reader's database."""
        with (running or self.reads).engine.connect() as connection:
            found = connection.execute(
                text(
                    "SELECT application_name FROM pg_stat_activity "
                    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
                )
            )
            return sorted(found.scalars())

    def wait_blocked(self, count: int = 1) -> list[str]:
        """Wait until so many processes stand in the middle of a transaction; says which."""

        def enough() -> list[str]:
            found = self.blocked()
            return found if len(found) >= count else []

        return wait_until(enough, within=WITHIN, what=f"{count} processes wait for a lock")

    def close(self) -> None:
        for process in self.processes:
            process.kill()
        self.writes.close()
        self.reads.close()


@contextlib.contextmanager
def diaries(server: Server, *, kafka: str = "", prefix: str = "") -> Iterator[Diaries]:
    """A diary and a reader on fresh databases, no process running yet; all are killed afterwards."""
    with server.service_database("diary") as written, server.service_database("reader") as read:
        found = Diaries((written.app_url, read.app_url), kafka=kafka, prefix=prefix)
        try:
            yield found
        finally:
            found.close()


def _read(file: Any) -> str:
    position = os.dup(file.fileno())
    with os.fdopen(position, "rb") as copy:
        size = os.fstat(copy.fileno()).st_size
        return os.pread(copy.fileno(), size, 0).decode(errors="replace")


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
