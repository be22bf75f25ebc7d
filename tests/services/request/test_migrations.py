"""The migration makes what the tables declare, each row of it a desk's own."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, delete, insert, text
from sqlalchemy.exc import DBAPIError

from services.request.tables import METADATA, access_log
from shared.auth.roles import Role
from tests.services.request.town import NOW, Town
from tests.support.postgres import Server


def test_the_database_is_what_the_tables_declare_and_row_security_holds_on_all(postgres_cluster: Server) -> None:
    with postgres_cluster.service_database("request") as databases:
        engine = create_engine(databases.owner_url)
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={"include_object": lambda thing, name, kind, *_: kind != "table" or name in METADATA.tables},
            )
            assert compare_metadata(context, METADATA) == []
            protected = connection.execute(
                text("SELECT tablename FROM pg_policies WHERE policyname = 'desk_only'")
            ).scalars()
            assert set(protected) == set(METADATA.tables)
        engine.dispose()


def test_who_read_about_a_child_can_be_added_to_but_not_taken_back(town: Town) -> None:
    row = {"access_id": town.trial.desk_id, "desk_id": town.trial.desk_id, "what": "family", "child_ids": [], "at": NOW}
    with town.rows() as session:
        session.execute(insert(access_log).values(**row, role=Role.DISPATCHER))
        with pytest.raises(DBAPIError, match="append-only"):
            session.execute(delete(access_log))
