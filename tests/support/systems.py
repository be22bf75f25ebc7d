"""The whole system for a test: in one process, or as separate processes on real PostgreSQL and Kafka; used alike."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from infra.kafka.broker import Broker
from infra.kafka.distribution import KafkaMissing
from infra.local.base_port import free_base_port
from infra.local.postgres.cluster import Cluster, discard
from infra.local.postgres.provision import Databases
from infra.local.processes import LocalProcesses, free_ports, ground, table
from infra.local.secret import Secrets
from infra.local.system import NAMES, PORTS, LocalSystem
from tests.support.postgres import Server, folder_for_a_cluster

SECRET = Secrets(cookie="a secret of the tests that signs cookies", key="a secret of the tests that seals signing keys")


class System(Protocol):
    """A running Vesper: where it answers, its databases, and one of its workers that may rest for a while."""

    @property
    def urls(self) -> Mapping[str, str]: ...

    @property
    def databases(self) -> Mapping[str, Databases]: ...

    def stop_worker(self, service: str) -> None:
        """Nothing this service says is delivered, and no timer of its runs, until it is started again."""
        ...

    def start_worker(self, service: str) -> None: ...


class OneProcess:
    """Everything in this process, the outbox as the bus."""

    def __init__(self, system: LocalSystem, databases: Mapping[str, Databases]) -> None:
        self._system = system
        self.databases = databases
        self.urls = system.urls

    def stop_worker(self, service: str) -> None:
        self._system.stop_worker(service)

    def start_worker(self, service: str) -> None:
        self._system.start_worker(service)


class SeparateProcesses:
    """The processes of docker-compose.yml; its PostgreSQL and its broker are its own and may be ended and revived."""

    def __init__(
        self, processes: LocalProcesses, databases: Mapping[str, Databases], cluster: Cluster, broker: Broker | None
    ) -> None:
        self.processes = processes
        self.databases = databases
        self.cluster = cluster
        self.urls = processes.urls
        self._broker = broker

    @property
    def broker(self) -> Broker:
        """The broker of its own. Raises KafkaMissing on one that belongs to others."""
        if self._broker is None:
            raise KafkaMissing("the tests' broker belongs to others; it may not be ended")
        return self._broker

    def stop_worker(self, service: str) -> None:
        self.processes.kill(f"{service}-worker")

    def start_worker(self, service: str) -> None:
        self.processes.revive(f"{service}-worker")


@contextmanager
def one_process(server: Server) -> Iterator[OneProcess]:
    """The system `make run` starts, on fresh databases."""
    with ExitStack() as stack:
        databases = {name: stack.enter_context(server.service_database(name)) for name in NAMES}
        system = LocalSystem(databases, SECRET, free_base_port(PORTS, 18_000))
        system.start()
        try:
            yield OneProcess(system, databases)
        finally:
            system.close()


@contextmanager
def separate_processes(
    bootstrap_servers: str | None = None, *, on_disk: bool = False, settings: Mapping[str, str] | None = None
) -> Iterator[SeparateProcesses]:
    """The system `make up-local` starts, empty; on its own broker unless another one is named.

    In memory and forgetful, unless it is to be `on_disk` as in earnest; `settings` are added to PostgreSQL's.
    Raises KafkaMissing.
    """
    logs = Path(tempfile.mkdtemp(prefix="vesper-logs-"))
    folder = (
        Path(tempfile.mkdtemp(prefix="vesper-processes-")) if on_disk else folder_for_a_cluster("vesper-processes-")
    )
    try:
        with ground(folder / "ground", bootstrap_servers=bootstrap_servers, keep=on_disk, settings=settings) as under:
            chosen = table(
                databases=under.databases, bootstrap_servers=under.bootstrap_servers, secret=SECRET, on=free_ports()
            )
            with LocalProcesses(logs, chosen) as processes:
                yield SeparateProcesses(processes, under.databases, under.cluster, under.broker)
    finally:
        if on_disk:
            discard(folder / "ground" / "postgres")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(logs, ignore_errors=True)
