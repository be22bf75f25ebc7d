"""The kit's tables: outbox, inbox, timers, idempotency keys, dead letters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.policies import open_to_service

revision = "kit_0001"
down_revision = None
branch_labels = ("kit",)
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("message_id", sa.String, nullable=False),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("desk_id", sa.Uuid),
        sa.Column("time", INSTANT, nullable=False),
        sa.Column("correlation_id", sa.String, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("extensions", postgresql.JSONB, nullable=False),
        sa.Column("published_at", INSTANT),
        sa.PrimaryKeyConstraint("position", name="pk_outbox"),
        sa.UniqueConstraint("message_id", name="uq_outbox_message_id"),
    )
    op.create_index("ix_outbox_unpublished", "outbox", ["position"], postgresql_where="published_at IS NULL")
    op.create_table(
        "inbox",
        sa.Column("message_id", sa.String, nullable=False),
        sa.Column("sequence", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("desk_id", sa.Uuid),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("waiting_for", sa.String),
        sa.Column("retry_at", INSTANT),
        sa.Column("time", INSTANT),
        sa.Column("correlation_id", sa.String),
        sa.Column("origin", sa.String),
        sa.Column("body", sa.LargeBinary),
        sa.PrimaryKeyConstraint("message_id", name="pk_inbox"),
    )
    op.create_index(
        "ix_inbox_waiting", "inbox", ["topic", "key", "sequence"], postgresql_where="state IN ('parked', 'ready')"
    )
    op.create_index("ix_inbox_waiting_for", "inbox", ["waiting_for"], postgresql_where="state = 'parked'")
    op.create_table(
        "timers",
        sa.Column("timer_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("facts", postgresql.JSONB, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("correlation_id", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("timer_id", name="pk_timers"),
        sa.UniqueConstraint("desk_id", "kind", "key", name="uq_timers_desk_id_kind_key"),
    )
    op.create_index("ix_timers_due_at", "timers", ["due_at"])
    op.create_table(
        "timers_fired",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("fired_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "kind", "key", "due_at", name="pk_timers_fired"),
    )
    op.create_index("ix_timers_fired_fired_at", "timers_fired", ["fired_at"])
    op.create_table(
        "idempotency_keys",
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("asked", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("answer", sa.LargeBinary),
        sa.Column("content_type", sa.String),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "key", name="pk_idempotency_keys"),
    )
    op.create_table(
        "dead_letters",
        sa.Column("message_id", sa.String, nullable=False),
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("desk_id", sa.Uuid),
        sa.Column("time", INSTANT, nullable=False),
        sa.Column("correlation_id", sa.String, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("died_at", INSTANT, nullable=False),
        sa.Column("replayed_at", INSTANT),
        sa.PrimaryKeyConstraint("message_id", name="pk_dead_letters"),
    )
    op.create_index("ix_dead_letters_died_at", "dead_letters", ["died_at"])
    open_to_service("outbox", "inbox", "timers", "timers_fired", "idempotency_keys", "dead_letters")
    _wake_up("outbox", "vesper_outbox")
    _wake_up("timers", "vesper_timers")


def _wake_up(table: str, channel: str) -> None:
    # The relay and the timers sleep until a commit wakes them: polling alone would cost each message half a period.
    op.execute(
        f"""
        CREATE FUNCTION {table}_wakes_up() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN PERFORM pg_notify('{channel}', ''); RETURN NULL; END $$
        """
    )
    op.execute(
        f"CREATE TRIGGER wake_up AFTER INSERT OR UPDATE OF due_at ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_wakes_up()"
        if table == "timers"
        else f"CREATE TRIGGER wake_up AFTER INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_wakes_up()"
    )
