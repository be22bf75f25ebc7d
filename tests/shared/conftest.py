"""The tests' own two services: a diary in which lines are written, and a reader who hears of each."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.postgres.cluster import discard, start
from tests.support.diary.service import diary, reader
from tests.support.postgres import Server
from tests.support.service import Trial, trial


@pytest.fixture
def writes(postgres_cluster: Server) -> Iterator[Trial]:
    """The diary on a fresh database."""
    with trial(postgres_cluster, diary()) as running:
        yield running


@pytest.fixture
def reads(postgres_cluster: Server) -> Iterator[Trial]:
    """The reader on a fresh database."""
    with trial(postgres_cluster, reader()) as running:
        yield running


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A PostgreSQL of this test's own, to be stopped and started."""
    where = Path(tempfile.mkdtemp(prefix="vesper-outage-"))
    where.chmod(0o711)
    with start(where / "cluster", durable=False) as cluster:
        yield Server(cluster)
    discard(where / "cluster")
    where.rmdir()
