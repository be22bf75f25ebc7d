"""A private PostgreSQL in a folder of the user's: made at the first start, continued at every other."""

import contextlib
import fcntl
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from sqlalchemy.engine import URL

from infra.local.postgres.binaries import Binaries, choose_binaries
from infra.local.postgres.errors import PostgresError
from infra.local.postgres.passwords import Passwords, passwords, secret_file
from infra.local.postgres.places import Place, forget, give, new_data_folder, settle

ADMIN = "postgres"

_HOST = "127.0.0.1"
_START_WITHIN = 120.0
_STOP_WITHIN = 60.0
# Below the range from which systems take ports for outgoing connections, so that a stopped cluster's stays free.
_PORTS = range(15000, 30000)

_SETTINGS = {
    "listen_addresses": _HOST,
    "unix_socket_directories": "",
    "max_connections": "300",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}
# Commits stay synchronous: without that a killed server forgets the last of them, which a test of an outage would take
# for a fault of ours; with fsync off it costs a write to memory.
_FORGETFUL = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
}


class Cluster:
    """A running private PostgreSQL. Close it: it outlives the process that started it otherwise."""

    def __init__(self, place: Place, binaries: Binaries, settings: Mapping[str, str], lock: IO[str]) -> None:
        """Made by `start`, which holds the folder's lock."""
        self.folder = place.folder
        self.data = place.data
        self.version = binaries.version
        self.port = 0
        self._place = place
        self._binaries = binaries
        self._settings = settings
        self._lock = lock
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def passwords(self) -> Passwords:
        """The passwords of this cluster's roles."""
        return passwords(self.folder)

    @property
    def admin_url(self) -> str:
        """The superuser's SQLAlchemy URL."""
        url = URL.create("postgresql+psycopg", ADMIN, self.passwords.of(ADMIN), _HOST, self.port, "postgres")
        return url.render_as_string(hide_password=False)

    @property
    def running(self) -> bool:
        """Whether the server is up."""
        return self._process is not None and self._process.poll() is None

    def resume(self) -> None:
        """Start the server, after a stop on the port it had; returns when it answers. Raises PostgresError."""
        if self.running:
            return
        candidates = [self.port] if self.port else _free_ports()
        for port in candidates:
            if said := self._launch(port):
                if "could not create any TCP/IP sockets" not in said:
                    raise PostgresError(f"PostgreSQL {self.version} did not start in {self.data}. It said:\n{said}")
            else:
                self.port = port
                return
        raise PostgresError(f"PostgreSQL found no free port on {_HOST}; it tried {', '.join(map(str, candidates))}.")

    def stop(self) -> None:
        """A clean stop: open transactions are rolled back, everything committed is on disk."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """A stop as in a crash; the next start recovers from the log."""
        self._end(signal.SIGQUIT)

    @contextlib.contextmanager
    def outage(self) -> Iterator[None]:
        """The server is down inside this block, as after a crash, and back on the same port after it."""
        self.kill()
        try:
            yield
        finally:
            self.resume()

    def close(self) -> None:
        """Stop the server and let the folder go."""
        self.stop()
        self._lock.close()

    def __enter__(self) -> Self:
        """The cluster itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close."""
        self.close()

    def _launch(self, port: int) -> str:
        """Start on this port and wait; empty when the server is ready, else what it said before it gave up."""
        options = [f"--{name}={value}" for name, value in {**self._settings, "port": str(port)}.items()]
        with _open_private(self._place.log, "ab") as log:
            began = log.tell()
            self._process = subprocess.Popen(
                [self._binaries.postgres, "-D", self.data, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C reaches the whole session: the services finish what they do before the server goes.
                start_new_session=True,
                **_as_account(self._place),
            )
        deadline = time.monotonic() + _START_WITHIN
        while time.monotonic() < deadline:
            try:
                self._process.wait(0.02)
            except subprocess.TimeoutExpired:
                if _ready(self.data, self._process.pid):
                    return ""
            else:
                break
        self.kill()
        with self._place.log.open("rb") as log:
            log.seek(began)
            return log.read().decode(errors="replace").strip() or "nothing"

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(how)
        try:
            self._process.wait(_STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
        self._process = None


def start(
    folder: Path,
    *,
    durable: bool = True,
    binaries: Sequence[Binaries] | None = None,
    settings: Mapping[str, str] | None = None,
) -> Cluster:
    """A running cluster on the data of this folder, made if there is none.

    It listens on a free port of the loopback, admits nobody without a password, and never runs as root. `durable=False`
    is for tests: faster, and lost with the machine. `binaries` narrows the choice, `settings` adds to the server's.
    Raises PostgresError: already running, no fitting binaries, the data out of reach, or what the server itself says.
    """
    place = settle(folder)
    lock = _lock(place.folder)
    try:
        if place.version() is not None and not secret_file(place.folder).exists():
            raise PostgresError(
                f"{secret_file(place.folder)} is gone, and with it the passwords of the data in {place.data}. "
                "Bring it back from a copy, or choose another folder to begin anew."
            )
        chosen = choose_binaries(place, binaries)
        if place.version() is None:
            _initialise(place, chosen, durable=durable)
        _clear_leftover(place.data)
        cluster = Cluster(place, chosen, {**_SETTINGS, **({} if durable else _FORGETFUL), **(settings or {})}, lock)
        cluster.resume()
    except BaseException:
        lock.close()
        raise
    return cluster


def discard(folder: Path) -> None:
    """Remove a folder's cluster with all its data, stopping a server whose starter died.

    Raises PostgresError while the cluster is in use.
    """
    place = settle(folder)
    with _lock(place.folder):
        _clear_leftover(place.data)
        forget(place)


def _initialise(place: Place, binaries: Binaries, *, durable: bool) -> None:
    fresh = new_data_folder(place)
    password = place.base / "data.password"
    with _open_private(password, "w") as file:
        file.write(passwords(place.folder).of(ADMIN))
    give(password, place.account)
    command = [str(binaries.initdb), "-D", str(fresh), f"--username={ADMIN}", f"--pwfile={password}", "--encoding=UTF8"]
    command += ["--auth=scram-sha-256", *([] if durable else ["--no-sync"])]
    # From 17 on PostgreSQL brings C.UTF-8 itself; before, a system without it (musl, macOS) has plain C.
    own_locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    locales = [own_locale] if binaries.major >= 17 else [["--locale=C.UTF-8"], ["--locale=C"]]
    try:
        for locale in locales:
            made = subprocess.run([*command, *locale], capture_output=True, text=True, **_as_account(place))
            if made.returncode == 0:
                fresh.rename(place.data)
                return
    finally:
        password.unlink()
    raise PostgresError(
        f"PostgreSQL {binaries.version} could not make its data in {place.base}. It said:\n{made.stderr}"
    )


def _as_account(place: Place) -> dict[str, Any]:
    """How every program of PostgreSQL is run: nothing of the caller's environment, and never as root."""
    how: dict[str, Any] = {"cwd": "/", "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}}
    if place.account is not None:
        how |= {"user": place.account.uid, "group": place.account.gid, "extra_groups": []}
    return how


def _lock(folder: Path) -> IO[str]:
    lock = _open_private(folder / "lock", "a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        lock.close()
        raise PostgresError(
            f"PostgreSQL in {folder} is already running, started by process {holder}. Stop that one first, "
            "or choose another folder."
        ) from None
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def _clear_leftover(data: Path) -> None:
    """Stop the server of a starter that died; make a pid file of another life harmless. The caller holds the lock."""
    pid_file = data / "postmaster.pid"
    pid = _pid(pid_file)
    if pid is None or not _alive(pid):
        return
    if not _serves(pid, data):
        # The number went to another program. The server takes its parent's number for stale, and still checks the
        # shared memory the file names, which it couldn't if the file were gone.
        _, _, rest = pid_file.read_text().partition("\n")
        pid_file.write_text(f"{os.getpid()}\n{rest}")
        return
    os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + _STOP_WITHIN
    while _alive(pid) and pid_file.exists():
        if time.monotonic() > deadline:
            raise PostgresError(
                f"An earlier PostgreSQL (process {pid}) still runs in {data} and does not stop. Stop it."
            )
        time.sleep(0.02)


def _serves(pid: int, data: Path) -> bool:
    if not Path("/proc/self").exists():
        command = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return str(data) in command.stdout
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd")) == data
    except OSError:
        return False


def _pid(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _ready(data: Path, pid: int) -> bool:
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def _free_ports() -> list[int]:
    free = []
    for port in random.sample(_PORTS, 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((_HOST, port))
                free.append(port)
        if len(free) == 5:
            break
    return free


def _open_private(path: Path, mode: str) -> IO[Any]:
    return open(path, mode, opener=lambda name, flags: os.open(name, flags, 0o600))
