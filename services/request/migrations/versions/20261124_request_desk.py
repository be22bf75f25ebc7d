"""What holds at a desk: copies, choices, orders, refinements, days off."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.policies import protect

revision = "request_0004"
down_revision = "request_0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_tables()
    protect(
        "carers",
        "desks",
        "policies",
        "priority_orders",
        "rule_refinements",
        "school_breaks",
        "school_years",
    )


def _create_tables() -> None:
    op.create_table(
        "carers",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("first_name", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "carer_id", name="pk_carers"),
    )
    op.create_table(
        "desks",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("country", sa.String, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", name="pk_desks"),
    )
    op.create_table(
        "policies",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("choices", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "valid_from", name="pk_policies"),
    )
    op.create_table(
        "priority_orders",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("rules", postgresql.ARRAY(sa.String), nullable=False),
        sa.Column("rationale", sa.String, nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("published_by", sa.Uuid),
        sa.PrimaryKeyConstraint("desk_id", "valid_from", name="pk_priority_orders"),
    )
    op.create_table(
        "rule_refinements",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("numbers", postgresql.JSONB, nullable=False),
        sa.Column("sentence", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Uuid),
        sa.PrimaryKeyConstraint("desk_id", "code", "valid_from", name="pk_rule_refinements"),
    )
    op.create_table(
        "school_breaks",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "first_day", name="pk_school_breaks"),
    )
    op.create_table(
        "school_years",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "first_day", name="pk_school_years"),
    )
