"""`python -m tests.support.diary writer|reader|both|dead-letters`: the services as processes that tests may kill.

Prints "ready" once it runs. With STOP_AT it prints "stopped" when its relay is about to publish, or has published and
not yet marked, and stays there: whoever kills it knows where it stood.
"""

import os
import signal
import sys
import threading
from collections.abc import Sequence

from shared.bus.consumer import Consumer
from shared.bus.dead_letter_desk import main as dead_letter_desk
from shared.bus.kafka import KafkaPublisher
from shared.bus.local import LocalPublisher
from shared.bus.relay import Publisher
from shared.messages import Message
from shared.service import Bus, RunningService, Worker
from shared.settings import ServiceSettings
from shared.telemetry.logging import configure_logging
from tests.support.diary.service import diary, reader

BEFORE, AFTER = "before-publish", "after-publish"


class StoppingPublisher:
    """Publishes, but stops for ever before or after it."""

    def __init__(self, publisher: Publisher, stop_at: str) -> None:
        self._publisher = publisher
        self._stop_at = stop_at

    def publish(self, messages: Sequence[Message]) -> None:
        if self._stop_at == BEFORE:
            _stop()
        self._publisher.publish(messages)
        if self._stop_at == AFTER:
            _stop()


def _stop() -> None:
    say("stopped")
    threading.Event().wait()


def say(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def main(role: str) -> int:
    """Run until SIGTERM, or until a worker fails."""
    configure_logging("diary")
    writes, reads = _running()
    if role == "dead-letters":
        dead_letter_desk(reads.receiver, sys.argv[2:])
        return 0
    servers, stop_at = os.environ.get("KAFKA", ""), os.environ.get("STOP_AT", "")
    publisher: Publisher
    workers = []
    if role in ("writer", "both"):
        publisher = KafkaPublisher(servers, "diary") if servers else LocalPublisher({"reader": reads.receiver})
        workers.append(Worker(writes, Bus(StoppingPublisher(publisher, stop_at), None)))
    if role in ("reader", "both"):
        publisher = KafkaPublisher(servers, "reader") if servers else LocalPublisher({})
        workers.append(Worker(reads, Bus(publisher, Consumer(servers, reads.receiver) if servers else None)))
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    for worker in workers:
        worker.start()
    say("ready")
    while not told.wait(0.05) and not any(worker.stop.is_set() for worker in workers):
        pass
    for worker in workers:
        worker.shut_down()
    failed = any(worker.failed for worker in workers)
    if failed:
        os._exit(1)
    writes.close()
    reads.close()
    return 0


def _running() -> tuple[RunningService, RunningService]:
    names = os.environ["WRITER"], os.environ["READER"]
    limit = int(os.environ.get("DEAD_LETTER_LIMIT", "100"))
    writes = ServiceSettings(database_url=os.environ["WRITER_DATABASE"])
    reads = ServiceSettings(database_url=os.environ["READER_DATABASE"], dead_letter_limit=limit)
    return RunningService(diary(names[0]), writes), RunningService(reader(names[1], hears=names[0]), reads)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
