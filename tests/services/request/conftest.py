"""The request service on a database of its own, with a desk in Brighton."""

from collections.abc import Iterator

import pytest

from services.request.handlers.families import FamilyKept
from services.request.service import SERVICE
from tests.services.request.town import Town
from tests.support.postgres import Server
from tests.support.service import trial


@pytest.fixture
def town(postgres_cluster: Server) -> Iterator[Town]:
    with trial(postgres_cluster, SERVICE) as t:
        town = Town(t)
        town.desk()
        yield town


@pytest.fixture
def ames(town: Town) -> FamilyKept:
    return town.family("Ames")
