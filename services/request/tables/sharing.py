"""Whom families share a carer with."""

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Uuid,
)

from services.request.domain.shared_care import SharingTerms
from services.request.tables.metadata import METADATA, AsJson
from shared.db.types import Instant

shared_cares = Table(
    "shared_cares",
    METADATA,
    Column("shared_care_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("agreed_at", Instant, nullable=False),
)


shared_care_terms = Table(
    "shared_care_terms",
    METADATA,
    Column("shared_care_id", ForeignKey("shared_cares.shared_care_id"), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("terms", AsJson(SharingTerms), nullable=False),
)


shared_care_consents = Table(
    "shared_care_consents",
    METADATA,
    Column("shared_care_id", ForeignKey("shared_cares.shared_care_id"), primary_key=True),
    Column("family_id", ForeignKey("families.family_id"), primary_key=True),
    Column("from_day", Date, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("last_day", Date),
    Column("said_by", String, nullable=False),
    Column("said_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", Uuid),
    Index("ix_shared_care_consents_family_id", "family_id"),
)
