"""A service's whole start-up: one description in, a running API or worker out."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event as Signal
from typing import Any

import psycopg
from fastapi import APIRouter, FastAPI
from kafka import KafkaAdminClient
from kafka.errors import KafkaError
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from shared.auth.roles import desk_itself
from shared.auth.tokens import FetchedKeys, Keys, TokenVerifier
from shared.bus.consumer import Consumer
from shared.bus.dead_letter_desk import main as dead_letter_desk
from shared.bus.kafka import KafkaPublisher
from shared.bus.receiver import Receiver
from shared.bus.relay import Relay
from shared.bus.subscriptions import Subscriptions
from shared.clock import Clock, Ids, RandomIds, SystemClock
from shared.commands import TRY_LATER, Runner
from shared.db.backlog import measure
from shared.db.engine import AWAY, make_engine
from shared.db.migrate import migrate
from shared.db.outbox import OUTBOX_CHANNEL
from shared.db.retention import Prune, prune
from shared.db.timers import TIMERS_CHANNEL
from shared.http.app import Check, make_app
from shared.http.serving import server_of
from shared.settings import ServiceSettings
from shared.telemetry.logging import configure_logging, log_of
from shared.timers import TimerRunner, Timers

log = log_of(__name__)

_STUCK_AFTER_SECONDS = 120.0
_MEASURE_EVERY_SECONDS = 2.0
_CHORES_EVERY_SECONDS = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What one service is: its routes, what it hears, what it does on time, and its settings.

    `effects` run beside the timers in the worker: work whose result leaves the database, such as sending a message.
    `chores` are done every ten minutes. `prepare` gives its app more state than every app has.
    """

    name: str
    routers: Sequence[APIRouter]
    subscriptions: Subscriptions
    timers: Timers
    settings_class: type[ServiceSettings] = ServiceSettings
    effects: Sequence[Callable[["RunningService"], int]] = ()
    chores: Sequence[Callable[["RunningService"], int]] = ()
    prepare: Callable[["RunningService"], Mapping[str, Any]] = field(default=lambda running: {})


class RunningService:
    """A service with its database, clock and ids: what the API, the worker and the one-machine system share."""

    def __init__(
        self, service: Service, settings: ServiceSettings, *, clock: Clock | None = None, ids: Ids | None = None
    ) -> None:
        self.service = service
        self.settings = settings
        self.engine: Engine = make_engine(settings.database_url, pool_size=settings.pool_size)
        self.sessions: sessionmaker[Session] = sessionmaker(self.engine, expire_on_commit=False)
        self.clock = clock or SystemClock()
        released = Signal()
        self.runner = Runner(service.name, self.sessions, self.clock, ids or RandomIds(), on_released=released.set)
        self.receiver = Receiver(
            runner=self.runner,
            subscriptions=service.subscriptions,
            dead_letter_limit=settings.dead_letter_limit,
            dead_letter_window=timedelta(seconds=settings.dead_letter_window_seconds),
            parked_limit=timedelta(seconds=settings.parked_limit_seconds),
            released=released,
        )
        self.timers = TimerRunner(self.runner, service.timers)

    def app(self, checks: Mapping[str, Check], keys: Keys | None = None) -> FastAPI:
        """The HTTP app. `keys` verify tokens; without them they are fetched from the settings' JWKS address."""
        settings = self.settings
        verifier = TokenVerifier(
            keys or FetchedKeys(settings.jwks_url),
            issuer=settings.token_issuer,
            audience=settings.token_audience,
            role_claim=settings.role_claim,
            desk_claim=settings.desk_claim,
            person_claim=settings.person_claim,
        )
        state = {"runner": self.runner, "verifier": verifier, "running": self, **self.service.prepare(self)}
        return make_app(
            self.service.name,
            self.service.routers,
            {"database": self.check_database, **checks},
            body_limit_bytes=settings.body_limit_bytes,
            state=state,
        )

    def run_effects(self) -> int:
        """Do the work that leaves the database, once; says how much there was."""
        return sum(effect(self) for effect in self.service.effects)

    def prune(self) -> int:
        """Remove a batch of what was published, handled, fired, answered or died long ago; says how many rows went."""
        now = self.clock.now()
        command = Prune(
            before=now - timedelta(days=self.settings.retention_days),
            dead_letters_before=now - timedelta(days=self.settings.dead_letter_retention_days),
        )
        return self.runner.run(prune, command, caller=desk_itself(None))

    def check_database(self) -> str | None:
        """What is wrong with the database, or None."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError as error:
            return f"away ({type(error).__name__})."
        return None

    def close(self) -> None:
        self.engine.dispose()


class Worker:
    """The threads of one service's worker: relay, consumer, timers, effects, and the listener that wakes them.

    A thread that ends by itself ends the process: a worker that does half its work is worse than none.
    """

    def __init__(self, running: RunningService, bus: "Bus") -> None:
        self._running = running
        self._bus = bus
        self.stop = Signal()
        self.outbox_wake = Signal()
        self.timers_wake = Signal()
        self.failed: BaseException | None = None
        self._beats: dict[str, float] = {}
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start the threads."""
        running = self._running
        relay = Relay(running.engine, running.clock, self._bus.publisher)
        self._spawn("listener", self._listen)
        self._spawn("relay", lambda: relay.run(self.stop, self.outbox_wake, self._beat("relay")))
        self._spawn("timers", lambda: running.timers.run(self.stop, self.timers_wake, self._beat("timers")))
        if running.service.effects:
            self._spawn("effects", self._run_effects)
        if self._bus.consumer is not None:
            consumer = self._bus.consumer
            self._spawn("consumer", lambda: consumer.run(self.stop, beat=self._beat("consumer")))
        else:
            self._spawn("waiting", lambda: self._handle_waiting(self._beat("waiting")))
        self._spawn("backlog", self._measure_backlog)
        self._spawn("chores", self._do_chores)

    def shut_down(self) -> None:
        """Ask every thread to finish what it does, and wait for it."""
        self.stop.set()
        self.outbox_wake.set()
        self.timers_wake.set()
        for thread in self._threads:
            thread.join(timeout=20)

    def check_beats(self) -> str | None:
        """Which thread has not come round for two minutes, or has ended; a stuck worker should be restarted."""
        if self.failed is not None:
            return f"ended ({self.failed!r})."
        late = [name for name, at in list(self._beats.items()) if time.monotonic() - at > _STUCK_AFTER_SECONDS]
        return f"stuck ({', '.join(late)})." if late else None

    def _beat(self, name: str) -> Callable[[], None]:
        def beat() -> None:
            self._beats[name] = time.monotonic()

        beat()
        return beat

    def _spawn(self, name: str, target: Callable[[], None]) -> None:
        def guarded() -> None:
            try:
                target()
            except BaseException as error:
                if not self.stop.is_set():
                    log.critical("thread ended", thread=name, exc_info=error)
                    self.failed = error
                    self.stop.set()

        thread = threading.Thread(target=guarded, name=f"{self._running.service.name}-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _run_effects(self) -> None:
        beat = self._beat("effects")
        while not self.stop.is_set():
            try:
                done = self._running.run_effects()
            except TRY_LATER as error:
                log.warning("effects wait", error=repr(error))
                done = 0
            beat()
            if not done:
                self.stop.wait(0.5)

    def _handle_waiting(self, beat: Callable[[], None]) -> None:
        # The relays of other services call the receiver; this only sweeps up one parked as its cause arrived.
        while not self.stop.wait(2.0):
            try:
                self._running.receiver.handle_waiting()
            except TRY_LATER as error:
                log.warning("parked messages wait", error=repr(error))
            beat()

    def _measure_backlog(self) -> None:
        running = self._running
        while not self.stop.wait(_MEASURE_EVERY_SECONDS):
            with contextlib.suppress(*AWAY):
                measure(running.service.name, running.sessions, running.clock)

    def _do_chores(self) -> None:
        running = self._running
        while not self.stop.wait(_CHORES_EVERY_SECONDS):
            try:
                for chore in running.service.chores:
                    chore(running)
                while running.prune() and not self.stop.is_set():
                    pass
            except TRY_LATER as error:
                log.warning("chores wait", error=repr(error))

    def _listen(self) -> None:
        _, where = self._running.engine.dialect.create_connect_args(self._running.engine.url)
        while not self.stop.is_set():
            try:
                with psycopg.connect(**where, connect_timeout=3, autocommit=True) as connection:
                    connection.execute(f"LISTEN {OUTBOX_CHANNEL}")
                    connection.execute(f"LISTEN {TIMERS_CHANNEL}")
                    # What was said while nobody listened.
                    self.outbox_wake.set()
                    self.timers_wake.set()
                    self._wake_on_notices(connection)
            except psycopg.Error as error:
                log.warning("listener waits", error=repr(error))
                self.stop.wait(1.0)

    def _wake_on_notices(self, connection: psycopg.Connection[Any]) -> None:
        while not self.stop.is_set():
            for notice in connection.notifies(timeout=1.0):
                (self.outbox_wake if notice.channel == OUTBOX_CHANNEL else self.timers_wake).set()


@dataclass(frozen=True, slots=True)
class Bus:
    """How a worker's messages travel: where its relay publishes, and its consumer if others' come by Kafka."""

    publisher: Any
    consumer: Consumer | None


def kafka_check(bootstrap_servers: str) -> Check:
    """Says whether the broker answers; asked at most every two seconds."""
    last: tuple[float, str | None] = (-10.0, None)

    def check() -> str | None:
        nonlocal last
        if time.monotonic() - last[0] > 2.0:
            last = (time.monotonic(), _ask_broker(bootstrap_servers))
        return last[1]

    return check


def _ask_broker(bootstrap_servers: str) -> str | None:
    try:
        KafkaAdminClient(bootstrap_servers=bootstrap_servers, bootstrap_timeout_ms=1500).close()
    except KafkaError as error:
        return f"away ({type(error).__name__}); what is asked for is kept and sent when it is back."
    return None


def main(service: Service) -> None:
    """`python -m services.<name> api|worker|migrate|dead-letters`."""
    commands = {"api": _serve_api, "worker": _serve_worker, "migrate": _migrate, "dead-letters": _dead_letters}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        sys.exit(f"usage: python -m services.{service.name} {'|'.join(commands)}")
    settings = service.settings_class()
    configure_logging(service.name, level=settings.log_level)
    commands[sys.argv[1]](service, settings)


def _serve_api(service: Service, settings: ServiceSettings) -> None:
    running = RunningService(service, settings)
    app = running.app({"bus": kafka_check(settings.kafka_bootstrap_servers)})
    server_of(app, settings.http_host, settings.http_port).run()
    running.close()


def _serve_worker(service: Service, settings: ServiceSettings) -> None:
    running = RunningService(service, settings)
    publisher = KafkaPublisher(settings.kafka_bootstrap_servers, service.name)
    consumer = Consumer(settings.kafka_bootstrap_servers, running.receiver) if service.subscriptions.topics else None
    worker = Worker(running, Bus(publisher, consumer))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop.set())
    worker.start()
    checks = {
        "database": running.check_database,
        "bus": kafka_check(settings.kafka_bootstrap_servers),
        "threads": worker.check_beats,
    }
    app = make_app(f"{service.name} worker", [], checks, body_limit_bytes=settings.body_limit_bytes, state={})
    watching = server_of(app, settings.http_host, settings.metrics_port)
    threading.Thread(target=watching.run, daemon=True).start()
    worker.stop.wait()
    worker.shut_down()
    watching.should_exit = True
    publisher.close()
    running.close()
    if worker.failed is not None:
        # Threads of the Kafka library may still be alive; the exit code must say that this worker broke.
        os._exit(1)


def _migrate(service: Service, settings: ServiceSettings) -> None:
    migrate(service.name, settings.owner_database_url)


def _dead_letters(service: Service, settings: ServiceSettings) -> None:
    dead_letter_desk(RunningService(service, settings).receiver, sys.argv[2:])
