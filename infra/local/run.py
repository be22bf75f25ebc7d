"""`make run`: the whole system in this process, with a town in it that has lived through its last two days."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from infra.local.postgres.errors import PostgresError
from infra.local.postgres.provision import Databases
from infra.local.secret import Secrets, secrets_in
from infra.local.system import LocalSystem, databases_in, free_base_port, open_services
from infra.local.town import boulogne, brighton, turnhout
from infra.local.town.load import PASSWORD, SignIn
from infra.local.week.play import Calendar, Play
from infra.local.week.stage import Stage
from shared.auth.roles import Role
from shared.clock import SetClock
from shared.telemetry.logging import configure_logging

FOLDER = Path(__file__).resolve().parents[2] / ".vesper" / "town"
FIRST_PORT = 8000
_SEED = 7
_LIVED = timedelta(days=2)
# Families who call in the last minutes: their offers still wait for an answer when a newcomer looks.
_JUST_NOW = timedelta(minutes=4)
_SHOWN = {
    "brighton": {Role.DISPATCHER, Role.CARER, Role.CLERK, Role.FAMILY, Role.ADMIN},
    "turnhout": {Role.DISPATCHER, Role.CARER},
    "boulogne": {Role.DISPATCHER, Role.CARER},
}


def main() -> int:
    """Start, say where to look and whom to sign in as, and stay until Ctrl-C."""
    configure_logging("vesper", level="WARNING")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        with databases_in(FOLDER) as databases, _known_as_running(databases):
            secret = secrets_in(FOLDER)
            sign_ins = load_town(databases, secret, FOLDER)
            if not stop.is_set():
                _serve(databases, secret, sign_ins, stop)
    except (PostgresError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def load_town(databases: Mapping[str, Databases], secret: Secrets, folder: Path) -> list[SignIn]:
    """The town, loaded the first time only; a load that was cut short goes on. Says whom to sign in as."""
    now = datetime.now(UTC)
    opens_at = now - _LIVED
    here = now.astimezone(ZoneInfo("Europe/London")).date()
    monday = here - timedelta(days=here.weekday())
    calendar = Calendar(
        monday=monday, opens_at=opens_at, ends_on=monday + timedelta(days=13), last_calls_at=now - _JUST_NOW
    )
    clock = SetClock(opens_at)
    running = open_services(databases, clock=clock, key_secret=secret.key)
    try:
        stage = Stage(running, clock)
        play = Play(stage, (brighton.town(), turnhout.town(), boulogne.town()), calendar, _SEED)
        loaded = folder / "loaded"
        if not loaded.exists():
            _say("Loading three desks: their last two days are played, which takes a moment")
            play.open_desks()
            play.until(now)
        sign_ins = [each for loader in play.loaders for each in loader.register_accounts()]
        stage.settle()
        loaded.touch()
        return sign_ins
    finally:
        for each in running.values():
            each.close()


def _serve(databases: Mapping[str, Databases], secret: Secrets, sign_ins: list[SignIn], stop: threading.Event) -> None:
    begun = time.monotonic()
    system = LocalSystem(databases, secret, free_base_port(int(os.environ.get("VESPER_BASE_PORT", FIRST_PORT))))
    system.start()
    _say(f"{_addresses(system)}\n{_people(sign_ins)}\n\nReady in {time.monotonic() - begun:.1f} s. Ctrl-C stops it.")
    stop.wait()
    _say("Stopping …")
    system.close()


def _addresses(system: LocalSystem) -> str:
    pages = f"\nVesper is at {system.urls['web']}\n\nThe services' APIs, each with its own documentation:"
    apis = [f"  {name:<10}{url}/docs" for name, url in system.urls.items() if name != "web"]
    return "\n".join((pages, *apis))


def _people(sign_ins: list[SignIn]) -> str:
    lines = [f"\nSign in with the password “{PASSWORD}” as:"]
    for slug, roles in _SHOWN.items():
        for role in Role:
            first = next((each for each in sign_ins if each.slug == slug and each.role == role), None)
            if first is not None and role in roles:
                lines.append(f"  {first.email:<38}{role:<12}{first.desk}")
    return "\n".join((*lines, "Every other carer and family of the towns has an account of the same kind."))


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
