"""The tests' own two services: a diary in which lines are written, and a reader who hears of each."""

from collections.abc import Iterator

import pytest

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
