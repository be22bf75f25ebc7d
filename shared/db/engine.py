"""One engine per process and service, made by a factory: nothing connects at import."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from shared.domain.errors import DomainError

# The database is away or has no connection left for us: wait, then try the same again.
AWAY = (OperationalError, InterfaceError, PoolTimeout)
# Options of a connection on which each statement is a transaction of its own.
ALONE = {"isolation_level": "AUTOCOMMIT"}
_SURELY_ALIVE_SECONDS = 1.0
# A service runs a few hundred statements over and over.
_PREPARED_AFTER, _PREPARED_AT_MOST = 2, 1000


def make_engine(url: str, *, pool_size: int = 10) -> Engine:
    """An engine that checks a connection that has lain idle before use, so that a restarted database is met without an error."""
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=5,
        # An error is logged with its statement, never with what a family told us.
        hide_parameters=True,
        connect_args={"connect_timeout": 3, "prepare_threshold": _PREPARED_AFTER},
    )
    _keep_prepared_statements(engine)
    _check_idle_connections(engine)
    return engine


@contextmanager
def reading(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """A session that only reads. It ends with a commit, also when what was asked for isn't there: at a rollback psycopg
    forgets every statement it prepared.
    """
    with sessions() as session:
        try:
            yield session
        except DomainError:
            session.commit()
            raise
        session.commit()


@contextmanager
def glancing(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """A session for statements that each stand by themselves, with no transaction around them: what looks at a table
    again and again does so in one round trip to the database instead of three.
    """
    with sessions() as session:
        session.connection(execution_options=ALONE)
        yield session


def _keep_prepared_statements(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def keep(connection: Any, _: Any) -> None:
        connection.prepared_max = _PREPARED_AT_MOST


def _check_idle_connections(engine: Engine) -> None:
    # SQLAlchemy's own pre-ping asks every time, which costs a busy service a seventh of its commands.
    @event.listens_for(engine, "checkin")
    def remember(connection: Any, record: Any) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def check(connection: Any, record: Any, _: Any) -> None:
        idle = time.monotonic() - record.info.get("used_at", time.monotonic())
        if idle < _SURELY_ALIVE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error
