"""`make up-local`: every service as processes of its own, on a real PostgreSQL and a real Kafka, with the town in it."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from infra.kafka.distribution import KafkaMissing
from infra.local.base_port import FIRST_PORT, NoPorts, free_base_port
from infra.local.first_days import load_town, welcome
from infra.local.holding import Held, holding
from infra.local.postgres.errors import PostgresError
from infra.local.processes import ROOT, SERVICES, LocalProcesses, ProcessFailed, ground, ports, table
from infra.local.secret import secrets_in
from shared.db.migrate import migrate
from shared.telemetry.logging import configure_logging

_LOOKS_EVERY_SECONDS = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until Ctrl-C, or until one of the processes ends by itself; the next start goes on with the data of this one."""
    parser = argparse.ArgumentParser(prog="make up-local", description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / ".vesper" / "up-local", help="logs and data go here")
    chosen = parser.parse_args(sys.argv[2:] if arguments is None else arguments)
    configure_logging("vesper", level="WARNING")
    # Whoever starts this in the background may have had Ctrl-C ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        return _run(chosen.folder)
    except KeyboardInterrupt:
        _say("Stopped.")
        return 0
    except (PostgresError, KafkaMissing, ProcessFailed, Held, NoPorts, OSError) as error:
        _say(str(error))
        return 1


def _run(folder: Path) -> int:
    begun = time.monotonic()
    bootstrap_servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    broker = f"Apache Kafka at {bootstrap_servers}" if bootstrap_servers else "Apache Kafka"
    with holding(folder):
        _say(f"Starting PostgreSQL and {broker}")
        with ground(folder, bootstrap_servers=bootstrap_servers, keep=True) as under:
            secret = secrets_in(folder)
            for service in SERVICES:
                migrate(service, under.databases[service].owner_url)
            sign_ins = load_town(under.databases, secret, folder, _say)
            processes = table(
                databases=under.databases,
                bootstrap_servers=under.bootstrap_servers,
                secret=secret,
                on=ports(free_base_port(port - FIRST_PORT for port in ports().values()) - FIRST_PORT),
            )
            running = sum(process.port is not None for process in processes)
            _say(f"Starting {running} processes; each has its log in {folder / 'logs'}")
            with LocalProcesses(folder / "logs", processes) as system:
                _say(f"{welcome(system.urls, sign_ins)}\n")
                _say(f"Ready in {time.monotonic() - begun:.0f} s. Ctrl-C stops it.")
                return _stay(system)


def _stay(system: LocalProcesses) -> int:
    try:
        while not (ended := system.ended()):
            time.sleep(_LOOKS_EVERY_SECONDS)
        _say(f"{', '.join(ended)} ended; see {system.log(ended[0])}. Stopping the rest.")
        return 1
    finally:
        # Who presses Ctrl-C again means the same.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        _say("Stopping …")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
