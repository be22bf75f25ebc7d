"""One JSON object a line, from whichever thread and library, with the service and what it was done for."""

import json
import subprocess
import sys
from typing import Any

from infra.local.processes import ROOT

SCRIPT = """
import logging, threading
from shared.telemetry.correlation import correlated
from shared.telemetry.logging import configure_logging, log_of
log = log_of("early")
configure_logging("roster", level="info")
log.info("starting", port=8003)
log.debug("too small to say")

def elsewhere():
    with correlated("call-1"):
        log.warning("in a thread", desk="d")
        logging.getLogger("uvicorn.error").error("of a library: %s", "x\\ny")
    log.info("after it", service="billing")

thread = threading.Thread(target=elsewhere)
thread.start()
thread.join()
try:
    1 / 0
except ZeroDivisionError as error:
    log.error("broke", exc_info=error)
logging.getLogger("kafka.client").info("chatter")
"""


def lines() -> list[dict[str, Any]]:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "", "logs don't mix with what a command prints"
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_every_line_is_an_object_that_says_who_when_and_for_which_call() -> None:
    found = lines()
    assert [line["event"] for line in found] == ["starting", "in a thread", "of a library: x\ny", "after it", "broke"]
    assert [line["service"] for line in found] == ["roster", "roster", "roster", "billing", "roster"]
    assert [line.get("correlation_id") for line in found] == [None, "call-1", "call-1", None, None]
    assert [line["level"] for line in found] == ["info", "warning", "error", "info", "error"]
    assert all(line["timestamp"].endswith("Z") and line["logger"] for line in found)
    assert found[0]["port"] == 8003
    assert "ZeroDivisionError" in found[4]["exception"]
