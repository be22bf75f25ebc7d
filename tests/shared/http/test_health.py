"""Whether a process lives, is ready, and what it counts."""

from typing import Any

from fastapi.testclient import TestClient

from infra.local.processes import free_ports
from shared.http.app import make_app
from shared.service import kafka_check
from tests.support.service import Trial


def app(**checks: Any) -> TestClient:
    return TestClient(make_app("test", [], checks, body_limit_bytes=1000, state={}))


def test_alive_and_ready_with_each_part_named(writes: Trial) -> None:
    assert writes.http.get("/healthz").json() == {"status": "alive"}
    assert writes.http.get("/readyz").json() == {"status": "ready", "database": "ok"}


def test_not_ready_names_what_is_wrong_and_when_to_ask_again() -> None:
    http = app(database=lambda: "away (OperationalError).", bus=lambda: None, threads=lambda: "stuck (relay).")
    answer = http.get("/readyz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.json()["detail"] == "database: away (OperationalError). threads: stuck (relay)."
    assert answer.headers["content-type"] == "application/problem+json"
    assert http.get("/healthz").status_code == 200, "it lives: a restart would help nobody"


def test_a_broker_that_is_away_is_told_and_asked_only_now_and_then() -> None:
    nobody = free_ports()["web"]
    http = app(bus=kafka_check(f"127.0.0.1:{nobody}"))
    for _ in range(3):
        assert "kept and sent when it is back" in http.get("/readyz").json()["detail"]


def test_metrics_are_in_prometheus_words(writes: Trial) -> None:
    answer = writes.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "# HELP vesper_commands_total Commands by outcome" in answer.text
