"""Separate processes on one machine: started in order, watched, killed, revived, and never left behind."""

import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from kafka import KafkaAdminClient

from infra.kafka.topics import TopicSettings, declared_topics
from infra.local import processes
from infra.local.postgres.provision import connection
from infra.local.processes import ROOT, LocalProcesses, Process, ProcessFailed, free_ports, ground, ports, table
from infra.local.secret import Secrets
from tests.support.waiting import wait_until

# Answers /readyz with 503 twice before it is ready, and any other path with its environment.
SERVER = """
import http.server, os
class Answer(http.server.BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        if self.path == "/readyz":
            Answer.asked += 1
        self.send_response(503 if Answer.asked < 3 else 200)
        self.end_headers()
        self.wfile.write("\\n".join(f"{k}={v}" for k, v in os.environ.items()).encode())
    def log_message(self, *said):
        pass
print("listening", flush=True)
port = os.environ.get("VESPER_HTTP_PORT") or os.environ["VESPER_METRICS_PORT"]
http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Answer).serve_forever()
"""
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SERVER


def server(name: str, port: int, *, code: str = SERVER, stage: int = 1) -> Process:
    env = {"VESPER_HTTP_PORT": str(port)}
    return Process(name=name, command=("python", "-c", code), env=env, port=port, stage=stage)


def job(name: str, code: str) -> Process:
    return Process(name=name, command=("python", "-c", code), env={})


def environment(url: str) -> dict[str, str]:
    with urllib.request.urlopen(url) as answer:
        return dict(line.split("=", 1) for line in answer.read().decode().splitlines())


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def on() -> dict[str, int]:
    return free_ports()


def test_jobs_are_done_before_anything_that_keeps_running_starts(tmp_path: Path, on: dict[str, int]) -> None:
    done = tmp_path / "done"
    early = job("topics", f"import pathlib; pathlib.Path({str(done)!r}).touch()")
    checking = f"import pathlib; assert pathlib.Path({str(done)!r}).exists()\n{SERVER}"
    with LocalProcesses(tmp_path, [server("request-api", on["request-api"], code=checking), early]) as system:
        assert system.process("topics").returncode == 0
        assert system.process("request-api").poll() is None


def test_it_waits_until_each_is_ready_and_knows_where_they_answer(tmp_path: Path, on: dict[str, int]) -> None:
    chosen = [server(name, on[name]) for name in ("request-api", "request-worker", "web")]
    with LocalProcesses(tmp_path, chosen) as system:
        assert system.urls == {
            "request": f"http://127.0.0.1:{on['request-api']}",
            "web": f"http://127.0.0.1:{on['web']}",
        }
        assert system.url("request-worker") == f"http://127.0.0.1:{on['request-worker']}"
        for name in ("request-api", "request-worker", "web"):
            with urllib.request.urlopen(f"{system.url(name)}/readyz") as answer:
                assert answer.status == 200
            assert "listening" in system.log(name).read_text()
        assert system.ended() == []


def test_a_process_is_told_what_the_table_says_and_nothing_of_its_starters(
    tmp_path: Path, on: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VESPER_COOKIE_SECRET", "the starter's own")
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere")
    with LocalProcesses(tmp_path, [server("web", on["web"])]) as system:
        told = environment(system.urls["web"])
    assert told["VESPER_HTTP_PORT"] == str(on["web"])
    assert not told.keys() & {"VESPER_COOKIE_SECRET", "DATABASE_URL"}


def test_a_failed_job_is_named_with_what_it_said_and_nothing_else_starts(tmp_path: Path, on: dict[str, int]) -> None:
    refused = job("request-migrate", "raise SystemExit('no such database')")
    system = LocalProcesses(tmp_path, [refused, server("request-api", on["request-api"])])
    with pytest.raises(ProcessFailed, match=r"request-migrate ended with 1\.[\s\S]*no such database"):
        system.start()
    with pytest.raises(KeyError):
        system.process("request-api")


def test_one_that_ends_before_it_is_ready_is_named_and_the_others_are_stopped(
    tmp_path: Path, on: dict[str, int]
) -> None:
    broken = server("roster-api", on["roster-api"], code="raise SystemExit('no settings')")
    system = LocalProcesses(tmp_path, [server("request-api", on["request-api"]), broken])
    with pytest.raises(ProcessFailed, match=r"roster-api ended with 1\.[\s\S]*no settings"):
        system.start()
    assert system.process("request-api").poll() is not None


def test_one_that_never_becomes_ready_is_named(
    tmp_path: Path, on: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_READY_WITHIN", 0.5)
    mute = server("web", on["web"], code="import time; time.sleep(600)")
    with pytest.raises(ProcessFailed, match="web was not ready after"):
        LocalProcesses(tmp_path, [mute]).start()


def test_a_killed_process_is_noticed_and_comes_back_at_the_same_address(tmp_path: Path, on: dict[str, int]) -> None:
    with LocalProcesses(tmp_path, [server("matching-worker", on["matching-worker"])]) as system:
        first = system.process("matching-worker").pid
        system.kill("matching-worker")
        assert system.process("matching-worker").returncode == -signal.SIGKILL
        assert system.ended() == ["matching-worker"]
        system.revive("matching-worker")
        assert system.ended() == []
        assert system.process("matching-worker").pid != first
        assert environment(system.url("matching-worker"))


def test_one_that_does_not_listen_to_a_stop_is_killed(
    tmp_path: Path, on: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_STOP_WITHIN", 0.3)
    chosen = [server("roster-worker", on["roster-worker"], code=DEAF), server("web", on["web"])]
    with LocalProcesses(tmp_path, chosen) as system:
        pass
    assert system.process("roster-worker").returncode == -signal.SIGKILL
    assert system.process("web").returncode == -signal.SIGTERM


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_the_processes_end_with_whoever_started_them_even_when_it_is_killed(tmp_path: Path, on: dict[str, int]) -> None:
    starter = f"""
import pathlib, time
from infra.local.processes import LocalProcesses, Process
port = {on["web"]}
env = {{"VESPER_HTTP_PORT": str(port)}}
with LocalProcesses(pathlib.Path({str(tmp_path)!r}),
                    [Process(name="web", command=("python", "-c", {SERVER!r}), env=env, port=port)]) as system:
    print(system.process("web").pid, flush=True)
    time.sleep(600)
"""
    running = subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert running.stdout is not None
    pid = int(running.stdout.readline())
    assert alive(pid)
    running.kill()
    running.wait()
    wait_until(lambda: not alive(pid), what="the child is gone as well")


def test_ports_move_together_and_free_ones_differ() -> None:
    assert ports()["web"] == 8000
    assert (ports()["request-api"], ports()["identity-api"]) == (8001, 8005)
    assert (ports()["request-worker"], ports()["identity-worker"]) == (9001, 9005)
    assert {name: port + 100 for name, port in ports().items()} == ports(100)
    free = free_ports()
    assert free.keys() == ports().keys()
    assert len(set(free.values())) == len(free)


@pytest.fixture
def without_services(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real table with a stand-in for the services' own programs; the topics job stays the real one."""

    def stood_in(**given: object) -> tuple[Process, ...]:
        return tuple(_stand_in(process) for process in table(**given))  # type: ignore[arg-type]

    monkeypatch.setattr(processes, "table", stood_in)


def _stand_in(process: Process) -> Process:
    if process.name == "topics":
        return process
    code = SERVER if process.port else "pass"
    command = ("python", "-c", code)
    return Process(name=process.name, command=command, env=process.env, port=process.port, stage=process.stage)


@pytest.mark.kafka
@pytest.mark.usefixtures("without_services")
def test_the_whole_system_stands_on_its_own_empty_postgres_and_the_broker(
    tmp_path: Path, on: dict[str, int], kafka_bootstrap: str
) -> None:
    with ground(tmp_path, bootstrap_servers=kafka_bootstrap) as under:
        secret = Secrets(cookie="cookie", key="key")
        chosen = processes.table(
            databases=under.databases, bootstrap_servers=under.bootstrap_servers, secret=secret, on=on
        )
        with LocalProcesses(tmp_path / "logs", chosen) as system:
            assert system.urls.keys() == {"request", "matching", "roster", "billing", "identity", "web"}
            told = environment(system.urls["roster"])
            with connection(told["VESPER_DATABASE_URL"]) as app:
                found = app.execute("SELECT current_database()::text, current_user::text").fetchone()
            assert found == ("vesper_roster", "roster_app")
            with KafkaAdminClient(bootstrap_servers=told["VESPER_KAFKA_BOOTSTRAP_SERVERS"]) as admin:
                assert set(admin.list_topics()) >= {topic.name for topic in declared_topics(TopicSettings())}
        assert system.process("web").returncode is not None
    assert not (tmp_path / "postgres").exists()
