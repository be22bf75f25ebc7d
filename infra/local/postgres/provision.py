"""What every service gets in a PostgreSQL: its database, a role that owns it and a role that only uses it."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from infra.local.postgres.binaries import OLDEST_VERSION
from infra.local.postgres.errors import PostgresError
from infra.local.postgres.passwords import Passwords, passwords

# Two starts at once must not both find a role missing; any number will do as long as it stays the same.
_ONE_AT_A_TIME = 0x7E59E4

# Run by the owner in its own database. What a table's history needs (no UPDATE, no DELETE) its migration revokes.
_OWN_DATABASE = """
    REVOKE ALL ON DATABASE {database} FROM PUBLIC;
    GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {owner};
    GRANT CONNECT ON DATABASE {database} TO {app};
    CREATE EXTENSION IF NOT EXISTS btree_gist;
    ALTER SCHEMA public OWNER TO {owner};
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    GRANT USAGE ON SCHEMA public TO {app};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app};
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {app};
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Databases:
    """One service's database as its two roles see it, as SQLAlchemy URLs with passwords."""

    owner_url: str
    app_url: str


def provision(admin_url: str, services: Sequence[str], *, folder: Path) -> dict[str, Databases]:
    """Give each service its database `vesper_<service>` with roles `<service>_owner` and `<service>_app`.

    May be repeated: what is there stays, passwords are set anew from the secret in `folder`. `admin_url` is a login
    that may create databases and roles, on a private cluster or on any server (`DATABASE_URL`).
    Raises PostgresError when the server can't be reached or is too old, or the login lacks a right, naming it.
    """
    known = passwords(folder)
    given = {service: service_databases(admin_url, service, f"vesper_{service}", known) for service in services}
    with connection(admin_url) as admin:
        _check_server(admin)
        admin.execute("SELECT pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
        for service, databases in given.items():
            with _refusals_explained(f"The login {admin.info.user!r} could not prepare the database vesper_{service}"):
                for role in (f"{service}_owner", f"{service}_app"):
                    _create_role(admin, role, known.of(role))
                _create_database(admin, f"vesper_{service}", owner=f"{service}_owner")
                _furnish(databases.owner_url, f"vesper_{service}", service)
    return given


def service_databases(admin_url: str, service: str, database: str, known: Passwords) -> Databases:
    """The URLs of a service's two roles in a database of the server `admin_url` names."""
    url = _parse(admin_url).set(drivername="postgresql+psycopg", database=database)

    def of(role: str) -> str:
        return url.set(username=role, password=known.of(role)).render_as_string(hide_password=False)

    return Databases(owner_url=of(f"{service}_owner"), app_url=of(f"{service}_app"))


@contextmanager
def connection(url: str) -> Iterator[psycopg.Connection]:
    """An autocommit connection to this SQLAlchemy or PostgreSQL URL. Raises PostgresError when it can't be had."""
    parsed = _parse(url)
    # By name, not as one string: SQLAlchemy writes a space in a password as it is, which libpq refuses.
    parts: dict[str, Any] = {
        name: each if isinstance(each, str) else ",".join(each) for name, each in parsed.query.items()
    }
    parts |= parsed.translate_connect_args(username="user", database="dbname")
    try:
        opened = psycopg.connect(**{"dbname": "postgres", "connect_timeout": 10, **parts}, autocommit=True)
    except psycopg.Error as error:
        raise PostgresError(f"PostgreSQL at {parsed.render_as_string()} does not let us in: {_said(error)}") from error
    with opened:
        yield opened


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        # Not repeated in the message: it may hold a password.
        raise PostgresError(
            "DATABASE_URL is not a URL. It looks like postgresql://login:password@host:5432/postgres."
        ) from None
    if not re.match(r"postgres(ql)?(\+psycopg)?$", parsed.drivername):
        raise PostgresError(f"DATABASE_URL begins with {parsed.drivername}://, but Vesper needs postgresql://.")
    return parsed


def _check_server(admin: psycopg.Connection) -> None:
    if admin.info.server_version < OLDEST_VERSION * 10000:
        raise PostgresError(
            f"The server DATABASE_URL names is PostgreSQL {admin.info.server_version // 10000}; "
            f"Vesper needs {OLDEST_VERSION} or newer."
        )
    if not admin.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'btree_gist'").fetchone():
        raise PostgresError(
            "The server DATABASE_URL names lacks the extension btree_gist. It is in PostgreSQL's contrib package "
            "(postgresql-contrib); ask the server's administrator to install it."
        )
    rights = admin.execute(
        "SELECT rolsuper OR rolcreatedb, rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    wanted = zip(("CREATEDB", "CREATEROLE"), ("create databases", "create roles"), rights or (), strict=True)
    missing = [(right, meaning) for right, meaning, has in wanted if not has]
    if missing:
        login = admin.info.user
        raise PostgresError(
            f"DATABASE_URL's login {login!r} may not {' nor '.join(meaning for _, meaning in missing)}. "
            f"Ask the server's administrator for: ALTER ROLE {login} {' '.join(right for right, _ in missing)};"
        )


def _create_role(admin: psycopg.Connection, role: str, password: str) -> None:
    found = admin.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    if found is not None and found[0]:
        raise PostgresError(
            f"The server has a role {role} that may pass row security, so desks would see each other's rows. "
            f"Ask its administrator for: ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS;"
        )
    # The server gets, and may log, only what proves the password, never the password.
    proof = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    verb = "CREATE" if found is None else "ALTER"
    admin.execute(
        sql.SQL(f"{verb} ROLE {{}} LOGIN NOCREATEDB NOCREATEROLE PASSWORD {{}}").format(sql.Identifier(role), proof)
    )


def _create_database(admin: psycopg.Connection, database: str, *, owner: str) -> None:
    found = admin.execute("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s", [database]).fetchone()
    if found is None:
        if not admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user AND rolsuper").fetchone():
            # Who gives a database to a role must be a member of it.
            admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(owner)))
        admin.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
                sql.Identifier(database), sql.Identifier(owner)
            )
        )
    elif found[0] != owner:
        raise PostgresError(
            f"The server has a database {database} that belongs to {found[0]}, not to {owner}. "
            f"Rename it, or ask its administrator for: ALTER DATABASE {database} OWNER TO {owner};"
        )


def _furnish(owner_url: str, database: str, service: str) -> None:
    with connection(owner_url) as own:
        own.execute(sql.SQL(_OWN_DATABASE).format(**_names(database, service)))


def _names(database: str, service: str) -> dict[str, sql.Identifier]:
    return {
        "database": sql.Identifier(database),
        "owner": sql.Identifier(f"{service}_owner"),
        "app": sql.Identifier(f"{service}_app"),
    }


@contextmanager
def _refusals_explained(what: str) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        raise PostgresError(f"{what}: {_said(error)}") from error


def _said(error: psycopg.Error) -> str:
    return " ".join(str(error).split())
