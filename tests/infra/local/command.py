"""One of the Makefile's commands as its user sees it: a process of its own, what it says, and Ctrl-C."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from infra.local.processes import ROOT
from tests.support.waiting import wait_until

# The town takes most of a minute to load and is tested elsewhere; nothing else stands in for anything.
_RUN = """
import pathlib, sys
from infra.local import run
run.FOLDER = pathlib.Path(sys.argv[1])
if sys.argv[2] == "empty":
    run.load_town = lambda *_: []
sys.exit(run.main())
"""
_UP = """
import sys
from infra.local import up
if sys.argv[2] == "empty":
    up.load_town = lambda *_: []
sys.exit(up.main(["--folder", sys.argv[1]]))
"""
COMMANDS = {"run": _RUN, "up-local": _UP}


class Command:
    """A command that runs; everything it said so far is at hand."""

    def __init__(self, name: str, folder: Path, *, town: bool = False, **env: str) -> None:
        self._said: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-c", COMMANDS[name], str(folder), "town" if town else "empty"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
            env=_environment(env),
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def said(self) -> str:
        """Everything it said so far."""
        return "".join(self._said)

    def ready(self, within: float = 60) -> "Command":
        """Wait until it says that it is ready. Raises AssertionError with what it said when it ends instead."""
        wait_until(lambda: "Ctrl-C stops it." in self.said or not self.running, within=within, what="it is ready")
        assert self.running, self.said
        return self

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    @property
    def page(self) -> str:
        """Where it says the pages are."""
        return self.said.partition("Vesper is at ")[2].split()[0]

    def ended(self, within: float = 60) -> int:
        """Wait until it ended by itself; the exit code."""
        code = self.process.wait(within)
        self._reader.join()
        return code

    def interrupt(self) -> int:
        """Press Ctrl-C; the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.ended()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self._said.extend(self.process.stdout)


@contextlib.contextmanager
def started(name: str, folder: Path, *, town: bool = False, **env: str) -> Iterator[Command]:
    """The command, ended when the block is left, however that is."""
    command = Command(name, folder, town=town, **env)
    try:
        yield command
    finally:
        if command.running:
            command.interrupt()


def _environment(changes: Mapping[str, str]) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "VESPER_BASE_PORT")}
    return {**own, **changes}
