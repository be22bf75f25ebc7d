"""`make run`: the whole system in this process, with a town in it that has lived through its last two days."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from infra.local.base_port import NoPorts, free_base_port
from infra.local.first_days import load_town, welcome
from infra.local.holding import Held, holding
from infra.local.postgres.errors import PostgresError
from infra.local.postgres.provision import Databases
from infra.local.secret import Secrets, secrets_in
from infra.local.system import PORTS, LocalSystem, SystemFailed, databases_in
from infra.local.town.load import SignIn
from shared.telemetry.logging import configure_logging

FOLDER = Path(__file__).resolve().parents[2] / ".vesper" / "town"
_LOOKS_EVERY_SECONDS = 0.5


def main() -> int:
    """Start, say where to look and whom to sign in as, and stay until Ctrl-C."""
    configure_logging("vesper", level="WARNING")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    try:
        with holding(FOLDER), databases_in(FOLDER) as databases, _known_as_running(databases):
            secret = secrets_in(FOLDER)
            _serve(databases, secret, load_town(databases, secret, FOLDER, _say))
    except KeyboardInterrupt:
        _say("Stopped.")
    except (PostgresError, Held, NoPorts, SystemFailed, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _serve(databases: Mapping[str, Databases], secret: Secrets, sign_ins: Sequence[SignIn]) -> None:
    """Until Ctrl-C. Raises SystemFailed when a part of it ended by itself."""
    begun = time.monotonic()
    system = LocalSystem(databases, secret, free_base_port(PORTS))
    try:
        system.start()
        _say(f"{welcome(system.urls, sign_ins)}\n\nReady in {time.monotonic() - begun:.1f} s. Ctrl-C stops it.")
        looking = threading.Event()
        while not looking.wait(_LOOKS_EVERY_SECONDS):
            system.check()
    finally:
        # Who presses Ctrl-C again means the same.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        _say("Stopping …")
        system.close()


@contextmanager
def _known_as_running(databases: Mapping[str, Databases]) -> Iterator[None]:
    """Leave word of the databases beside the data, so that `make dead-letters` finds them while this runs."""
    word = FOLDER / "running"
    word.unlink(missing_ok=True)
    with open(os.open(word, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{name} {each.app_url}\n" for name, each in databases.items())
    try:
        yield
    finally:
        word.unlink(missing_ok=True)


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()
