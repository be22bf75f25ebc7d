"""What became of each visit, the register, and what people have to look at."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.policies import append_only, protect

revision = "request_0003"
down_revision = "request_0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_tables()
    protect(
        "barriers",
        "closed_offers",
        "met_visits",
        "offered_visits",
        "register_entries",
        "tasks",
        "unmet_needs",
        "visit_progress",
    )
    append_only("register_entries")


def _create_tables() -> None:
    op.create_table(
        "barriers",
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("barrier", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name="pk_barriers"),
    )
    op.create_table(
        "closed_offers",
        sa.Column("offer_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("offer_id", name="pk_closed_offers"),
    )
    op.create_table(
        "met_visits",
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name="pk_met_visits"),
    )
    op.create_index("ix_met_visits_family_id", "met_visits", ["family_id", "carer_id"])
    op.create_table(
        "register_entries",
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("relaxation", postgresql.JSONB),
        sa.Column("care_request_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("month", sa.String, nullable=False),
        sa.Column("hour_of_week", sa.Integer, nullable=False),
        sa.Column("area", sa.String, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("children", sa.Integer, nullable=False),
        sa.Column("lead_minutes", sa.Integer, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("visit_id", "revision", "starts_at", name="pk_register_entries"),
    )
    op.create_index("ix_register_entries_desk_id_month", "register_entries", ["desk_id", "month"])
    op.create_table(
        "tasks",
        sa.Column("task_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("about", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid),
        sa.Column("care_request_id", sa.Uuid),
        sa.Column("facts", postgresql.JSONB, nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("raised_at", INSTANT, nullable=False),
        sa.Column("done_at", INSTANT),
        sa.Column("done_by", sa.Uuid),
        sa.Column("done_how", sa.String),
        sa.PrimaryKeyConstraint("task_id", name="pk_tasks"),
    )
    op.create_index("ix_tasks_desk_id_done_at", "tasks", ["desk_id", "done_at", "due_on"])
    op.create_index(
        "uq_tasks_kind_about", "tasks", ["kind", "about"], unique=True, postgresql_where=sa.text("done_at IS NULL")
    )
    op.create_table(
        "unmet_needs",
        sa.Column("unmet_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("visit_version", sa.Integer, nullable=False),
        sa.Column("care_request_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("area", sa.String, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("children", sa.Integer, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("reasons", postgresql.JSONB, nullable=False),
        sa.Column("relaxations", postgresql.JSONB, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("unmet_id", name="pk_unmet_needs"),
        sa.UniqueConstraint("visit_id", "visit_version", name="uq_unmet_needs_visit_id_visit_version"),
    )
    op.create_index("ix_unmet_needs_desk_id_starts_at", "unmet_needs", ["desk_id", "starts_at", "unmet_id"])
    op.create_table(
        "offered_visits",
        sa.Column("offer_id", sa.Uuid, nullable=False),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("visit_version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("offer_id", "visit_id", name="pk_offered_visits"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.visit_id"], name="fk_offered_visits_visit_id"),
    )
    op.create_index("ix_offered_visits_visit_id", "offered_visits", ["visit_id"])
    op.create_table(
        "visit_progress",
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("carer_id", sa.Uuid),
        sa.Column("matching_version", sa.Integer, nullable=False),
        sa.Column("assigned", sa.Boolean, nullable=False),
        sa.Column("matching_carer_id", sa.Uuid),
        sa.Column("stranger", sa.Boolean, nullable=False),
        sa.Column("agreed_mode", sa.String),
        sa.Column("agreed_start", INSTANT),
        sa.Column("agreed_end", INSTANT),
        sa.Column("roster_version", sa.Integer, nullable=False),
        sa.Column("roster_word", sa.String),
        sa.Column("roster_visit_version", sa.Integer, nullable=False),
        sa.Column("roster_carer_id", sa.Uuid),
        sa.Column("rostered_start", INSTANT),
        sa.Column("rostered_end", INSTANT),
        sa.Column("cared_start", INSTANT),
        sa.Column("cared_end", INSTANT),
        sa.Column("cancelled_by", sa.String),
        sa.Column("refusal", sa.String),
        sa.Column("unfilled_version", sa.Integer, nullable=False),
        sa.Column("register_revision", sa.Integer, nullable=False),
        sa.Column("to_register", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name="pk_visit_progress"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.visit_id"], name="fk_visit_progress_visit_id"),
    )
    op.create_index("ix_visit_progress_desk_id", "visit_progress", ["desk_id"], postgresql_where=sa.text("to_register"))
    op.create_index("ix_visit_progress_desk_id_state", "visit_progress", ["desk_id", "state"])
