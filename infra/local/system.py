"""The whole system in one process on one machine: six services, an embedded PostgreSQL and the outbox as their bus."""

import contextlib
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import uvicorn

from infra.local.base_port import HOST
from infra.local.postgres.cluster import start
from infra.local.postgres.provision import Databases, provision
from infra.local.secret import Secrets
from services.billing.service import SERVICE as BILLING
from services.identity.service import SERVICE as IDENTITY
from services.matching.service import SERVICE as MATCHING
from services.request.service import SERVICE as REQUEST
from services.roster.service import SERVICE as ROSTER
from services.web.live import Hub
from services.web.service import make_app as make_pages
from services.web.settings import WebSettings
from shared.bus.local import LocalPublisher
from shared.clock import Clock, Ids
from shared.db.migrate import migrate
from shared.http.serving import server_of
from shared.service import Bus, RunningService, Service, Worker

SERVICES: tuple[Service, ...] = (REQUEST, MATCHING, ROSTER, BILLING, IDENTITY)
NAMES = tuple(service.name for service in SERVICES)
# The pages at the base port, the services' APIs at those after it.
PORTS = range(len(NAMES) + 1)
_STREAMS_END_SECONDS = 2


@contextlib.contextmanager
def databases_in(folder: Path, *, durable: bool = True) -> Iterator[Mapping[str, Databases]]:
    """Five migrated databases: on the server DATABASE_URL names, else on a private cluster in this folder.

    Raises PostgresError with what to do when neither can be had.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        external = os.environ.get("DATABASE_URL", "") if durable else ""
        admin_url = external or stack.enter_context(start(folder / "postgres", durable=durable)).admin_url
        databases = provision(admin_url, NAMES, folder=folder / "postgres")
        for name, found in databases.items():
            migrate(name, found.owner_url)
        yield databases


def open_services(
    databases: Mapping[str, Databases], *, clock: Clock | None = None, ids: Ids | None = None, **settings: Any
) -> dict[str, RunningService]:
    """Every service on its database, with the same clock."""
    return {
        service.name: RunningService(
            service,
            service.settings_class(database_url=databases[service.name].app_url, **settings),
            clock=clock,
            ids=ids,
        )
        for service in SERVICES
    }


class SystemFailed(Exception):
    """A part of the system could not start, or ended by itself; the message says which."""


class LocalSystem:
    """Runs every API, every worker and the pages in this process."""

    def __init__(self, databases: Mapping[str, Databases], secret: Secrets, base_port: int) -> None:
        self.urls = {"web": f"http://{HOST}:{base_port}"} | {
            name: f"http://{HOST}:{base_port + 1 + index}" for index, name in enumerate(NAMES)
        }
        jwks = f"{self.urls['identity']}/.well-known/jwks.json"
        self.running = open_services(databases, jwks_url=jwks, key_secret=secret.key, public_url=self.urls["web"])
        self._hub = Hub()
        self._workers = {name: self._worker(name) for name in NAMES}
        self._servers = [self._server(self._api(name), self.urls[name]) for name in NAMES]
        addresses: dict[str, Any] = {f"{name}_url": self.urls[name] for name in NAMES}
        pages = make_pages(WebSettings(cookie_secret=secret.cookie, jwks_url=jwks, **addresses), self._hub)
        self._servers.append(self._server(pages, self.urls["web"]))
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start workers and servers; returns when every address answers. Raises SystemFailed."""
        for worker in self._workers.values():
            worker.start()
        for server in self._servers:
            thread = threading.Thread(target=server.run, name=f"http-{server.config.port}", daemon=True)
            thread.start()
            self._threads.append(thread)
        waiting = threading.Event()
        while not all(server.started for server in self._servers):
            self.check()
            waiting.wait(0.02)

    def check(self) -> None:
        """Raises SystemFailed when a worker or a server has ended by itself: half a system is worse than none."""
        for name, worker in self._workers.items():
            if worker.failed is not None:
                raise SystemFailed(
                    f"The worker of {name} ended: {worker.failed!r}. What it was doing is not lost; start again."
                )
        for server, thread in zip(self._servers, self._threads, strict=True):
            if not thread.is_alive():
                raise SystemFailed(
                    f"Nothing listens on port {server.config.port} any more, or another program was faster."
                )

    def close(self) -> None:
        """Stop taking requests, finish what runs, let go of the databases."""
        for server in self._servers:
            server.should_exit = True
        for thread in self._threads:
            thread.join(timeout=10)
        for worker in self._workers.values():
            worker.shut_down()
        for running in self.running.values():
            running.close()

    def stop_worker(self, name: str) -> None:
        """Let one service's worker rest: what it says waits in its outbox, what is due waits in its timers."""
        self._workers[name].shut_down()

    def start_worker(self, name: str) -> None:
        """Have a worker that rests go on."""
        self._workers[name] = self._worker(name)
        self._workers[name].start()

    def _api(self, name: str) -> Any:
        # One process, so an API tells of its worker too: nobody else would.
        return self.running[name].app({"threads": lambda: self._workers[name].check_beats()})

    def _worker(self, name: str) -> Worker:
        hears = {n: r.receiver for n, r in self.running.items() if name in r.service.subscriptions.topics}
        return Worker(self.running[name], Bus(LocalPublisher(hears, hint=self._hub.hint), None))

    def _server(self, app: Any, url: str) -> uvicorn.Server:
        port = int(url.rsplit(":", 1)[1])
        return server_of(app, HOST, port, graceful_seconds=_STREAMS_END_SECONDS)
