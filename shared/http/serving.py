"""How an app is served: every API, worker and page alike."""

from typing import Any

import uvicorn

# Longer than anyone's who calls (httpx drops an idle connection after 5 s, most proxies after 60): were we the first
# to close, a call that is just leaving would meet a closed door and get no answer.
_IDLE_SECONDS = 75


def server_of(app: Any, host: str, port: int, *, graceful_seconds: int | None = None) -> uvicorn.Server:
    """A server for this app, not started. When told to stop it waits so long for streams that don't end by themselves."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=graceful_seconds,
    )
    return uvicorn.Server(config)
