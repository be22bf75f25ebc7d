"""The migration makes what the tables declare, each row of it a desk's own."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from services.roster.tables import METADATA
from tests.support.postgres import Server


def test_the_database_is_what_the_tables_declare_and_row_security_holds_on_all(postgres_cluster: Server) -> None:
    with postgres_cluster.service_database("roster") as databases:
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
            kept = connection.execute(
                text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only'")
            )
            assert {"visit_history", "travel_legs", "access_log"} <= set(kept.scalars())
            may = (
                "SELECT has_function_privilege(:role, 'busy_at_other_desks(uuid, timestamptz, timestamptz)', 'EXECUTE')"
            )
            assert connection.execute(text(may), {"role": "roster_app"}).scalar_one()
            assert not connection.execute(text(may), {"role": "pg_monitor"}).scalar_one()
            one_place = "SELECT contype FROM pg_constraint WHERE conname = 'one_place_at_a_time'"
            assert connection.execute(text(one_place)).scalar_one() == "x"
        engine.dispose()
