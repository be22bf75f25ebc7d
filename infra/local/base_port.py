"""Where on this machine's ports a system listens: from VESPER_BASE_PORT on, or from 8000; the first free place."""

import contextlib
import os
import socket
from collections.abc import Iterable

HOST = "127.0.0.1"
FIRST_PORT = 8000
_STEP, _TRIES = 10, 50
_LAST_PORT = 65_535


class NoPorts(Exception):
    """There is no place for the ports; the message says what to set."""


def free_base_port(offsets: Iterable[int], wanted: int | None = None) -> int:
    """The first of `wanted`, `wanted` + 10, … from which every port at these offsets is free.

    Without `wanted` it is what VESPER_BASE_PORT says, else 8000. Raises NoPorts.
    """
    apart = sorted(offsets)
    base = _wanted() if wanted is None else wanted
    for tried in range(base, base + _STEP * _TRIES, _STEP):
        if tried + apart[-1] <= _LAST_PORT and all(_is_free(tried + offset) for offset in apart):
            return tried
    raise NoPorts(
        f"No place for {len(apart)} ports from {base} on: they are taken, or this account may not use them. "
        "Set VESPER_BASE_PORT to another place to look, such as 28000."
    )


def _wanted() -> int:
    given = os.environ.get("VESPER_BASE_PORT", "")
    if not given:
        return FIRST_PORT
    if not given.isdecimal() or not 0 < int(given) <= _LAST_PORT:
        raise NoPorts(f"VESPER_BASE_PORT is {given!r}, which is no port. Set it to a number such as 28000.")
    return int(given)


def _is_free(port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
