"""What families ask for, with its history, and whom they share a carer with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.policies import append_only, protect

revision = "request_0002"
down_revision = "request_0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_tables()
    protect(
        "care_requests",
        "circumstances",
        "displacements",
        "introduction_waivers",
        "introductions",
        "reasons",
        "referrals",
        "referrers",
        "request_history",
        "shared_care_consents",
        "shared_care_terms",
        "shared_cares",
        "visit_history",
        "visits",
    )
    append_only("request_history", "visit_history")


def _create_tables() -> None:
    op.create_table(
        "displacements",
        sa.Column("displacement_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("for_visit_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("then", sa.String, nullable=False),
        sa.Column("said_by", sa.String, nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Uuid),
        sa.PrimaryKeyConstraint("displacement_id", name="pk_displacements"),
    )
    op.create_index("ix_displacements_family_id", "displacements", ["family_id"])
    op.create_table(
        "introduction_waivers",
        sa.Column("waiver_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("care_request_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid),
        sa.Column("because", sa.String, nullable=False),
        sa.Column("said_by", sa.String, nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Uuid),
        sa.PrimaryKeyConstraint("waiver_id", name="pk_introduction_waivers"),
    )
    op.create_index("ix_introduction_waivers_care_request_id", "introduction_waivers", ["care_request_id"])
    op.create_index("ix_introduction_waivers_family_id", "introduction_waivers", ["family_id"])
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
        "referrers",
        sa.Column("referrer_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("registered_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("referrer_id", name="pk_referrers"),
    )
    op.create_table(
        "request_history",
        sa.Column("care_request_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("terms", postgresql.JSONB, nullable=False),
        sa.Column("patterns", postgresql.JSONB, nullable=False),
        sa.Column("planned_through", sa.Date),
        sa.Column("goes_on", sa.Boolean, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by_account_id", sa.Uuid),
        sa.Column("by_role", sa.String),
        sa.Column("reason_id", sa.Uuid),
        sa.PrimaryKeyConstraint("care_request_id", "version", name="pk_request_history"),
    )
    op.create_table(
        "shared_cares",
        sa.Column("shared_care_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.Column("agreed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("shared_care_id", name="pk_shared_cares"),
    )
    op.create_table(
        "visit_history",
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("care_request_id", sa.Uuid, nullable=False),
        sa.Column("request_version", sa.Integer, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("child_ids", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.String), nullable=False),
        sa.Column("place_id", sa.Uuid),
        sa.Column("shared_care_id", sa.Uuid),
        sa.Column("clock_change", sa.Boolean, nullable=False),
        sa.Column("details", postgresql.JSONB, nullable=False),
        sa.Column("listed", sa.Boolean, nullable=False),
        sa.Column("removed", sa.String),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("visit_id", "version", name="pk_visit_history"),
    )
    op.create_index("ix_visit_history_care_request_id", "visit_history", ["care_request_id", "request_version"])
    op.create_table(
        "care_requests",
        sa.Column("care_request_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("urgency", sa.String),
        sa.Column("plan", sa.String, nullable=False),
        sa.Column("occasional", sa.Boolean, nullable=False),
        sa.Column("provisional", sa.Boolean, nullable=False),
        sa.Column("terms", postgresql.JSONB, nullable=False),
        sa.Column("patterns", postgresql.JSONB, nullable=False),
        sa.Column("planned_through", sa.Date),
        sa.Column("goes_on", sa.Boolean, nullable=False),
        sa.Column("begins_on", sa.Date),
        sa.Column("review_on", sa.Date),
        sa.Column("expires_on", sa.Date),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("priority_order", sa.Date, nullable=False),
        sa.Column("shared_care_id", sa.Uuid),
        sa.Column("referrer_id", sa.Uuid),
        sa.Column("reason_id", sa.Uuid),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("care_request_id", name="pk_care_requests"),
        sa.ForeignKeyConstraint(["family_id"], ["families.family_id"], name="fk_care_requests_family_id"),
    )
    op.create_index("ix_care_requests_family_id", "care_requests", ["family_id"])
    op.create_index("ix_care_requests_referrer_id", "care_requests", ["referrer_id"])
    op.create_index("ix_care_requests_shared_care_id", "care_requests", ["shared_care_id"])
    op.create_table(
        "referrals",
        sa.Column("referral_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("referrer_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("care_request_id", sa.Uuid, nullable=False),
        sa.Column("reference", sa.String, nullable=False),
        sa.Column("filed_at", INSTANT, nullable=False),
        sa.Column("filed_by", sa.Uuid),
        sa.PrimaryKeyConstraint("referral_id", name="pk_referrals"),
        sa.ForeignKeyConstraint(["referrer_id"], ["referrers.referrer_id"], name="fk_referrals_referrer_id"),
    )
    op.create_index("ix_referrals_family_id", "referrals", ["family_id"])
    op.create_index("ix_referrals_referrer_id", "referrals", ["referrer_id"])
    op.create_table(
        "shared_care_consents",
        sa.Column("shared_care_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("from_day", sa.Date, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("last_day", sa.Date),
        sa.Column("said_by", sa.String, nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Uuid),
        sa.PrimaryKeyConstraint("shared_care_id", "family_id", "from_day", name="pk_shared_care_consents"),
        sa.ForeignKeyConstraint(["family_id"], ["families.family_id"], name="fk_shared_care_consents_family_id"),
        sa.ForeignKeyConstraint(
            ["shared_care_id"], ["shared_cares.shared_care_id"], name="fk_shared_care_consents_shared_care_id"
        ),
    )
    op.create_index("ix_shared_care_consents_family_id", "shared_care_consents", ["family_id"])
    op.create_table(
        "shared_care_terms",
        sa.Column("shared_care_id", sa.Uuid, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("terms", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("shared_care_id", "valid_from", name="pk_shared_care_terms"),
        sa.ForeignKeyConstraint(
            ["shared_care_id"], ["shared_cares.shared_care_id"], name="fk_shared_care_terms_shared_care_id"
        ),
    )
    op.create_table(
        "circumstances",
        sa.Column("care_request_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("need", sa.String),
        sa.Column("occasional_reason", sa.String),
        sa.Column("vulnerable", sa.Boolean, nullable=False),
        sa.Column("no_alternative", sa.Boolean, nullable=False),
        sa.Column("working_or_training", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("care_request_id", name="pk_circumstances"),
        sa.ForeignKeyConstraint(
            ["care_request_id"], ["care_requests.care_request_id"], name="fk_circumstances_care_request_id"
        ),
    )
    op.create_index("ix_circumstances_family_id", "circumstances", ["family_id"])
    op.create_table(
        "introductions",
        sa.Column("care_request_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("visit_id", sa.Uuid),
        sa.Column("for_visit_id", sa.Uuid, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("care_request_id", "carer_id", name="pk_introductions"),
        sa.ForeignKeyConstraint(
            ["care_request_id"], ["care_requests.care_request_id"], name="fk_introductions_care_request_id"
        ),
    )
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
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("child_ids", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.String), nullable=False),
        sa.Column("place_id", sa.Uuid),
        sa.Column("shared_care_id", sa.Uuid),
        sa.Column("clock_change", sa.Boolean, nullable=False),
        sa.Column("details", postgresql.JSONB, nullable=False),
        sa.Column("listed", sa.Boolean, nullable=False),
        sa.Column("removed_at", INSTANT),
        sa.Column("removed_because", sa.String),
        sa.PrimaryKeyConstraint("visit_id", name="pk_visits"),
        sa.ForeignKeyConstraint(
            ["care_request_id"], ["care_requests.care_request_id"], name="fk_visits_care_request_id"
        ),
    )
    op.create_index("ix_visits_care_request_id", "visits", ["care_request_id"])
    op.create_index("ix_visits_desk_id_ends_at", "visits", ["desk_id", "ends_at"])
