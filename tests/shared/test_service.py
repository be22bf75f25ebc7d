"""A service as the process it is on many machines: started by its command, stopped by a signal."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import create_engine, text

from infra.local.processes import ROOT, free_ports
from shared.auth.roles import Role, desk_itself
from tests.support.postgres import Server
from tests.support.service import OwnKeys
from tests.support.waiting import wait_until

API = "from shared.service import main; from tests.support.diary.service import diary; main(diary())"
BLOCKED = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


@pytest.fixture
def issuer() -> Iterator[tuple[OwnKeys, str]]:
    """Keys of our own, published over HTTP as identity does."""
    keys = OwnKeys()
    published = json.dumps({"keys": [keys.jwk()]}).encode()

    class Publish(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(published)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Publish)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield keys, f"http://127.0.0.1:{server.server_port}/jwks.json"
    server.shutdown()
    server.server_close()


def alive(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").status_code == 200
    except httpx.TransportError:
        return False


def test_told_to_stop_an_api_answers_the_call_it_is_in_and_ends_well(
    postgres_cluster: Server, issuer: tuple[OwnKeys, str]
) -> None:
    keys, jwks_url = issuer
    port = free_ports()["request-api"]
    url = f"http://127.0.0.1:{port}"
    headers = {"Authorization": f"Bearer {keys.token(desk_itself(uuid4()), role=Role.DISPATCHER)}"}
    with postgres_cluster.service_database("diary") as databases:
        env = {
            **os.environ,
            "VESPER_DATABASE_URL": databases.app_url,
            "VESPER_JWKS_URL": jwks_url,
            "VESPER_HTTP_PORT": str(port),
            "VESPER_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        }
        process = subprocess.Popen([sys.executable, "-c", API, "api"], env=env, cwd=ROOT, stderr=subprocess.DEVNULL)
        holding = create_engine(databases.app_url)
        try:
            wait_until(lambda: alive(url), within=30, what="the API answers")
            with ThreadPoolExecutor(1) as pool, holding.connect() as lock, holding.connect() as watching:
                lock.execute(text("LOCK TABLE pages IN SHARE MODE"))
                answer = pool.submit(httpx.post, f"{url}/pages", headers=headers, timeout=30)

                def stands() -> bool:
                    watching.rollback()
                    return bool(watching.execute(BLOCKED).scalar_one())

                wait_until(stands, within=15, what="the call stands in its transaction")
                process.send_signal(signal.SIGTERM)
                wait_until(lambda: not alive(url), within=15, what="no new call is taken")
                lock.rollback()
                assert answer.result().status_code == 201
            assert process.wait(15) in (0, -signal.SIGTERM)
            with holding.connect() as found:
                assert found.execute(text("SELECT count(*) FROM outbox")).scalar_one() == 1
        finally:
            process.kill()
            process.wait()
            holding.dispose()


def test_an_unknown_command_says_which_there_are() -> None:
    told = subprocess.run([sys.executable, "-c", API, "dance"], capture_output=True, text=True, cwd=ROOT, check=False)
    assert told.returncode == 1
    assert told.stderr.strip() == "usage: python -m services.diary api|worker|migrate|dead-letters"
