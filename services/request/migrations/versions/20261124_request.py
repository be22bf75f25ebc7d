"""Families, where they live, what they are found by, who may know what of them."""

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
        "children",
        "families",
        "family_marks",
        "family_places",
        "family_search",
        "other_care",
        "sharing_consents",
    )
    append_only("access_log")


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
        "families",
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.String), nullable=False),
        sa.Column("interpreter", sa.Boolean, nullable=False),
        sa.Column("form_of_address", sa.String),
        sa.Column("phone", sa.String),
        sa.Column("email", sa.String),
        sa.Column("contacts", postgresql.JSONB, nullable=False),
        sa.Column("favourite_carer_ids", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("excluded_carer_ids", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("backup_carer_ids", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("continuity", postgresql.JSONB),
        sa.Column("support_tier", sa.String, nullable=False),
        sa.Column("dispatcher_account_id", sa.Uuid),
        sa.Column("dispatcher_name", sa.String),
        sa.Column("referrer_id", sa.Uuid),
        sa.Column("home_id", sa.Uuid, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("area", sa.String, nullable=False),
        sa.Column("registered_at", INSTANT, nullable=False),
        sa.Column("erased_at", INSTANT),
        sa.Column("merged_into", sa.Uuid),
        sa.PrimaryKeyConstraint("family_id", name="pk_families"),
    )
    op.create_index("ix_families_desk_id_name", "families", ["desk_id", "name", "family_id"])
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
        sa.Column("allergies_asked", sa.Boolean, nullable=False),
        sa.Column("routine", sa.String),
        sa.PrimaryKeyConstraint("child_id", name="pk_children"),
        sa.ForeignKeyConstraint(["family_id"], ["families.family_id"], name="fk_children_family_id"),
    )
    op.create_index("ix_children_family_id", "children", ["family_id"])
    op.create_table(
        "family_marks",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("mark", sa.String, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "mark", "family_id", name="pk_family_marks"),
        sa.ForeignKeyConstraint(["family_id"], ["families.family_id"], name="fk_family_marks_family_id"),
    )
    op.create_index("ix_family_marks_family_id", "family_marks", ["family_id"])
    op.create_table(
        "family_places",
        sa.Column("place_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("latitude", sa.Double),
        sa.Column("longitude", sa.Double),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("area", sa.String, nullable=False),
        sa.Column("address", sa.String),
        sa.Column("approximate", sa.Boolean, nullable=False),
        sa.Column("note", sa.String),
        sa.Column("valid_from", sa.Date),
        sa.PrimaryKeyConstraint("place_id", name="pk_family_places"),
        sa.ForeignKeyConstraint(["family_id"], ["families.family_id"], name="fk_family_places_family_id"),
    )
    op.create_index("ix_family_places_family_id", "family_places", ["family_id"])
    op.create_table(
        "family_search",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("words", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "family_id", name="pk_family_search"),
        sa.ForeignKeyConstraint(["family_id"], ["families.family_id"], name="fk_family_search_family_id"),
    )
    op.create_table(
        "sharing_consents",
        sa.Column("consent_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("party", sa.String, nullable=False),
        sa.Column("referrer_id", sa.Uuid),
        sa.Column("allows", sa.String, nullable=False),
        sa.Column("said_by", sa.String, nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Uuid),
        sa.Column("withdrawn_at", INSTANT),
        sa.PrimaryKeyConstraint("consent_id", name="pk_sharing_consents"),
        sa.ForeignKeyConstraint(["family_id"], ["families.family_id"], name="fk_sharing_consents_family_id"),
    )
    op.create_index("ix_sharing_consents_family_id", "sharing_consents", ["family_id"])
    op.create_table(
        "other_care",
        sa.Column("other_care_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("child_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("place_id", sa.Uuid),
        sa.Column("pattern", postgresql.JSONB, nullable=False),
        sa.Column("funded_minutes_a_week", sa.Integer),
        sa.PrimaryKeyConstraint("other_care_id", name="pk_other_care"),
        sa.ForeignKeyConstraint(["child_id"], ["children.child_id"], name="fk_other_care_child_id"),
        sa.ForeignKeyConstraint(["family_id"], ["families.family_id"], name="fk_other_care_family_id"),
    )
    op.create_index("ix_other_care_family_id", "other_care", ["family_id"])
