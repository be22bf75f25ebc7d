"""What other tests lean on: copies that know nothing of each other, and waiting that ends."""

from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy.engine import make_url

from infra.local.postgres.provision import Databases, connection
from tests.support.postgres import Server
from tests.support.waiting import wait_until


def test_copies_of_a_service_are_apart_and_keep_its_roles_and_rights(databases: Callable[..., Databases]) -> None:
    one, other = databases("request", migrated=False), databases("request", migrated=False)
    with connection(one.owner_url) as owner:
        owner.execute("CREATE TABLE words (word text)")
    with connection(one.app_url) as app:
        app.execute("INSERT INTO words VALUES ('here')")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("CREATE TABLE mine (word text)")
    with connection(other.app_url) as app, pytest.raises(psycopg.errors.UndefinedTable):
        app.execute("SELECT word FROM words")


def test_a_copy_is_gone_after_its_use_even_with_connections_open(postgres_cluster: Server) -> None:
    with postgres_cluster.service_database("request", migrated=False) as databases:
        left_open = psycopg.connect(make_url(databases.app_url).set(drivername="postgresql").render_as_string(False))
    with pytest.raises(psycopg.OperationalError):
        left_open.execute("SELECT 1")
    with connection(postgres_cluster.cluster.admin_url) as admin:
        name = make_url(databases.app_url).database
        assert admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None


def test_waiting_gives_what_it_waited_for() -> None:
    answers = iter([None, 0, "done"])
    assert wait_until(lambda: next(answers), what="an answer") == "done"


def test_waiting_in_vain_names_what_it_waited_for() -> None:
    with pytest.raises(AssertionError, match=r"not within 0.05 s: the offer is accepted"):
        wait_until(lambda: False, within=0.05, what="the offer is accepted")
