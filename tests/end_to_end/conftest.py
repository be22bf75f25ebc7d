"""The systems the stories are told on, and a desk in each story's own."""

import os
from collections.abc import Iterator

import pytest

from infra.kafka.distribution import KafkaMissing
from tests.support.desk import Desk
from tests.support.kafka import EXTERNAL, refuse
from tests.support.postgres import Server
from tests.support.systems import SeparateProcesses, System, one_process, separate_processes

SEPARATE = (pytest.mark.processes, pytest.mark.kafka, pytest.mark.slow)


@pytest.fixture(scope="session")
def processes() -> Iterator[SeparateProcesses]:
    """Separate processes on a PostgreSQL of their own, which a test may end and has to revive, and on Kafka."""
    try:
        with separate_processes(os.environ.get(EXTERNAL)) as system:
            yield system
    except KafkaMissing as missing:
        refuse(f"{missing} to run these tests")


@pytest.fixture(scope="session", params=["one process", pytest.param("processes", marks=SEPARATE)])
def system(request: pytest.FixtureRequest) -> Iterator[System]:
    """The same for whoever uses it, however it runs."""
    if request.param == "processes":
        yield request.getfixturevalue("processes")
        return
    server: Server = request.getfixturevalue("postgres_cluster")
    with one_process(server) as system:
        yield system


@pytest.fixture
def desk(system: System) -> Iterator[Desk]:
    """A desk of the test's own with tariffs."""
    with Desk(system) as opened:
        opened.set_tariffs()
        opened.let_carers_tell_later()
        yield opened
