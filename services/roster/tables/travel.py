"""Every leg a carer made, how far places lie apart, and where addresses are."""

from sqlalchemy import Boolean, Column, Date, Double, Index, Integer, String, Table, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.roster.tables.metadata import METADATA
from shared.db.declared import append_only
from shared.db.types import Instant

travel_legs = Table(
    "travel_legs",
    METADATA,
    Column("travel_leg_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("visit_id", Uuid, nullable=False),
    Column("family_id", Uuid, nullable=False),
    Column("way", String, nullable=False),
    # A leg that turned out wrong is taken back by one of the opposite sign, and the right one follows it.
    Column("number", Integer, nullable=False),
    Column("takes_back", Uuid),
    Column("on", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("from_place", JSONB, nullable=False),
    Column("to_place", JSONB, nullable=False),
    Column("metres", Integer, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("actual_minutes", Integer),
    Column("mode", String, nullable=False),
    Column("how", String, nullable=False),
    Column("reckoned", JSONB, nullable=False),
    Column("paid", Boolean, nullable=False),
    Column("why", String, nullable=False),
    UniqueConstraint("visit_id", "way", "number"),
    Index("ix_travel_legs_desk_id_at", "desk_id", "at"),
    Index("ix_travel_legs_carer_id_on", "carer_id", "on"),
)

routes = Table(
    "routes",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("from_key", String, primary_key=True),
    Column("to_key", String, primary_key=True),
    Column("mode", String, primary_key=True),
    Column("metres", Integer),
    Column("seconds", Integer),
    Column("engine", String, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("trouble", String),
)

known_places = Table(
    "known_places",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("key", String, primary_key=True),
    Column("label", String, nullable=False),
    Column("latitude", Double, nullable=False),
    Column("longitude", Double, nullable=False),
    Column("area", String, nullable=False),
    Column("said_at", Instant, nullable=False),
)

found_addresses = Table(
    "found_addresses",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("key", String, primary_key=True),
    Column("found", JSONB, nullable=False),
    Column("geocoder", String, nullable=False),
    Column("found_at", Instant, nullable=False),
)

append_only(travel_legs)
