"""`make up-local` as its user sees it: everything starts, the pages work, Ctrl-C stops it all, the next start goes on."""

import contextlib
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from infra.kafka.distribution import missing_tools
from infra.local.postgres.cluster import discard
from infra.local.town.load import PASSWORD
from tests.infra.local.command import started
from tests.support.kafka import refuse
from tests.support.postgres import folder_for_a_cluster

pytestmark = [pytest.mark.processes, pytest.mark.kafka, pytest.mark.slow]


@pytest.fixture
def home() -> Iterator[Path]:
    """Where the command keeps its data."""
    if missing := missing_tools():
        refuse(f"install {' and '.join(missing)} to run these tests")
    parent = folder_for_a_cluster("vesper-up-")
    yield parent / "up-local"
    discard(parent / "up-local" / "postgres")
    shutil.rmtree(parent)


def sign_in(page: str) -> httpx.Client:
    """The dispatcher's browser."""
    browser = httpx.Client(base_url=page, timeout=30)
    answer = browser.post("/sign-in", data={"email": "dispatcher@brighton.example", "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return browser


def test_it_starts_everything_with_the_town_in_it_stops_on_ctrl_c_and_goes_on_next_time(home: Path) -> None:
    with started("up-local", home, town=True, VESPER_BASE_PORT="18300") as first:
        page = first.ready(within=300).page
        assert "Loading three desks" in first.said
        assert "dispatcher@brighton.example" in first.said
        assert "Brighton" in sign_in(page).get("/board").text
        kept = (home / "kafka" / "server.properties").read_text()
        assert first.interrupt() == 0
    assert first.said.endswith("Stopping …\nStopped.\n")
    with started("up-local", home, town=True, VESPER_BASE_PORT="18300") as second:
        assert second.ready(within=120).page == page
        assert "Loading three desks" not in second.said
        assert (home / "kafka" / "server.properties").read_text() == kept
        browser = sign_in(page)
        assert browser.get("/board").status_code == 200
        assert browser.get("/readyz").is_success


def test_it_says_which_process_ended_and_stops_the_rest(home: Path) -> None:
    with started("up-local", home, VESPER_BASE_PORT="18300") as command:
        command.ready(within=120)
        running = children(command.process.pid)
        [worker] = [pid for pid, what in running.items() if what.endswith("services.roster worker")]
        os.kill(worker, signal.SIGKILL)
        assert command.ended() == 1
        assert f"roster-worker ended; see {home / 'logs' / 'roster-worker.log'}. Stopping the rest." in command.said
        assert [pid for pid in running if Path(f"/proc/{pid}").exists()] == []


def children(parent: int) -> dict[int, str]:
    """The processes this one started, by number, with their command lines."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == parent:
                line = stat.with_name("cmdline").read_bytes().decode().strip("\0").replace("\0", " ")
                found[int(stat.parent.name)] = line
    return found
