"""The migration makes what the tables declare, each row of it a desk's own."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from services.roster.tables.metadata import METADATA
from shared.db.declared import ACROSS_DESKS
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
            own = {name for name, table in METADATA.tables.items() if not table.info.get(ACROSS_DESKS)}
            assert set(protected) == own
            kept = connection.execute(
                text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'append_only'")
            )
            assert {"visit_history", "travel_legs", "access_log", "carer_history", "duty_history"} <= set(
                kept.scalars()
            )
            for function in (
                "busy_at_other_desks(uuid, timestamptz, timestamptz)",
                "worked_at_other_desks(uuid, timestamptz, timestamptz, text)",
            ):
                may = text("SELECT has_function_privilege(:role, :function, 'EXECUTE')")
                assert connection.execute(may, {"role": "roster_app", "function": function}).scalar_one()
                assert not connection.execute(may, {"role": "pg_monitor", "function": function}).scalar_one()
            one_place = "SELECT contype FROM pg_constraint WHERE conname = 'one_place_at_a_time'"
            assert connection.execute(text(one_place)).scalar_one() == "x"
        engine.dispose()
