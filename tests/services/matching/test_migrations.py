"""The migration makes what the tables declare, each row of it a desk's own."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from services.matching.tables import METADATA
from tests.support.postgres import Server


def test_the_database_is_what_the_tables_declare_and_row_security_holds_on_all(postgres_cluster: Server) -> None:
    with postgres_cluster.service_database("matching") as databases:
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
            may = "SELECT has_function_privilege(:role, 'carer_busy(uuid[], timestamptz, timestamptz)', 'EXECUTE')"
            assert connection.execute(text(may), {"role": "matching_app"}).scalar_one()
            assert not connection.execute(text(may), {"role": "pg_monitor"}).scalar_one()
        engine.dispose()
