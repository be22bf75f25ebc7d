"""What keeps a night safe: alerts, duty, concerns, tonight's list."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.policies import append_only, protect

revision = "roster_0004"
down_revision = "roster_0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _alerts()
    _duty()
    protect("alerts", "concerns", "duty", "duty_people", "duty_history", "tonight_lists")
    append_only("duty_history")


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("about", sa.String, nullable=False),
        sa.Column("severity", sa.String, nullable=False),
        sa.Column("visit_id", sa.Uuid),
        sa.Column("carer_id", sa.Uuid),
        sa.Column("family_id", sa.Uuid),
        sa.Column("facts", postgresql.JSONB, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("owner_account_id", sa.Uuid),
        sa.Column("asked", postgresql.JSONB, nullable=False),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("acknowledged_at", INSTANT),
        sa.Column("acknowledged_by", sa.Uuid),
        sa.Column("closed_at", INSTANT),
        sa.Column("closed_by", sa.Uuid),
        sa.Column("outcome", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("alert_id", name="pk_alerts"),
    )
    op.create_index("ix_alerts_desk_id_raised_at", "alerts", ["desk_id", "raised_at"])
    op.create_index("ix_alerts_visit_id", "alerts", ["visit_id"])
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["desk_id", "kind", "about"],
        unique=True,
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_table(
        "concerns",
        sa.Column("concern_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("said_by", sa.String, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("about", sa.String, nullable=False),
        sa.Column("about_id", sa.Uuid, nullable=False),
        sa.Column("visit_id", sa.Uuid),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("read_at", INSTANT),
        sa.Column("read_by", sa.Uuid),
        sa.Column("closed_at", INSTANT),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("concern_id", name="pk_concerns"),
    )
    op.create_index("ix_concerns_desk_id_said_at", "concerns", ["desk_id", "said_at"])


def _duty() -> None:
    op.create_table(
        "duty",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("offered_to", sa.Uuid),
        sa.Column("offered_at", INSTANT),
        sa.PrimaryKeyConstraint("desk_id", name="pk_duty"),
    )
    op.create_table(
        "duty_people",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("phone", sa.String),
        sa.Column("position", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "account_id", name="pk_duty_people"),
    )
    op.create_table(
        "duty_history",
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("from_account_id", sa.Uuid),
        sa.Column("to_account_id", sa.Uuid),
        sa.Column("account_id", sa.Uuid),
        sa.PrimaryKeyConstraint("entry_id", name="pk_duty_history"),
        info={"triggers": {"no_truncate", "append_only"}},
    )
    op.create_index("ix_duty_history_desk_id_at", "duty_history", ["desk_id", "at"])
    op.create_table(
        "tonight_lists",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("page", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("saved_version", sa.Integer, nullable=False),
        sa.Column("mailed_at", INSTANT),
        sa.PrimaryKeyConstraint("desk_id", "on", name="pk_tonight_lists"),
    )
