"""The passwords of one installation's database roles, all derived from one secret in the user's folder."""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Passwords:
    """The same role has the same password at every start, and nothing but the secret is stored."""

    secret: bytes

    def of(self, role: str) -> str:
        """The password of this role."""
        return hmac.new(self.secret, role.encode(), hashlib.sha256).hexdigest()


def secret_file(folder: Path) -> Path:
    """Where the secret of this folder is kept, readable by its owner only."""
    return folder / "secret"


def passwords(folder: Path) -> Passwords:
    """The passwords of this folder; the first time its secret is made."""
    path = secret_file(folder)
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Written whole, then linked into place: of two that start at once, both read the one that came first.
        draft = folder / f"secret.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return Passwords(bytes.fromhex(path.read_text().strip()))
