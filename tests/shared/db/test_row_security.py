"""One desk never sees, changes or writes another's row: tried on every table of every service, as its own login."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import Connection, sql
from sqlalchemy import make_url

from infra.local.postgres.provision import connection
from infra.local.processes import SERVICES
from shared.db.kit import KIT
from tests.support.postgres import Server

# Belongs to no desk: keys of the installation, and tries of people nobody knows yet.
OF_NO_DESK = {"identity": {"signing_keys", "sign_in_limits"}}
OURS, THEIRS = uuid4(), uuid4()
VALUES: dict[str, Any] = {
    "uuid": UUID(int=1),
    "text": "x",
    "character varying": "x",
    "integer": 1,
    "bigint": 1,
    "smallint": 1,
    "numeric": 1,
    "double precision": 1.0,
    "boolean": True,
    "date": "2026-06-01",
    "time without time zone": "09:00",
    "timestamp with time zone": "2026-06-01 09:00+00",
    "interval": "1 hour",
    "jsonb": "{}",
    "bytea": b"x",
    "ARRAY": "{}",
    "tstzrange": "empty",
    "daterange": "empty",
    "int4range": "empty",
}


def desk_tables(admin: Connection[Any], service: str) -> set[str]:
    """Every table but the kit's, Alembic's and those of no desk."""
    found = {row[0] for row in admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    return found - set(KIT.tables) - {"alembic_version"} - OF_NO_DESK.get(service, set())


def columns(admin: Connection[Any], table: str) -> dict[str, str]:
    """What has to be given for a row: columns nobody fills by default, with their types."""
    rows = admin.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s "
        "AND is_generated = 'NEVER' AND is_identity = 'NO' AND (is_nullable = 'NO' OR column_name = 'desk_id')",
        [table],
    )
    return dict(rows.fetchall())


def row_of(admin: Connection[Any], table: str, desk: UUID) -> tuple[sql.Composed, list[Any]]:
    wanted = columns(admin, table)
    values = {name: VALUES[kind] for name, kind in wanted.items()} | {"desk_id": desk}
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, values)),
        sql.SQL(", ").join([sql.Placeholder()] * len(values)),
    )
    return statement, list(values.values())


@contextmanager
def unchecked(admin: Connection[Any]) -> Iterator[None]:
    """Rows may be any: no foreign keys, no triggers, no checks. The database is a copy and thrown away."""
    for table, name in admin.execute(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0 "
        "AND connamespace = 'public'::regnamespace"
    ).fetchall():
        admin.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.Identifier(table), sql.Identifier(name)))
    admin.execute("SET session_replication_role = replica")
    yield
    admin.execute("SET session_replication_role = DEFAULT")


@contextmanager
def bound(app_url: str, desk: UUID | None) -> Iterator[Connection[Any]]:
    """The service's own login in a transaction bound to this desk; rolled back."""
    with connection(app_url) as app, app.transaction(force_rollback=True):
        if desk is not None:
            app.execute("SELECT set_config('app.desk_id', %s, true)", [str(desk)])
        yield app


def count(app: Connection[Any], table: str) -> int:
    found = app.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    assert found is not None
    return int(found[0])


def touched(app: Connection[Any], statement: sql.Composed, given: list[Any] | None = None) -> int:
    """How many rows it changed; none if it may not."""
    try:
        with app.transaction():
            return app.execute(statement, given or []).rowcount
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.RestrictViolation):
        return 0


@pytest.mark.parametrize("service", SERVICES)
def test_a_transaction_bound_to_one_desk_neither_sees_nor_writes_anothers_row(
    postgres_cluster: Server, service: str
) -> None:
    with postgres_cluster.service_database(service) as databases:
        database = make_url(databases.app_url).database
        admin_url = make_url(postgres_cluster.cluster.admin_url).set(database=database).render_as_string(False)
        with connection(admin_url) as admin:
            tables = sorted(desk_tables(admin, service))
            assert len(tables) > 5
            inserts = {table: row_of(admin, table, THEIRS) for table in tables}
            with unchecked(admin):
                for statement, given in inserts.values():
                    admin.execute(statement, given)
        for table in tables:
            name = sql.Identifier(table)
            with bound(databases.app_url, THEIRS) as app:
                assert count(app, table) == 1, f"{table}: its own desk sees it"
            for desk in (OURS, None):
                with bound(databases.app_url, desk) as app:
                    assert count(app, table) == 0, f"{table} is seen"
                    assert touched(app, sql.SQL("UPDATE {} SET desk_id = desk_id").format(name)) == 0, table
                    assert touched(app, sql.SQL("DELETE FROM {}").format(name)) == 0, table
                    assert touched(app, *inserts[table]) == 0, f"{table} is written for another desk"


@pytest.mark.parametrize("service", SERVICES)
def test_tables_of_no_desk_hold_nothing_of_a_desk(postgres_cluster: Server, service: str) -> None:
    with postgres_cluster.service_database(service) as databases, connection(databases.owner_url) as owner:
        for table in OF_NO_DESK.get(service, set()):
            assert "desk_id" not in columns(owner, table)
        for table in desk_tables(owner, service):
            assert "desk_id" in columns(owner, table), table
