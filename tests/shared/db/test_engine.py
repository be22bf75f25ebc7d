"""The engine: pings what lay idle and nothing else, keeps what it prepared, tells no secrets, survives a restart."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import sessionmaker

from shared.db import engine as kit
from shared.db.engine import AWAY, make_engine, reading
from tests.support.postgres import Server


@pytest.fixture(scope="module")
def url(postgres_cluster: Server) -> Iterator[str]:
    with postgres_cluster.service_database("diary") as databases:
        yield databases.app_url


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = make_engine(url, pool_size=1)
    yield made
    made.dispose()


class Time:
    """Passes when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Time:
    made = Time()
    monkeypatch.setattr(kit, "time", made)
    return made


def ask(engine: Engine) -> int:
    with engine.connect() as connection:
        found: int = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        connection.commit()
        return found


def test_only_a_connection_that_lay_idle_for_a_second_is_pinged(
    engine: Engine, passing: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    pings = []
    really = engine.dialect.do_ping

    def counted(connection: Any) -> bool:
        pings.append(connection)
        return really(connection)

    monkeypatch.setattr(engine.dialect, "do_ping", counted)
    for _ in range(50):
        ask(engine)
    assert pings == []
    passing.now += 1.01
    ask(engine)
    ask(engine)
    assert len(pings) == 1


def test_idle_connections_of_a_restarted_database_are_met_without_an_error(engine: Engine, passing: Time) -> None:
    before = ask(engine)
    _end(engine, before)
    passing.now += 1.01
    assert ask(engine) != before


def test_one_used_a_moment_ago_fails_as_away_once_and_not_again(engine: Engine, passing: Time) -> None:
    before = ask(engine)
    _end(engine, before)
    with pytest.raises(AWAY):
        ask(engine)
    assert ask(engine) != before


def _end(engine: Engine, backend: int) -> None:
    other = make_engine(engine.url.render_as_string(hide_password=False))
    with other.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
        # It is gone when it can no longer be seen.
        while connection.execute(text("SELECT 1 FROM pg_stat_activity WHERE pid = :pid"), {"pid": backend}).first():
            connection.rollback()
    other.dispose()


def prepared(engine: Engine) -> int:
    with engine.connect() as connection:
        # Exactly as often as not to be prepared itself.
        found: int = connection.exec_driver_sql("SELECT count(*) FROM pg_prepared_statements").scalar_one()
        connection.commit()
        return found


def test_a_read_keeps_what_was_prepared_where_a_rollback_loses_it(engine: Engine) -> None:
    sessions = sessionmaker(engine)
    for _ in range(4):
        with reading(sessions) as session:
            session.execute(text("SELECT 1 AS one"))
    kept = prepared(engine)
    assert kept >= 1
    with reading(sessions) as session:
        session.execute(text("SELECT 1 AS one"))
    assert prepared(engine) >= kept
    with sessions() as session:
        session.execute(text("SELECT 1 AS one"))
    assert prepared(engine) == 0, "why reading() exists: this one ended with a rollback"


def test_an_error_names_the_statement_and_not_what_a_family_told_us(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(DBAPIError) as refused:
        connection.execute(text("SELECT 1 / (length(:told) - 11)"), {"told": "Lina is ill"})
    assert "Lina" not in str(refused.value)
    assert "SELECT 1 /" in str(refused.value)


def test_nothing_connects_before_it_is_needed() -> None:
    engine = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere")
    assert engine.pool.status().startswith("Pool size: 10  Connections in pool: 0")
    with pytest.raises(AWAY):
        engine.connect()
    engine.dispose()
