"""`make run` in the hands of somebody who has never seen it: started twice, cut off, moved, in others' way."""

import contextlib
import os
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from infra.local.base_port import NoPorts, free_base_port
from infra.local.holding import Held, holding, is_held
from infra.local.postgres.cluster import Cluster, discard, start
from infra.local.postgres.provision import connection
from tests.infra.local.command import Command, started
from tests.support.postgres import folder_for_a_cluster
from tests.support.waiting import wait_until


@pytest.fixture
def home() -> Iterator[Path]:
    """Where the command keeps its data."""
    parent = folder_for_a_cluster("vesper-run-")
    yield parent / "town"
    for each in parent.iterdir():
        discard(each / "postgres")
    shutil.rmtree(parent)


def families(page: str) -> int:
    """The status the request service answers somebody who has not signed in with: 401 when all is well."""
    port = int(page.rpartition(":")[2])
    return httpx.get(f"http://127.0.0.1:{port + 1}/families").status_code


@pytest.mark.slow
def test_it_says_where_to_look_stops_on_ctrl_c_and_goes_on_with_the_same_data_even_moved(home: Path) -> None:
    with started("run", home, VESPER_BASE_PORT="18500") as first:
        page = first.ready().page
        assert page == "http://127.0.0.1:18500"
        assert "Ready in" in first.said
        assert httpx.get(f"{page}/sign-in").status_code == 200
        assert httpx.get(f"{page}/readyz").is_success
        assert families(page) == 401

        second = Command("run", home, VESPER_BASE_PORT="18700")
        assert second.ended() == 1
        assert second.said == (
            f"Vesper runs here already, as process {first.process.pid}, on the data in {home}. "
            "Stop that one first: Ctrl-C.\n"
        )
        assert families(page) == 401
        assert first.interrupt() == 0
    assert first.said.endswith("Stopping …\nStopped.\n")
    key = (home / "key-secret").read_text()
    elsewhere = home.rename(home.with_name("elsewhere"))
    with started("run", elsewhere, VESPER_BASE_PORT="18500") as third:
        assert families(third.ready().page) == 401
    assert (elsewhere / "key-secret").read_text() == key
    assert not (elsewhere / "running").exists()


@pytest.mark.slow
def test_killed_without_warning_it_starts_again_on_the_same_data_beside_whoever_took_its_port(home: Path) -> None:
    first = Command("run", home, VESPER_BASE_PORT="18500")
    first.ready()
    os.kill(first.process.pid, signal.SIGKILL)
    first.ended()
    assert (home / "running").exists()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", 18503))
        other.listen()
        with started("run", home, VESPER_BASE_PORT="18500") as second:
            assert second.ready().page == "http://127.0.0.1:18510"
            assert families(second.page) == 401


@pytest.mark.parametrize("given", ["eight thousand", "-1", "0", "70000"])
def test_a_port_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("VESPER_BASE_PORT", given)
    with pytest.raises(NoPorts, match=f"VESPER_BASE_PORT is '{given}', which is no port"):
        free_base_port(range(3))


def test_interrupted_while_it_starts_it_ends_and_leaves_no_server_behind(home: Path) -> None:
    command = Command("run", home, VESPER_BASE_PORT="18500")
    wait_until(lambda: (home / "postgres" / "postgres.log").exists() or not command.running, what="PostgreSQL starts")
    assert command.interrupt() == 0
    assert "Traceback" not in command.said
    with holding(home):
        discard(home / "postgres")


@contextlib.contextmanager
def own_server() -> Iterator[Cluster]:
    """A PostgreSQL that DATABASE_URL can name."""
    parent = folder_for_a_cluster("vesper-given-")
    with start(parent / "cluster", durable=False) as cluster:
        yield cluster
    discard(parent / "cluster")
    shutil.rmtree(parent)


@pytest.mark.slow
def test_database_url_names_the_server_it_uses(home: Path) -> None:
    with own_server() as cluster:
        with started("run", home, VESPER_BASE_PORT="18500", DATABASE_URL=cluster.admin_url) as command:
            assert families(command.ready().page) == 401
        with connection(cluster.admin_url) as admin:
            found = admin.execute("SELECT count(*) FROM pg_database WHERE datname LIKE 'vesper%'").fetchone()
        assert found == (5,)
        assert not (home / "postgres" / "data").exists()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://root@localhost/x", "DATABASE_URL begins with mysql://, but Vesper needs postgresql://."),
        ("postgresql://nobody:none@127.0.0.1:1/postgres", "does not let us in"),
    ],
)
def test_what_is_wrong_with_database_url_is_said_in_one_sentence(home: Path, url: str, said: str) -> None:
    command = Command("run", home, VESPER_BASE_PORT="18500", DATABASE_URL=url)
    assert command.ended() == 1
    assert said in command.said
    assert "Traceback" not in command.said


def test_a_folder_is_held_by_one_process_and_let_go_of_with_it(tmp_path: Path) -> None:
    assert not is_held(tmp_path)
    with holding(tmp_path):
        assert is_held(tmp_path)
        with pytest.raises(Held, match=f"as process {os.getpid()}"), holding(tmp_path):
            pass
    assert not is_held(tmp_path)


def test_ports_are_looked_for_in_steps_until_the_last_one_there_is() -> None:
    assert free_base_port(range(3), 18_800) == 18_800
    with socket.socket() as other:
        other.bind(("127.0.0.1", 18_802))
        assert free_base_port(range(3), 18_800) == 18_810
    with pytest.raises(NoPorts, match="Set VESPER_BASE_PORT"):
        free_base_port(range(3), 65_534)
