"""Billing on a database of its own, with a desk in Brighton, its tariffs, two families and a carer."""

from collections.abc import Iterator

import pytest

from services.billing.service import SERVICE
from tests.services.billing.town import Town
from tests.support.postgres import Server
from tests.support.service import trial


@pytest.fixture
def town(postgres_cluster: Server) -> Iterator[Town]:
    with trial(postgres_cluster, SERVICE) as t:
        town = Town(t)
        town.desk()
        town.tariffs()
        town.family("Ames")
        town.family("Bell")
        town.carer("Ada")
        yield town
