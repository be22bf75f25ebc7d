"""The request service's tables and their row security."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.policies import append_only, protect

revision = "request_0001"
down_revision = None
branch_labels = ("request",)
depends_on = "kit_0001"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_tables()
    protect(
        "access_log",
        "care_requests",
        "carers",
        "children",
        "closed_offers",
        "desks",
        "families",
        "offered_visits",
        "policies",
        "reasons",
        "shared_care_consents",
        "shared_cares",
        "unmet_needs",
        "visit_history",
        "visit_progress",
        "visits",
    )
    append_only("visit_history", "access_log")


def _create_tables() -> None:
    op.create_table(
        "access_log",
        sa.Column("access_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.Column("role", sa.String),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("child_ids", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("access_id", name="pk_access_log"),
    )
    op.create_index("ix_access_log_child_ids", "access_log", ["child_ids"], postgresql_using="gin")
    op.create_table(
        "carers",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("first_name", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "carer_id", name="pk_carers"),
    )
    op.create_table(
        "closed_offers",
        sa.Column("offer_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("offer_id", name="pk_closed_offers"),
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
        "families",
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("phone", sa.String),
        sa.Column("email", sa.String),
        sa.Column("favourite_carer_ids", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("excluded_carer_ids", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("place_id", sa.Uuid, nullable=False),
        sa.Column("latitude", sa.Double),
        sa.Column("longitude", sa.Double),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("area", sa.String, nullable=False),
        sa.Column("address", sa.String),
        sa.Column("registered_at", INSTANT, nullable=False),
        sa.Column("erased_at", INSTANT),
        sa.PrimaryKeyConstraint("family_id", name="pk_families"),
    )
    op.create_index("ix_families_desk_id_name", "families", ["desk_id", "name", "family_id"])
    op.create_table(
        "policies",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("weeks_ahead", sa.Integer, nullable=False),
        sa.Column("horizon_step_days", sa.Integer, nullable=False),
        sa.Column("urgent_grace_minutes", sa.Integer, nullable=False),
        sa.Column("longest_visit_minutes", sa.Integer),
        sa.PrimaryKeyConstraint("desk_id", "valid_from", name="pk_policies"),
    )
    op.create_table(
        "reasons",
        sa.Column("reason_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("care_request_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("reason_id", name="pk_reasons"),
    )
    op.create_index("ix_reasons_family_id", "reasons", ["family_id"])
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
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("unmet_id", name="pk_unmet_needs"),
        sa.UniqueConstraint("visit_id", "visit_version", name="uq_unmet_needs_visit_id_visit_version"),
    )
    op.create_index("ix_unmet_needs_desk_id_starts_at", "unmet_needs", ["desk_id", "starts_at", "unmet_id"])
    op.create_table(
        "visit_history",
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("care_request_id", sa.Uuid, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("child_ids", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.String), nullable=False),
        sa.Column("place_id", sa.Uuid),
        sa.Column("shared_care_id", sa.Uuid),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by_account_id", sa.Uuid),
        sa.Column("by_role", sa.String),
        sa.Column("reason_id", sa.Uuid),
        sa.PrimaryKeyConstraint("visit_id", "version", name="pk_visit_history"),
    )
    op.create_index("ix_visit_history_care_request_id", "visit_history", ["care_request_id"])
    op.create_table(
        "care_requests",
        sa.Column("care_request_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.String), nullable=False),
        sa.Column("child_ids", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("shared_care_id", sa.Uuid),
        sa.Column("pattern", postgresql.JSONB),
        sa.Column("reason_id", sa.Uuid),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("planned_through", sa.Date),
        sa.PrimaryKeyConstraint("care_request_id", name="pk_care_requests"),
        sa.ForeignKeyConstraint(["family_id"], ["families.family_id"], name="fk_care_requests_family_id"),
    )
    op.create_index("ix_care_requests_family_id", "care_requests", ["family_id"])
    op.create_index("ix_care_requests_shared_care_id", "care_requests", ["shared_care_id"])
    op.create_table(
        "children",
        sa.Column("child_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("first_name", sa.String, nullable=False),
        sa.Column("born", sa.Date),
        sa.Column("care_needs", postgresql.ARRAY(sa.String), nullable=False),
        sa.Column("allergies", postgresql.ARRAY(sa.String), nullable=False),
        sa.PrimaryKeyConstraint("child_id", name="pk_children"),
        sa.ForeignKeyConstraint(["family_id"], ["families.family_id"], name="fk_children_family_id"),
    )
    op.create_index("ix_children_family_id", "children", ["family_id"])
    op.create_table(
        "shared_cares",
        sa.Column("shared_care_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("host_family_id", sa.Uuid, nullable=False),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.Column("agreed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("shared_care_id", name="pk_shared_cares"),
        sa.ForeignKeyConstraint(["host_family_id"], ["families.family_id"], name="fk_shared_cares_host_family_id"),
    )
    op.create_index("ix_shared_cares_host_family_id", "shared_cares", ["host_family_id"])
    op.create_table(
        "shared_care_consents",
        sa.Column("shared_care_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("said_by", sa.String, nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Uuid),
        sa.PrimaryKeyConstraint("shared_care_id", "family_id", name="pk_shared_care_consents"),
        sa.ForeignKeyConstraint(["family_id"], ["families.family_id"], name="fk_shared_care_consents_family_id"),
        sa.ForeignKeyConstraint(
            ["shared_care_id"], ["shared_cares.shared_care_id"], name="fk_shared_care_consents_shared_care_id"
        ),
    )
    op.create_index("ix_shared_care_consents_family_id", "shared_care_consents", ["family_id"])
    op.create_table(
        "visits",
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("care_request_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("local_date", sa.Date, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("child_ids", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.String), nullable=False),
        sa.Column("place_id", sa.Uuid),
        sa.Column("shared_care_id", sa.Uuid),
        sa.Column("clock_change", sa.Boolean, nullable=False),
        sa.Column("removed_at", INSTANT),
        sa.PrimaryKeyConstraint("visit_id", name="pk_visits"),
        sa.ForeignKeyConstraint(
            ["care_request_id"], ["care_requests.care_request_id"], name="fk_visits_care_request_id"
        ),
    )
    op.create_index("ix_visits_care_request_id", "visits", ["care_request_id"])
    op.create_index("ix_visits_desk_id_ends_at", "visits", ["desk_id", "ends_at"])
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
        sa.Column("roster_version", sa.Integer, nullable=False),
        sa.Column("roster_word", sa.String),
        sa.Column("roster_visit_version", sa.Integer, nullable=False),
        sa.Column("roster_carer_id", sa.Uuid),
        sa.Column("rostered_start", INSTANT),
        sa.Column("rostered_end", INSTANT),
        sa.Column("refusal", sa.String),
        sa.Column("unfilled_version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name="pk_visit_progress"),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.visit_id"], name="fk_visit_progress_visit_id"),
    )
    op.create_index("ix_visit_progress_desk_id_state", "visit_progress", ["desk_id", "state"])
