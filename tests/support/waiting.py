"""Waiting for what happens elsewhere, with a deadline instead of a guess."""

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

T = TypeVar("T")

_BETWEEN = 0.02


def wait_until(check: Callable[[], T], *, within: float = 10.0, what: str) -> T:
    """Call `check` until it returns something true, and return that. Raises AssertionError naming `what`."""
    deadline = time.monotonic() + within
    pause = Event()
    while not (found := check()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what}")
        pause.wait(_BETWEEN)
    return found
