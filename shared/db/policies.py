"""Row-level security, written by migrations: a desk's rows are seen only by transactions bound to that desk."""

from alembic import op

DESK_OF_TRANSACTION = "nullif(current_setting('app.desk_id', true), '')::uuid"


def protect(*tables: str) -> None:
    """Let the service's own user see and write only rows whose `desk_id` is its transaction's desk."""
    for table in tables:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY desk_only ON {table} USING (desk_id = {DESK_OF_TRANSACTION}) "
            f"WITH CHECK (desk_id = {DESK_OF_TRANSACTION})"
        )


def open_to_service(*tables: str) -> None:
    """Rows that the service itself reads across desks: outbox, inbox, timers, keys of its own."""
    for table in tables:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY service_itself ON {table} USING (true) WITH CHECK (true)")


def append_only(*tables: str) -> None:
    """Nobody changes or removes a row, not even the owner: history and the ledger stay as they were written."""
    for table in tables:
        op.execute(
            f"""
            CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'restrict_violation'; END $$
            """
        )
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_is_append_only()"
        )
        op.execute(f"CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION {table}_is_append_only()")
