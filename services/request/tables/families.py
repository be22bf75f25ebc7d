"""Families, where they live, what they are found by, and who may know what of them."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.request.tables.metadata import METADATA, AsJson
from shared.db.declared import append_only
from shared.db.types import Instant
from shared.domain.pattern import WeeklyPattern

families = Table(
    "families",
    METADATA,
    Column("family_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("language", String, nullable=False),
    Column("languages", ARRAY(String), nullable=False),
    Column("interpreter", Boolean, nullable=False),
    Column("form_of_address", String),
    Column("phone", String),
    Column("email", String),
    Column("contacts", JSONB, nullable=False),
    Column("favourite_carer_ids", ARRAY(Uuid), nullable=False),
    Column("excluded_carer_ids", ARRAY(Uuid), nullable=False),
    Column("backup_carer_ids", ARRAY(Uuid), nullable=False),
    Column("continuity", JSONB(none_as_null=True)),
    Column("support_tier", String, nullable=False),
    Column("dispatcher_account_id", Uuid),
    Column("dispatcher_name", String),
    Column("referrer_id", Uuid),
    Column("home_id", Uuid, nullable=False),
    Column("zone", String, nullable=False),
    Column("area", String, nullable=False),
    Column("registered_at", Instant, nullable=False),
    Column("erased_at", Instant),
    Column("merged_into", Uuid),
    Index("ix_families_desk_id_name", "desk_id", "name", "family_id"),
)


children = Table(
    "children",
    METADATA,
    Column("child_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("family_id", ForeignKey("families.family_id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("first_name", String, nullable=False),
    Column("born", Date),
    Column("care_needs", ARRAY(String), nullable=False),
    Column("allergies", ARRAY(String), nullable=False),
    Column("allergies_asked", Boolean, nullable=False),
    Column("routine", String),
)


# Homes, each from its first day, and where the children also are.
family_places = Table(
    "family_places",
    METADATA,
    Column("place_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("family_id", ForeignKey("families.family_id"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    Column("latitude", Double),
    Column("longitude", Double),
    Column("zone", String, nullable=False),
    Column("area", String, nullable=False),
    Column("address", String),
    Column("approximate", Boolean, nullable=False),
    Column("note", String),
    Column("valid_from", Date),
)


# All that a family may be looked up by, folded to small plain letters and digits: narrow, so that looking is quick.
family_search = Table(
    "family_search",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("family_id", ForeignKey("families.family_id"), primary_key=True),
    Column("name", String, nullable=False),
    Column("words", String, nullable=False),
)


# What two registrations of one household have in common: a number, an address, a child.
family_marks = Table(
    "family_marks",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("mark", String, primary_key=True),
    Column("family_id", ForeignKey("families.family_id"), primary_key=True),
    Index("ix_family_marks_family_id", "family_id"),
)


# Care by others than us: the nursery until 18:00, the school, a club; for the child's one timeline.
other_care = Table(
    "other_care",
    METADATA,
    Column("other_care_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("family_id", ForeignKey("families.family_id"), nullable=False, index=True),
    Column("child_id", ForeignKey("children.child_id"), nullable=False),
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("place_id", Uuid),
    Column("pattern", AsJson(WeeklyPattern), nullable=False),
    Column("funded_minutes_a_week", Integer),
)


sharing_consents = Table(
    "sharing_consents",
    METADATA,
    Column("consent_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("family_id", ForeignKey("families.family_id"), nullable=False, index=True),
    Column("party", String, nullable=False),
    Column("referrer_id", Uuid),
    Column("allows", String, nullable=False),
    Column("said_by", String, nullable=False),
    Column("said_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", Uuid),
    Column("withdrawn_at", Instant),
)


referrers = Table(
    "referrers",
    METADATA,
    Column("referrer_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("registered_at", Instant, nullable=False),
)


referrals = Table(
    "referrals",
    METADATA,
    Column("referral_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("referrer_id", ForeignKey("referrers.referrer_id"), nullable=False, index=True),
    Column("family_id", Uuid, nullable=False, index=True),
    Column("care_request_id", Uuid, nullable=False),
    Column("reference", String, nullable=False),
    Column("filed_at", Instant, nullable=False),
    Column("filed_by", Uuid),
)


access_log = Table(
    "access_log",
    METADATA,
    Column("access_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("account_id", Uuid),
    Column("role", String),
    Column("what", String, nullable=False),
    Column("child_ids", ARRAY(Uuid), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_access_log_child_ids", "child_ids", postgresql_using="gin"),
)


append_only(access_log)
