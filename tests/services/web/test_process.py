"""The pages as a process of their own."""

import os
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from tests.support.waiting import wait_until

COMMAND = [sys.executable, "-m", "services.web", "api"]


def environment(**settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VESPER_")}
    return {**kept, **{f"VESPER_{name}": value for name, value in settings.items()}}


def test_the_pages_refuse_to_start_without_a_secret_for_the_cookies() -> None:
    ended = subprocess.run(COMMAND, env=environment(), capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert "VESPER_COOKIE_SECRET is needed" in ended.stderr


@pytest.mark.parametrize("asked", [[], ["worker"], ["api", "now"]])
def test_the_pages_have_one_way_to_run(asked: list[str]) -> None:
    command = [*COMMAND[:-1], *asked]
    ended = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert "usage: python -m services.web api" in ended.stderr


def test_the_pages_come_up_without_the_bus_and_say_that_it_is_away() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port, nobody = probe.getsockname()[1], 9
    settings = environment(
        COOKIE_SECRET="of a test", HTTP_PORT=str(port), KAFKA_BOOTSTRAP_SERVERS=f"127.0.0.1:{nobody}"
    )
    running = subprocess.Popen(COMMAND, env=settings, stderr=subprocess.DEVNULL)
    try:
        base = f"http://127.0.0.1:{port}"

        def alive() -> bool:
            try:
                return httpx.get(f"{base}/healthz").status_code == 200
            except httpx.HTTPError:
                return False

        wait_until(alive, within=30, what="the pages answer")
        assert "Sign in" in httpx.get(f"{base}/sign-in").text
        ready = httpx.get(f"{base}/readyz", timeout=10)
        assert ready.status_code == 503
        assert "bus: away" in ready.json()["detail"]
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=15)
