"""The many-machines system on one machine: what docker-compose.yml and k8s/ run, as operating-system processes."""

import contextlib
import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.error import URLError

from infra.kafka.broker import Broker
from infra.local.postgres.cluster import Cluster, discard, start
from infra.local.postgres.provision import Databases, provision
from infra.local.secret import Secrets

SERVICES = ("request", "matching", "roster", "billing", "identity")
HOST = "127.0.0.1"
ROOT = Path(__file__).resolve().parents[2]

_READY_WITHIN = 60.0
_DONE_WITHIN = 120.0
_STOP_WITHIN = 15.0
# Below the range from which systems take ports for outgoing connections.
_FREE_FROM = range(15_000, 30_000)
# What a process gets of the environment of whoever starts it; everything of Vesper's own is in the table.
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
_PR_SET_PDEATHSIG = 1


class ProcessFailed(Exception):
    """A process ended or never became ready; the message says which and how its log ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process: its name in docker-compose.yml, its command, its environment, the port its /readyz is on.

    Without a port it is a job: it has to end with success before anything after it starts.
    """

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    port: int | None = None
    stage: int = 0


def ports(offset: int = 0) -> dict[str, int]:
    """The port of every API (web's is 8000) and of every worker's metrics, all moved by `offset`."""
    of_apis = {f"{service}-api": 8001 + offset + index for index, service in enumerate(SERVICES)}
    of_workers = {f"{service}-worker": 9001 + offset + index for index, service in enumerate(SERVICES)}
    return {"web": 8000 + offset} | of_apis | of_workers


def free_ports() -> dict[str, int]:
    """The same names as `ports()`, on ports nobody listens on now."""
    names = list(ports())
    with contextlib.ExitStack() as held:
        found: list[int] = []
        for port in secrets.SystemRandom().sample(_FREE_FROM, len(_FREE_FROM)):
            probe = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                probe.bind((HOST, port))
                found.append(port)
            if len(found) == len(names):
                break
    return dict(zip(names, found, strict=True))


def table(
    *, databases: Mapping[str, Databases], bootstrap_servers: str, secret: Secrets, on: Mapping[str, int]
) -> tuple[Process, ...]:
    """Every process of the system in starting order, as docker-compose.yml has them; `on` is as from `ports()`."""
    python = ("python", "-m")
    kafka = {"VESPER_KAFKA_BOOTSTRAP_SERVERS": bootstrap_servers}
    platform = {
        **kafka,
        "VESPER_JWKS_URL": f"http://{HOST}:{on['identity-api']}/.well-known/jwks.json",
        "VESPER_HTTP_HOST": HOST,
    }
    topics = {**kafka, "VESPER_KAFKA_REPLICATION_FACTOR": "1"}
    jobs = [Process(name="topics", command=(*python, "infra.kafka", "topics"), env=topics)]
    running = []
    for service in SERVICES:
        module = (*python, f"services.{service}")
        owner = {"VESPER_OWNER_DATABASE_URL": databases[service].owner_url}
        app = {**platform, "VESPER_DATABASE_URL": databases[service].app_url}
        of_worker = {}
        if service == "identity":
            app |= {"VESPER_KEY_SECRET": secret.key}
            of_worker = {"VESPER_PUBLIC_URL": f"http://{HOST}:{on['web']}"}
        api, worker = on[f"{service}-api"], on[f"{service}-worker"]
        jobs.append(Process(name=f"{service}-migrate", command=(*module, "migrate"), env=owner))
        running += [
            Process(
                name=f"{service}-api",
                command=(*module, "api"),
                env={**app, "VESPER_HTTP_PORT": str(api)},
                port=api,
                stage=1,
            ),
            Process(
                name=f"{service}-worker",
                command=(*module, "worker"),
                env={**app, **of_worker, "VESPER_METRICS_PORT": str(worker)},
                port=worker,
                stage=1,
            ),
        ]
    addresses = {f"VESPER_{service.upper()}_URL": f"http://{HOST}:{on[f'{service}-api']}" for service in SERVICES}
    web = Process(
        name="web",
        command=(*python, "services.web", "api"),
        env={
            **platform,
            **addresses,
            "VESPER_HTTP_PORT": str(on["web"]),
            "VESPER_COOKIE_SECRET": secret.cookie,
        },
        port=on["web"],
        stage=2,
    )
    return (*jobs, *running, web)


class LocalProcesses:
    """The processes of a table, started stage by stage, each writing to `<folder>/<name>.log`.

    Linux ends a child when the thread that started it ends, so start them from a thread that outlives their use.
    """

    def __init__(self, folder: Path, processes: Sequence[Process]) -> None:
        """Nothing runs yet."""
        self.folder = folder
        self._processes = {process.name: process for process in processes}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        # Where the kernel doesn't end the children with their parent, the interpreter's exit does.
        self._kill_at_exit = weakref.finalize(self, _kill_all, self._running)

    @property
    def urls(self) -> dict[str, str]:
        """Where each service's API answers, by the service's name, and the pages as `web`."""
        return {
            name.removesuffix("-api"): self.url(name)
            for name, process in self._processes.items()
            if process.port is not None and not name.endswith("-worker")
        }

    def url(self, name: str) -> str:
        """Where one process answers /healthz, /readyz and /metrics: an API, a worker, or web."""
        return f"http://{HOST}:{self._processes[name].port}"

    def process(self, name: str) -> subprocess.Popen[bytes]:
        """The operating system's process of that name, to look at or to end. Raises KeyError before it was started."""
        return self._running[name]

    def log(self, name: str) -> Path:
        """Where the process writes what it has to say."""
        return self.folder / f"{name}.log"

    def start(self) -> None:
        """Run the jobs to their end, then everything else until each says it is ready. Raises ProcessFailed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            for stage in sorted({process.stage for process in self._processes.values()}):
                together = [process for process in self._processes.values() if process.stage == stage]
                for process in together:
                    self._launch(process)
                for process in together:
                    self._wait(process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End everything, the last stage first: a worker finishes its message, and who takes too long is killed."""
        for stage in sorted({process.stage for process in self._processes.values()}, reverse=True):
            together = [self._running[n] for n, p in self._processes.items() if p.stage == stage and n in self._running]
            for running in together:
                running.terminate()
            deadline = time.monotonic() + _STOP_WITHIN
            for running in together:
                try:
                    running.wait(max(0.0, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    _kill(running)

    def kill(self, name: str) -> None:
        """End one process as a crash would: SIGKILL."""
        _kill(self._running[name])

    def revive(self, name: str) -> None:
        """Start one process again, ended or not, and wait until it is ready. Raises ProcessFailed."""
        self.kill(name)
        self._launch(self._processes[name])
        self._wait(self._processes[name])

    def ended(self) -> list[str]:
        """The names of those that should be running and are not."""
        return [n for n, running in self._running.items() if self._processes[n].port and running.poll() is not None]

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    def _launch(self, process: Process) -> None:
        program, *arguments = process.command
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        with self.log(process.name).open("ab") as log:
            running = subprocess.Popen(
                [sys.executable if program == "python" else program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env={**inherited, "PYTHONUNBUFFERED": "1", **process.env},
                # Ctrl-C reaches whoever started the system, who ends the processes in order.
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        self._running[process.name] = running

    def _wait(self, process: Process) -> None:
        if process.port is None:
            self._wait_for_end(process)
            return
        running = self._running[process.name]
        deadline = time.monotonic() + _READY_WITHIN
        while time.monotonic() < deadline:
            if running.poll() is not None:
                raise ProcessFailed(f"{process.name} ended with {running.returncode}. {self._tail(process.name)}")
            if _answers(f"{self.url(process.name)}/readyz"):
                return
            time.sleep(0.05)
        raise ProcessFailed(f"{process.name} was not ready after {_READY_WITHIN:.0f} s. {self._tail(process.name)}")

    def _wait_for_end(self, job: Process) -> None:
        running = self._running[job.name]
        try:
            running.wait(_DONE_WITHIN)
        except subprocess.TimeoutExpired:
            raise ProcessFailed(f"{job.name} took over {_DONE_WITHIN:.0f} s. {self._tail(job.name)}") from None
        if running.returncode != 0:
            raise ProcessFailed(f"{job.name} ended with {running.returncode}. {self._tail(job.name)}")

    def _tail(self, name: str) -> str:
        said = self.log(name).read_text(encoding="utf-8", errors="replace")[-4000:]
        return f"The end of {self.log(name)}:\n{said}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the processes stand on: a PostgreSQL with a database per service, and a Kafka (None: somebody else's)."""

    cluster: Cluster
    databases: Mapping[str, Databases]
    broker: Broker | None
    bootstrap_servers: str


@contextlib.contextmanager
def ground(
    folder: Path,
    *,
    bootstrap_servers: str | None = None,
    keep: bool = False,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Ground]:
    """A PostgreSQL of its own in `folder` and a Kafka: the named one, else one of its own.

    With `keep` both go on with what they had and keep it; without, they begin empty and leave nothing. `settings` are
    added to PostgreSQL's. Raises PostgresError or KafkaMissing, which say what to do.
    """
    with contextlib.ExitStack() as stack:
        if not keep:
            discard(folder / "postgres")
            stack.callback(discard, folder / "postgres")
        cluster = stack.enter_context(start(folder / "postgres", durable=keep, settings=settings))
        broker = None if bootstrap_servers else stack.enter_context(Broker(folder / "kafka" if keep else None))
        yield Ground(
            cluster=cluster,
            databases=provision(cluster.admin_url, SERVICES, folder=folder / "postgres"),
            broker=broker,
            bootstrap_servers=bootstrap_servers or broker.bootstrap_servers,  # type: ignore[union-attr]
        )


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def _kill_all(running: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for process in running.values():
        _kill(process)
