"""One system at a time on a folder's data; the kernel lets go of it when its process ends, however it ends."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_LOCK = "lock"


class Held(Exception):
    """Another process runs on this folder; the message says which, and what to do."""


@contextlib.contextmanager
def holding(folder: Path) -> Iterator[None]:
    """The folder is ours inside this block. Raises Held."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _LOCK).open("a+") as lock:
        if not _taken(lock):
            lock.seek(0)
            who = lock.read().strip() or "unknown"
            raise Held(
                f"Vesper runs here already, as process {who}, on the data in {folder}. Stop that one first: Ctrl-C."
            )
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def is_held(folder: Path) -> bool:
    """Whether a process runs on this folder now."""
    if not (folder / _LOCK).exists():
        return False
    with (folder / _LOCK).open("a+") as lock:
        return not _taken(lock)


def _taken(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
