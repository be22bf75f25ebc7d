"""A real Apache Kafka on this machine's loopback: broker and controller in one Java process, gone with its parent."""

import contextlib
import ctypes
import fcntl
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import weakref
from pathlib import Path
from typing import IO, Self

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from infra.kafka.distribution import KafkaMissing, jars, java

# Below the range the kernel takes ports for outgoing connections from: a client that keeps trying a broker that is
# down could otherwise be given the broker's own port, connect to itself, and keep the broker from coming back.
PORTS = range(20_000, 30_000)
STARTING_SECONDS = 90.0
STOPPING_SECONDS = 20.0
# A small heap, and the compiler and collector that start fastest: a test broker lives for minutes.
JVM = ("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true")
PR_SET_PDEATHSIG = 1
FOLDER = "vesper-kafka-"

SERVER = """\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
num.partitions=1
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
log.index.size.max.bytes=1048576
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=2
"""

LOGGING = """\
status = error
rootLogger.level = warn
rootLogger.appenderRef.file.ref = file
appender.file.type = File
appender.file.name = file
appender.file.fileName = {log}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d %p %c %m%n
"""


class Broker:
    """One Kafka broker with its own data; it can be killed and brought back on the same address with the same data.

    Linux ends the Java process when the thread that started it ends, so start it from a thread that outlives its use.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Lay out the folder of data and settings; nothing runs yet.

        Its data goes with it, unless a `folder` is named to keep it in: the next broker in there goes on with it, on
        the same address. Raises KafkaMissing where Kafka can't be had or another broker uses the folder.
        """
        self._jars = jars()
        self._keeps = folder is not None
        self.folder = folder.resolve() if folder else _folder_that_goes()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "broker.log"
        self._lock = _locked(self.folder)
        if not self._keeps:
            self._remove_folder = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
            _remove_abandoned(self.folder.parent)
        self._properties = self.folder / "server.properties"
        self._process: subprocess.Popen[bytes] | None = None
        # A broker's own address is part of its data, so it stays; the folder may have been moved.
        port, controller_port = _ports_of(self._properties) or _free_ports(2)
        self.bootstrap_servers = f"127.0.0.1:{port}"
        self._properties.write_text(
            SERVER.format(port=port, controller_port=controller_port, data=self.folder / "data"), encoding="utf-8"
        )
        (self.folder / "log4j2.properties").write_text(LOGGING.format(log=self.log), encoding="utf-8")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def running(self) -> bool:
        """Whether the Java process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the broker and wait until it answers. Raises KafkaMissing with the end of its log when it doesn't."""
        if self.running:
            return
        if not (self.folder / "data" / "meta.properties").exists():
            self._format()
        with (self.folder / "output.log").open("ab") as output:
            self._process = subprocess.Popen(
                self._java("kafka.Kafka", str(self._properties)),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                # Ctrl-C in the terminal must reach the tests, not the broker they are still talking to.
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        # Where the kernel doesn't end it with its parent, the interpreter's exit does.
        self._kill_at_exit = weakref.finalize(self, _kill, self._process)
        self._wait_until_it_answers()

    def stop(self) -> None:
        """End the broker in order: it writes out its data and says goodbye to its consumers."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the broker as a crash would: SIGKILL, nothing written out."""
        if self._process is not None:
            _kill(self._process)

    def restart(self) -> None:
        """Bring the broker back, killed or still running, on the same address with the same data."""
        self.stop()
        self.start()

    def close(self) -> None:
        """End the broker and remove its data, unless it is kept."""
        if self._keeps:
            self.stop()
        else:
            self.kill()
            self._remove_folder()
        self._lock.close()

    def _format(self) -> None:
        # A format that was cut short leaves half a folder.
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        formatted = subprocess.run(
            self._java(
                *("kafka.tools.StorageTool", "format", "--standalone"),
                *("--cluster-id", "vesper-test-broker-0001", "--config", str(self._properties)),
            ),
            capture_output=True,
            text=True,
        )
        if formatted.returncode != 0:
            raise KafkaMissing(f"Apache Kafka could not format its storage: {formatted.stdout + formatted.stderr}")

    def _java(self, *arguments: str) -> list[str]:
        launcher = java()
        assert launcher is not None  # jars() refuses before this where Java is absent
        logging = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}"
        return [launcher, *JVM, logging, "-cp", f"{self._jars}/*", *arguments]

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < deadline:
            if not self.running:
                raise KafkaMissing(f"Apache Kafka ended while starting:\n{self._tail()}")
            if answers(self.bootstrap_servers):
                return
            time.sleep(0.1)
        self.kill()
        raise KafkaMissing(f"Apache Kafka gave no answer within {STARTING_SECONDS:.0f} s:\n{self._tail()}")

    def _tail(self) -> str:
        logs = [self.folder / "output.log", self.log]
        return "\n".join(log.read_text(errors="replace")[-2000:] for log in logs if log.exists())


def answers(bootstrap_servers: str) -> bool:
    """Whether a broker at this address has joined its cluster and answers."""
    host, port = bootstrap_servers.rsplit(":", 1)
    try:
        # Asking the port first costs nothing; a Kafka client that finds nobody takes a second to say so.
        with socket.create_connection((host, int(port)), timeout=1):
            pass
        with contextlib.closing(KafkaAdminClient(bootstrap_servers=bootstrap_servers, bootstrap_timeout_ms=3000)) as a:
            return any(not broker["is_fenced"] for broker in a.describe_cluster()["brokers"])
    except (OSError, KafkaError):
        return False


def _free_ports(count: int) -> list[int]:
    found: list[int] = []
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            return found
    raise KafkaMissing(f"no free port between {PORTS.start} and {PORTS.stop} for Apache Kafka")


def _ports_of(properties: Path) -> tuple[int, int] | None:
    """The ports of the broker whose data is here; None while there is no data."""
    if not (properties.parent / "data" / "meta.properties").exists() or not properties.exists():
        return None
    found = re.search(r"^listeners=PLAINTEXT://[^:]+:(\d+),CONTROLLER://[^:]+:(\d+)$", properties.read_text(), re.M)
    return (int(found[1]), int(found[2])) if found else None


def _folder_that_goes() -> Path:
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix=FOLDER, dir=memory if os.access(memory, os.W_OK) else None))


def _locked(folder: Path) -> IO[bytes]:
    """A lock on the folder that the kernel lets go of when this process ends, however it ends. Raises KafkaMissing."""
    if (folder / "lock").exists():
        return _lock_kept(folder)
    lock = (folder / "locking").open("wb")
    fcntl.flock(lock, fcntl.LOCK_EX)
    # Only now by its name: nobody ever finds a lock that is not held though its broker lives.
    (folder / "locking").rename(folder / "lock")
    return lock


def _lock_kept(folder: Path) -> IO[bytes]:
    lock = (folder / "lock").open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise KafkaMissing(f"Apache Kafka in {folder} is already running. Stop that one first.") from None
    return lock


def _remove_abandoned(parent: Path) -> None:
    """Remove the data of brokers whose parent was killed before it could; in memory they'd stay until a reboot."""
    for lock in parent.glob(f"{FOLDER}*/lock"):
        with contextlib.suppress(OSError), lock.open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent, ignore_errors=True)


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
