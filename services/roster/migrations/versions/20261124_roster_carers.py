"""Carers as a desk knows them: papers, how they were taken on, when they can."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.policies import append_only, protect

revision = "roster_0001"
down_revision = None
branch_labels = ("roster",)
depends_on = "kit_0001"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _carers()
    _when_they_can()
    protect(
        "carers",
        "credentials",
        "onboarding_steps",
        "carer_history",
        "carer_photos",
        "availabilities",
        "availability_exceptions",
        "busy_feeds",
        "absences",
    )
    append_only("carer_history")


def _carers() -> None:
    op.create_table(
        "carers",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("first_name", sa.String, nullable=False),
        sa.Column("last_name", sa.String, nullable=False),
        sa.Column("phone", sa.String),
        sa.Column("email", sa.String),
        sa.Column("modes", sa.ARRAY(sa.String), nullable=False),
        sa.Column("home", postgresql.JSONB, nullable=False),
        sa.Column("languages", sa.ARRAY(sa.String), nullable=False),
        sa.Column("transport", sa.String, nullable=False),
        sa.Column("max_distance_km", sa.Integer, nullable=False),
        sa.Column("distances_km", postgresql.JSONB, nullable=False),
        sa.Column("skills", sa.ARRAY(sa.String), nullable=False),
        sa.Column("opt_ins", sa.ARRAY(sa.String), nullable=False),
        sa.Column("own_children_born", sa.ARRAY(sa.Date), nullable=False),
        sa.Column("affiliation", sa.String, nullable=False),
        sa.Column("pets", sa.ARRAY(sa.String), nullable=False),
        sa.Column("smoker", sa.Boolean, nullable=False),
        sa.Column("assistant", sa.Boolean, nullable=False),
        sa.Column("standby_week_minutes", sa.Integer),
        sa.Column("caps", postgresql.JSONB, nullable=False),
        sa.Column("smallest", postgresql.JSONB, nullable=False),
        sa.Column("goals", postgresql.JSONB, nullable=False),
        sa.Column("excluded_family_ids", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("reference", sa.String),
        sa.Column("cleared_on", sa.Date),
        sa.Column("left_on", sa.Date),
        sa.Column("registered_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "carer_id", name="pk_carers"),
    )
    op.create_index("ix_carers_name", "carers", ["desk_id", "last_name", "first_name", "carer_id"])
    op.create_index("uq_carers_reference", "carers", ["desk_id", "reference"], unique=True)
    op.create_table(
        "credentials",
        sa.Column("credential_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("number", sa.String),
        sa.Column("issuer", sa.String),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.Column("training_hours", sa.Integer),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("found_good", sa.Boolean),
        sa.Column("checked_at", INSTANT),
        sa.Column("checked_by", sa.Uuid),
        sa.Column("checked_name", sa.String),
        sa.Column("withdrawn_at", INSTANT),
        sa.PrimaryKeyConstraint("credential_id", name="pk_credentials"),
    )
    op.create_index("ix_credentials_carer", "credentials", ["desk_id", "carer_id"])
    op.create_index("ix_credentials_valid_until", "credentials", ["desk_id", "valid_until"])
    op.create_table(
        "onboarding_steps",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("step", sa.String, nullable=False),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "carer_id", "step", name="pk_onboarding_steps"),
    )
    op.create_table(
        "carer_history",
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("facts", postgresql.JSONB, nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.Column("account_name", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name="pk_carer_history"),
        info={"triggers": {"no_truncate", "append_only"}},
    )
    op.create_index("ix_carer_history_carer", "carer_history", ["desk_id", "carer_id", "at"])
    op.create_table(
        "carer_photos",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("media_type", sa.String, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "carer_id", name="pk_carer_photos"),
    )


def _when_they_can() -> None:
    op.create_table(
        "availabilities",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("weeks", sa.Integer, nullable=False),
        sa.Column("first_monday", sa.Date),
        sa.Column("weekly", postgresql.JSONB, nullable=False),
        sa.Column("on_holidays", sa.Boolean, nullable=False),
        sa.Column("quiet", postgresql.JSONB, nullable=False),
        sa.Column("urgent_in_quiet", sa.Boolean, nullable=False),
        sa.Column("leave_by", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "carer_id", name="pk_availabilities"),
    )
    op.create_table(
        "availability_exceptions",
        sa.Column("exception_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("free", sa.Boolean, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("feed_id", sa.Uuid),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("exception_id", name="pk_availability_exceptions"),
    )
    op.create_index("ix_availability_exceptions_carer", "availability_exceptions", ["desk_id", "carer_id", "ends_at"])
    op.create_table(
        "busy_feeds",
        sa.Column("feed_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("read_at", INSTANT),
        sa.Column("etag", sa.String),
        sa.Column("trouble", sa.String),
        sa.Column("trouble_since", INSTANT),
        sa.Column("busy_times", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("feed_id", name="pk_busy_feeds"),
        sa.UniqueConstraint("desk_id", "carer_id", "url", name="uq_busy_feeds_desk_id_carer_id_url"),
    )
    op.create_table(
        "absences",
        sa.Column("absence_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("reported_at", INSTANT, nullable=False),
        sa.Column("returned_at", INSTANT),
        sa.PrimaryKeyConstraint("absence_id", name="pk_absences"),
        sa.UniqueConstraint(
            "desk_id", "carer_id", "starts_at", "ends_at", name="uq_absences_desk_id_carer_id_starts_at_ends_at"
        ),
    )
    op.create_index("ix_absences_carer", "absences", ["carer_id", "ends_at"])
