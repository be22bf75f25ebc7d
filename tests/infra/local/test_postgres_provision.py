"""Every service gets its own database and two roles, on a private cluster and on a server somebody else keeps."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from infra.local.postgres.binaries import Binaries
from infra.local.postgres.cluster import Cluster, start
from infra.local.postgres.errors import PostgresError
from infra.local.postgres.provision import Databases, connection, provision


@pytest.fixture(scope="module")
def cluster(open_folder: Path, binaries: list[Binaries]) -> Iterator[Cluster]:
    with start(open_folder / f"provision-{binaries[0].major}", durable=False, binaries=binaries) as running:
        yield running


@pytest.fixture
def request_databases(cluster: Cluster) -> Databases:
    return provision(cluster.admin_url, ["request", "billing"], folder=cluster.folder)["request"]


def login(cluster: Cluster, role: str, rights: str) -> str:
    with connection(cluster.admin_url) as admin:
        admin.execute(f"DROP ROLE IF EXISTS {role}")
        admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'let me in' {rights}")
    url = make_url(cluster.admin_url).set(drivername="postgresql", username=role, password="let me in")
    return url.render_as_string(hide_password=False)


def test_the_app_role_uses_tables_and_sequences_but_makes_none(request_databases: Databases) -> None:
    with connection(request_databases.owner_url) as owner:
        owner.execute("DROP TABLE IF EXISTS needs")
        owner.execute("CREATE TABLE needs (id serial PRIMARY KEY, word text)")
    with connection(request_databases.app_url) as app:
        app.execute("INSERT INTO needs (word) VALUES ('night')")
        app.execute("UPDATE needs SET word = 'evening'")
        assert app.execute("DELETE FROM needs RETURNING word").fetchone() == ("evening",)
        for forbidden in (
            "CREATE TABLE mine (id int)",
            "CREATE TEMPORARY TABLE mine (id int)",
            "CREATE SCHEMA mine",
            "ALTER TABLE needs ADD COLUMN more int",
            "DROP TABLE needs",
            "TRUNCATE needs",
            "SET ROLE request_owner",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(forbidden)


def test_the_app_role_cannot_undo_a_revoked_right(request_databases: Databases) -> None:
    with connection(request_databases.owner_url) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS ledger (amount int)")
        owner.execute("REVOKE UPDATE, DELETE ON ledger FROM request_app")
    with connection(request_databases.app_url) as app:
        app.execute("INSERT INTO ledger VALUES (1)")
        # PostgreSQL answers a grant without the right to give it with a warning.
        app.execute("GRANT UPDATE ON ledger TO request_app")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("UPDATE ledger SET amount = 2")


def test_the_app_role_stays_behind_row_security(request_databases: Databases) -> None:
    with connection(request_databases.owner_url) as owner:
        owner.execute("DROP TABLE IF EXISTS desks")
        owner.execute("CREATE TABLE desks (desk text)")
        owner.execute("ALTER TABLE desks ENABLE ROW LEVEL SECURITY")
        owner.execute("CREATE POLICY own ON desks USING (desk = current_setting('app.desk_id', true))")
        owner.execute("INSERT INTO desks VALUES ('ghent'), ('lille')")
    with connection(request_databases.app_url) as app:
        assert app.execute("SELECT desk FROM desks").fetchall() == []
        app.execute("SET app.desk_id = 'ghent'")
        assert app.execute("SELECT desk FROM desks").fetchall() == [("ghent",)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("INSERT INTO desks VALUES ('lille')")
        app.execute("SET row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("SELECT desk FROM desks")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("ALTER TABLE desks DISABLE ROW LEVEL SECURITY")


@pytest.mark.parametrize("role", ["owner_url", "app_url"])
def test_a_service_cannot_enter_the_database_of_another(request_databases: Databases, role: str) -> None:
    mine = make_url(getattr(request_databases, role))
    theirs = mine.set(database="vesper_billing").render_as_string(hide_password=False)
    with pytest.raises(PostgresError, match="permission denied for database"), connection(theirs):
        pass


def test_carers_cannot_be_in_two_places_because_btree_gist_is_there(request_databases: Databases) -> None:
    with connection(request_databases.owner_url) as owner:
        owner.execute("DROP TABLE IF EXISTS shifts")
        owner.execute(
            "CREATE TABLE shifts (carer uuid, during tstzrange, EXCLUDE USING gist (carer WITH =, during WITH &&))"
        )
        row = "INSERT INTO shifts VALUES (%s, '[2026-03-01 20:00Z, 2026-03-02 06:00Z)')"
        carer = "5b1d6a0e-0000-4000-8000-000000000001"
        owner.execute(row, [carer])
        with pytest.raises(psycopg.errors.ExclusionViolation):
            owner.execute(row, [carer])


def test_provisioning_again_changes_neither_urls_nor_data(cluster: Cluster, request_databases: Databases) -> None:
    with connection(request_databases.owner_url) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS kept (word text)")
        owner.execute("INSERT INTO kept VALUES ('here')")
    again = provision(cluster.admin_url, ["request"], folder=cluster.folder)["request"]
    assert again == request_databases
    with connection(again.app_url) as app:
        assert app.execute("SELECT word FROM kept LIMIT 1").fetchone() == ("here",)


def test_a_login_that_may_create_databases_and_roles_is_enough(cluster: Cluster, tmp_path: Path) -> None:
    url = login(cluster, "dispatcher", "CREATEDB CREATEROLE")
    first = provision(url, ["roster"], folder=tmp_path)
    assert provision(url, ["roster"], folder=tmp_path) == first
    with connection(first["roster"].owner_url) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS visits (id int)")
    with connection(first["roster"].app_url) as app:
        assert app.execute("SELECT count(*) FROM visits").fetchone() == (0,)


@pytest.mark.parametrize(
    ("rights", "named", "missing"),
    [
        ("", r"may not create databases nor create roles", "CREATEDB CREATEROLE"),
        ("CREATEROLE", r"may not create databases\.", "CREATEDB"),
        ("CREATEDB", r"may not create roles\.", "CREATEROLE"),
    ],
)
def test_a_login_without_a_right_is_told_which(
    cluster: Cluster, tmp_path: Path, rights: str, named: str, missing: str
) -> None:
    url = login(cluster, "visitor", rights)
    with pytest.raises(PostgresError, match=named) as refused:
        provision(url, ["identity"], folder=tmp_path)
    assert f"ALTER ROLE visitor {missing};" in str(refused.value)
    with connection(cluster.admin_url) as admin:
        assert not admin.execute("SELECT 1 FROM pg_roles WHERE rolname LIKE 'identity%'").fetchall()


def test_a_role_that_may_pass_row_security_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    with connection(cluster.admin_url) as admin:
        admin.execute("DROP ROLE IF EXISTS matching_app")
        admin.execute("CREATE ROLE matching_app BYPASSRLS")
    with pytest.raises(PostgresError, match="matching_app that may pass row security"):
        provision(cluster.admin_url, ["matching"], folder=tmp_path)


def test_a_database_of_somebody_elses_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    with connection(cluster.admin_url) as admin:
        admin.execute("DROP DATABASE IF EXISTS vesper_identity")
        admin.execute("CREATE DATABASE vesper_identity")
    with pytest.raises(PostgresError, match="belongs to postgres, not to identity_owner"):
        provision(cluster.admin_url, ["identity"], folder=tmp_path)
    with connection(cluster.admin_url) as admin:
        admin.execute("DROP DATABASE vesper_identity")
        admin.execute("DROP ROLE identity_owner, identity_app")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://root@localhost/care", "needs postgresql://"),
        ("my database", "DATABASE_URL is not a URL"),
        ("postgresql://care:hidden@127.0.0.1:1/care", "does not let us in"),
    ],
)
def test_a_url_that_leads_nowhere_is_refused_without_its_password(tmp_path: Path, url: str, why: str) -> None:
    with pytest.raises(PostgresError, match=why) as refused:
        provision(url, ["request"], folder=tmp_path)
    assert "hidden" not in str(refused.value)
