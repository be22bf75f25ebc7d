"""`make dead-letters`: what died at any service of the one-machine system; `--replay` handles it again."""

import contextlib
import sys
from collections.abc import Iterator, Mapping

from infra.local.holding import holding, is_held
from infra.local.run import FOLDER
from infra.local.system import SERVICES, databases_in
from shared.bus.dead_letter_desk import main as dead_letter_desk
from shared.service import RunningService
from shared.telemetry.logging import configure_logging


def main() -> int:
    """List or replay the dead letters of every service, whether `make run` is running or not."""
    configure_logging("vesper", level="WARNING")
    with _app_urls() as urls:
        for service in SERVICES:
            running = RunningService(service, service.settings_class(database_url=urls[service.name]))
            dead_letter_desk(running.receiver, sys.argv[2:])
            running.close()
    return 0


@contextlib.contextmanager
def _app_urls() -> Iterator[Mapping[str, str]]:
    if is_held(FOLDER):
        yield dict(line.split(maxsplit=1) for line in (FOLDER / "running").read_text().splitlines())
        return
    with holding(FOLDER), databases_in(FOLDER) as databases:
        yield {name: each.app_url for name, each in databases.items()}
