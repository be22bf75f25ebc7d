"""Every leg a carer made, how far places lie apart, and where addresses are."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.policies import append_only, protect

revision = "roster_0003"
down_revision = "roster_0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _legs()
    _places()
    protect("travel_legs", "routes", "known_places", "found_addresses")
    append_only("travel_legs")


def _legs() -> None:
    op.create_table(
        "travel_legs",
        sa.Column("travel_leg_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("way", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("takes_back", sa.Uuid),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("from_place", postgresql.JSONB, nullable=False),
        sa.Column("to_place", postgresql.JSONB, nullable=False),
        sa.Column("metres", sa.Integer, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("actual_minutes", sa.Integer),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("how", sa.String, nullable=False),
        sa.Column("reckoned", postgresql.JSONB, nullable=False),
        sa.Column("paid", sa.Boolean, nullable=False),
        sa.Column("why", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("travel_leg_id", name="pk_travel_legs"),
        sa.UniqueConstraint("visit_id", "way", "number", name="uq_travel_legs_visit_id_way_number"),
        info={"triggers": {"no_truncate", "append_only"}},
    )
    op.create_index("ix_travel_legs_carer_id_on", "travel_legs", ["carer_id", "on"])
    op.create_index("ix_travel_legs_desk_id_at", "travel_legs", ["desk_id", "at"])
    op.create_table(
        "routes",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("from_key", sa.String, nullable=False),
        sa.Column("to_key", sa.String, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("metres", sa.Integer),
        sa.Column("seconds", sa.Integer),
        sa.Column("engine", sa.String, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("trouble", sa.String),
        sa.PrimaryKeyConstraint("desk_id", "from_key", "to_key", "mode", name="pk_routes"),
    )


def _places() -> None:
    op.create_table(
        "known_places",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("latitude", sa.Double, nullable=False),
        sa.Column("longitude", sa.Double, nullable=False),
        sa.Column("area", sa.String, nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "key", name="pk_known_places"),
    )
    op.create_table(
        "found_addresses",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("found", postgresql.JSONB, nullable=False),
        sa.Column("geocoder", sa.String, nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "key", name="pk_found_addresses"),
    )
