"""Copies of what identity, request, matching and billing own; they decide nothing."""

from sqlalchemy import ARRAY, Boolean, Column, Date, Index, Integer, String, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.roster.tables.metadata import METADATA
from shared.db.types import Instant

desks = Table(
    "desks",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("country", String, nullable=False),
    Column("currency", String, nullable=False),
    Column("languages", ARRAY(String), nullable=False),
    Column("zone", String, nullable=False),
)

desk_people = Table(
    "desk_people",
    METADATA,
    Column("account_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("role", String, nullable=False),
    Column("name", String, nullable=False),
    Column("closed", Boolean, nullable=False),
)

families = Table(
    "families",
    METADATA,
    Column("family_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("phone", String),
    Column("contacts", JSONB, nullable=False),
    Column("children", JSONB, nullable=False),
    Column("erased", Boolean, nullable=False),
)

visit_terms = Table(
    "visit_terms",
    METADATA,
    Column("visit_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("care_request_id", Uuid, nullable=False),
    Column("family_id", Uuid, nullable=False),
    Column("child_ids", ARRAY(Uuid), nullable=False),
    Column("mode", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("zone", String, nullable=False),
    Column("place", JSONB),
    Column("legs", JSONB, nullable=False),
    Column("shared_care_id", Uuid),
    Column("clock_change", Boolean, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("wanted", Boolean, nullable=False),
    Index("ix_visit_terms_family_id", "family_id"),
)

shared_care = Table(
    "shared_care",
    METADATA,
    Column("shared_care_id", Uuid, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("family_ids", ARRAY(Uuid), nullable=False),
    Column("valid_until", Date),
)

assignments = Table(
    "assignments",
    METADATA,
    Column("visit_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("visit_version", Integer, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("mode", String),
    Column("starts_at", Instant),
    Column("ends_at", Instant),
    Column("stranger", Boolean, nullable=False),
    Column("stands", Boolean, nullable=False),
)

tariffs = Table(
    "tariffs",
    METADATA,
    Column("tariff_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("party", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("tariff", JSONB, nullable=False),
    Index("ix_tariffs_desk_id_mode", "desk_id", "mode"),
)
