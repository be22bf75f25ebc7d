"""What a running system keeps to itself: made once, kept beside the data, readable by its owner only."""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Secrets:
    """What signs cookies and what seals signing keys."""

    cookie: str = field(repr=False)
    key: str = field(repr=False)


def secrets_in(folder: Path) -> Secrets:
    """The secrets of this folder, made the first time."""
    folder.mkdir(parents=True, exist_ok=True)
    return Secrets(_secret(folder / "cookie-secret"), _secret(folder / "key-secret"))


def _secret(path: Path) -> str:
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text()
