"""Where a private cluster lives and which account runs it: PostgreSQL refuses root, and nobody's folder is opened."""

import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from infra.local.postgres.errors import PostgresError

# Systems empty /var/tmp of what lies still for a month, so it comes second.
_ELSEWHERE = (Path("/var/lib"), Path("/var/tmp"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The unprivileged account that runs PostgreSQL when the person who started it is root."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A cluster's folders: the user's own, and where the data is (the same, unless its account can't get there)."""

    folder: Path
    base: Path
    account: Account | None

    @property
    def data(self) -> Path:
        """PostgreSQL's data folder."""
        return self.base / "data"

    @property
    def log(self) -> Path:
        """Everything the server says."""
        return self.folder / "postgres.log"

    def version(self) -> int | None:
        """The major version the data began with; None while there is no data."""
        try:
            return int((self.data / "PG_VERSION").read_text())
        except FileNotFoundError:
            return None


def settle(folder: Path) -> Place:
    """Where the cluster of this folder lives, the same at every start; makes the folder if it isn't there.

    Raises PostgresError when the data belongs to someone else, has disappeared, or can't be reached.
    """
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        # As root the account below has to pass through; nothing in here is readable by it except its own data.
        folder.mkdir(mode=0o700 if os.geteuid() else 0o711)
    folder = folder.resolve()
    base = _recorded(folder) or folder
    if os.geteuid():
        _check_ours(base / "data")
        return Place(folder=folder, base=base, account=None)
    if (base / "data").exists():
        owner = (base / "data").stat()
        account = Account(uid=owner.st_uid, gid=owner.st_gid)
    else:
        account = _unprivileged_account()
        if base == folder and not reachable(folder, account):
            base = _new_place_elsewhere(account)
            _record(folder).write_text(f"{base}\n")
    if not account.uid or not reachable(base, account):
        raise PostgresError(
            f"PostgreSQL does not run as root, and the account with number {account.uid} that owns the data in {base} "
            "cannot get there. Let that account pass through the folders above it, or choose another folder."
        )
    return Place(folder=folder, base=base, account=account)


def forget(place: Place) -> None:
    """Remove the cluster's data and every file of ours beside it; the user's folder goes too once it is empty."""
    for path in (place.data, _unfinished(place), *place.base.glob("postgresql-*")):
        shutil.rmtree(path, ignore_errors=True)
    if place.base != place.folder:
        place.base.rmdir()
    for name in ("place", "postgres.log", "secret", "lock"):
        (place.folder / name).unlink(missing_ok=True)
    if not any(place.folder.iterdir()):
        place.folder.rmdir()


def new_data_folder(place: Place) -> Path:
    """An empty folder of the account's to fill and then rename: a start cut short leaves nothing half made."""
    fresh = _unfinished(place)
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    give(fresh, place.account)
    return fresh


def give(path: Path, account: Account | None) -> None:
    """Make a file or folder of ours the account's own."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def reachable(path: Path, account: Account) -> bool:
    """Whether the account may pass every folder above, and pass or read the thing itself."""
    try:
        return all(_may(parent, account, 0o1) for parent in path.resolve(strict=True).parents) and _may(
            path, account, 0o1 if path.is_dir() else 0o4
        )
    except OSError:
        return False


def _may(path: Path, account: Account, right: int) -> bool:
    found = path.stat()
    if found.st_uid == account.uid:
        right <<= 6
    elif found.st_gid == account.gid:
        right <<= 3
    return bool(stat.S_IMODE(found.st_mode) & right)


def _unprivileged_account() -> Account:
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(uid=entry.pw_uid, gid=entry.pw_gid)
    raise PostgresError(
        "PostgreSQL does not run as root, and this machine has neither an account postgres nor nobody. "
        "Start Vesper as another user, or set DATABASE_URL to a server you have."
    )


def _new_place_elsewhere(account: Account) -> Path:
    for parent in _ELSEWHERE:
        if os.access(parent, os.W_OK) and reachable(parent, account):
            place = Path(tempfile.mkdtemp(prefix="vesper-", dir=parent)).resolve()
            place.chmod(0o711)
            return place
    raise PostgresError(
        "PostgreSQL does not run as root, and the account that would run it can reach neither this folder nor "
        f"{' nor '.join(map(str, _ELSEWHERE))}. Choose a folder others may pass through, "
        "or start Vesper as another user."
    )


def _record(folder: Path) -> Path:
    return folder / "place"


def _recorded(folder: Path) -> Path | None:
    try:
        base = Path(_record(folder).read_text().strip())
    except FileNotFoundError:
        return None
    if not base.is_dir():
        raise PostgresError(
            f"The data of {folder} was kept in {base}, which is gone. "
            f"Bring it back, or remove {_record(folder)} to begin anew."
        )
    return base


def _unfinished(place: Place) -> Path:
    return place.data.with_name("data.new")


def _check_ours(data: Path) -> None:
    try:
        owner = data.stat().st_uid
    except FileNotFoundError:
        return
    if owner != os.geteuid():
        raise PostgresError(
            f"The data in {data} belongs to the account with number {owner}. "
            "Start Vesper as the user who started it first, or choose another folder."
        )
