"""The roster on a database of its own, with a desk in Brighton."""

from collections.abc import Iterator

import pytest

from services.roster.service import SERVICE
from tests.services.roster.town import Town
from tests.support.postgres import Server
from tests.support.service import trial


@pytest.fixture
def town(postgres_cluster: Server) -> Iterator[Town]:
    with trial(postgres_cluster, SERVICE) as t:
        town = Town(t)
        town.desk()
        town.family("Ames")
        yield town
