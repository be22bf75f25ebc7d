"""`make check` reads PostgreSQL's catalog: each thing that may go wrong is done to a migrated database once, and told."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import Connection, create_engine, make_url, text

from infra.local.catalog.check import complaints
from infra.local.processes import ROOT, SERVICES
from tests.support.postgres import Server

# What is done to the database, the service it is done to, and what is then said of it.
BROKEN = [
    ("request", "DROP TABLE access_log", "access_log: tables.py declares this table, but no migration makes it."),
    (
        "request",
        "CREATE TABLE notes (note_id uuid)",
        "notes: a migration makes this table, but tables.py does not declare it.",
    ),
    ("request", "ALTER TABLE families DROP COLUMN version CASCADE", "families: the column version is missing"),
    ("request", "ALTER TABLE families ADD COLUMN nickname text", "the column nickname is in the database (text), but"),
    ("request", "ALTER TABLE families ALTER COLUMN version DROP NOT NULL", "is integer in the database, but tables.py"),
    ("request", "ALTER TABLE families ALTER COLUMN version TYPE bigint", "is bigint not null in the database, but"),
    ("request", "ALTER TABLE families ALTER COLUMN version SET DEFAULT 1", "not null default 1 in the database, but"),
    ("request", "ALTER TABLE outbox ALTER COLUMN position DROP IDENTITY", "outbox: the column position is bigint not"),
    ("request", "DROP INDEX ix_children_family_id", "children: the index ix_children_family_id is missing"),
    (
        "request",
        "DROP INDEX ix_outbox_unpublished; CREATE INDEX ix_outbox_unpublished ON outbox (position)",
        "outbox: the index ix_outbox_unpublished is CREATE INDEX",
    ),
    (
        "request",
        "ALTER TABLE outbox DROP CONSTRAINT uq_outbox_message_id",
        "the unique constraint uq_outbox_message_id",
    ),
    (
        "request",
        "ALTER TABLE children DROP CONSTRAINT fk_children_family_id",
        "children: the foreign key constraint fk_children_family_id is missing",
    ),
    ("billing", "ALTER TABLE entries DROP CONSTRAINT ck_entries_not_zero", "the check constraint ck_entries_not_zero"),
    (
        "billing",
        "ALTER TABLE entries DROP CONSTRAINT ck_entries_not_zero; "
        "ALTER TABLE entries ADD CONSTRAINT ck_entries_not_zero CHECK (minor > 0)",
        "entries: the check constraint ck_entries_not_zero is CHECK (minor > 0) in the database, but",
    ),
    (
        "roster",
        "ALTER TABLE visits DROP CONSTRAINT one_place_at_a_time",
        "visits: the exclusion constraint one_place_at_a_time is missing; tables.py declares EXCLUDE USING gist",
    ),
    (
        "roster",
        "ALTER TABLE visits DROP CONSTRAINT one_place_at_a_time; ALTER TABLE visits ADD CONSTRAINT one_place_at_a_time "
        "EXCLUDE USING gist (carer_id WITH =, during WITH &&) WHERE (state = 'started')",
        "visits: the exclusion constraint one_place_at_a_time is EXCLUDE USING gist (carer_id WITH =, during WITH &&)",
    ),
    (
        "matching",
        "ALTER TABLE assignments DROP CONSTRAINT ex_assignments_one_place_at_a_time",
        "assignments: the exclusion constraint ex_assignments_one_place_at_a_time is missing",
    ),
    (
        "roster",
        "ALTER TABLE visits ALTER COLUMN during DROP EXPRESSION",
        "visits: the column during is tstzrange in the database, but tables.py declares tstzrange generated always as",
    ),
    ("roster", "ALTER TABLE visits DISABLE ROW LEVEL SECURITY", "visits: row security is off, so every desk sees"),
    ("roster", "DROP POLICY desk_only ON visits", "visits: no policy says which rows a desk may see."),
    (
        "roster",
        "CREATE POLICY everything ON visits USING (true)",
        "visits: the policy everything does not compare desk_id with the transaction's desk, it says true.",
    ),
    (
        "roster",
        "ALTER POLICY desk_only ON visits WITH CHECK (true)",
        "visits: the policy desk_only does not compare desk_id with the transaction's desk, it says true.",
    ),
    (
        "roster",
        "ALTER POLICY desk_only ON visits TO roster_owner",
        "visits: the policy desk_only holds for some logins",
    ),
    ("roster", "DROP POLICY service_itself ON inbox", "inbox: no policy says which rows a desk may see."),
    ("roster", "CREATE VIEW who AS SELECT * FROM carers", "who: a view sees rows as its owner does"),
    ("roster", "ALTER ROLE roster_app BYPASSRLS", "the login roster_app may pass row security."),
    ("roster", "ALTER ROLE roster_app SUPERUSER", "the login roster_app is a superuser."),
    ("roster", "GRANT roster_owner TO roster_app", "the login roster_app belongs to roster_owner"),
    ("roster", "ALTER TABLE carers OWNER TO roster_app", "the login roster_app owns table carers"),
    ("roster", "GRANT CREATE ON SCHEMA public TO roster_app", "the login roster_app may create tables."),
    ("roster", "GRANT TRUNCATE ON carers TO roster_app", "carers: the login roster_app may TRUNCATE it."),
    ("roster", "GRANT TRIGGER ON carers TO roster_app", "carers: the login roster_app may TRIGGER it."),
    ("roster", "GRANT REFERENCES ON carers TO roster_app", "carers: the login roster_app may REFERENCES it."),
    (
        "roster",
        "GRANT SELECT ON carers TO roster_app WITH GRANT OPTION",
        "carers: the login roster_app may let others SELECT it.",
    ),
    ("roster", "GRANT SELECT ON carers TO PUBLIC", "carers: every login may SELECT it."),
    ("roster", "GRANT DELETE ON alembic_version TO roster_app", "alembic_version: roster_app may DELETE it."),
    (
        "roster",
        "REVOKE INSERT ON carers FROM roster_app",
        "carers: the login roster_app may not INSERT, so the service",
    ),
    ("roster", "DROP TRIGGER append_only ON visit_history", "visit_history: the trigger append_only is missing"),
    ("roster", "DROP TRIGGER no_truncate ON travel_legs", "travel_legs: the trigger no_truncate is missing"),
    ("roster", "ALTER TABLE access_log DISABLE TRIGGER append_only", "access_log: the trigger append_only is switched"),
    (
        "roster",
        "DROP TRIGGER append_only ON access_log; CREATE TRIGGER append_only BEFORE DELETE ON access_log "
        "FOR EACH ROW EXECUTE FUNCTION access_log_is_append_only()",
        "access_log: the trigger append_only does not refuse what it is there to refuse.",
    ),
    (
        "roster",
        "CREATE OR REPLACE FUNCTION access_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN NEW; END $$",
        "access_log: the trigger append_only does not refuse what it is there to refuse.",
    ),
    (
        "roster",
        "CREATE TRIGGER rewriting BEFORE UPDATE ON carers FOR EACH ROW EXECUTE FUNCTION access_log_is_append_only()",
        "carers: the database has a trigger rewriting that tables.py does not declare.",
    ),
    ("billing", "DROP TRIGGER balanced ON entries", "entries: the trigger balanced is missing"),
    ("billing", "DROP TRIGGER only_settled ON charges", "charges: the trigger only_settled is missing"),
    ("billing", "DROP TRIGGER wake_up ON outbox", "outbox: the trigger wake_up is missing"),
    (
        "matching",
        "GRANT EXECUTE ON FUNCTION carer_busy TO PUBLIC",
        "carer_busy(uuid[],timestamp with time zone,timestamp with time zone): this function sees every desk's rows "
        "and every login may call it.",
    ),
    ("matching", "ALTER FUNCTION carer_busy RESET search_path", "looks tables up by a search_path it does not set."),
]


@pytest.fixture(scope="module")
def connections(postgres_cluster: Server) -> Iterator[dict[str, Connection]]:
    """The superuser in each service's migrated database; whatever is done there is rolled back."""
    admin = make_url(postgres_cluster.cluster.admin_url)
    with ExitStack() as until_the_end:
        opened = {}
        for service in SERVICES:
            database = until_the_end.enter_context(postgres_cluster.service_database(service))
            engine = create_engine(admin.set(database=make_url(database.owner_url).database))
            until_the_end.callback(engine.dispose)
            opened[service] = until_the_end.enter_context(engine.connect())
        yield opened


@pytest.mark.parametrize("service", SERVICES)
def test_every_database_is_what_the_code_says(connections: dict[str, Connection], service: str) -> None:
    with connections[service].begin() as transaction:
        assert list(complaints(connections[service], service)) == []
        transaction.rollback()


@pytest.mark.parametrize(("service", "done", "said"), BROKEN)
def test_what_is_not_as_it_should_be_is_told(
    connections: dict[str, Connection], service: str, done: str, said: str
) -> None:
    with connections[service].begin() as transaction:
        connections[service].execute(text(done))
        told = list(complaints(connections[service], service))
        transaction.rollback()
    assert any(said in each for each in told), told


def test_the_login_may_neither_make_schemas_nor_temporary_tables(connections: dict[str, Connection]) -> None:
    connection = connections["roster"]
    with connection.begin() as transaction:
        database = connection.execute(text("SELECT current_database()")).scalar_one()
        connection.execute(text(f"GRANT CREATE, TEMPORARY ON DATABASE {database} TO roster_app"))
        connection.execute(text(f"GRANT CONNECT ON DATABASE {database} TO PUBLIC"))
        told = list(complaints(connection, "roster"))
        transaction.rollback()
    assert told == [
        "the login roster_app may CREATE in the database.",
        "the login roster_app may TEMPORARY in the database.",
        "every login of the server may connect to this database.",
    ]


def test_a_history_that_tables_py_does_not_declare_append_only_is_told(
    connections: dict[str, Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.roster.tables.visits import visit_history

    monkeypatch.setattr(visit_history, "info", {})
    with connections["roster"].begin() as transaction:
        told = list(complaints(connections["roster"], "roster"))
        transaction.rollback()
    assert told[0].startswith("visit_history: a history or a log is kept as it was written")


def test_the_command_starts_what_it_needs_and_says_that_all_is_well() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "infra.local", "catalog"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr
    assert said.stdout.splitlines() == [f"{service}: the database is what the code says" for service in SERVICES]


def test_the_command_fails_when_a_database_is_not_what_the_code_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from infra.local.catalog import check
    from services.matching.tables import carers

    monkeypatch.setattr(check, "SERVICES", ("matching",))
    monkeypatch.setattr(carers, "info", {"triggers": {"sings"}})
    assert check.main() == 1
    assert capsys.readouterr().out == "matching: carers: the trigger sings is missing; tables.py declares it.\n"
