"""Carers as a desk knows them: who they are, their papers, how they were taken on, when they can."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.roster.tables.metadata import METADATA
from shared.db.declared import append_only
from shared.db.types import Instant

carers = Table(
    "carers",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("carer_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("first_name", String, nullable=False),
    Column("last_name", String, nullable=False),
    Column("phone", String),
    Column("email", String),
    Column("modes", ARRAY(String), nullable=False),
    Column("home", JSONB, nullable=False),
    Column("languages", ARRAY(String), nullable=False),
    Column("transport", String, nullable=False),
    Column("max_distance_km", Integer, nullable=False),
    Column("distances_km", JSONB, nullable=False),
    Column("skills", ARRAY(String), nullable=False),
    Column("opt_ins", ARRAY(String), nullable=False),
    Column("own_children_born", ARRAY(Date), nullable=False),
    Column("affiliation", String, nullable=False),
    Column("pets", ARRAY(String), nullable=False),
    Column("smoker", Boolean, nullable=False),
    Column("assistant", Boolean, nullable=False),
    Column("standby_week_minutes", Integer),
    Column("caps", JSONB, nullable=False),
    Column("smallest", JSONB, nullable=False),
    Column("goals", JSONB, nullable=False),
    Column("excluded_family_ids", ARRAY(Uuid), nullable=False),
    # The desk's old system's number, so that a file read twice finds the same person.
    Column("reference", String),
    Column("cleared_on", Date),
    Column("left_on", Date),
    Column("registered_at", Instant, nullable=False),
    Index("ix_carers_name", "desk_id", "last_name", "first_name", "carer_id"),
    Index("uq_carers_reference", "desk_id", "reference", unique=True),
)

credentials = Table(
    "credentials",
    METADATA,
    Column("credential_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("kind", String, nullable=False),
    Column("number", String),
    Column("issuer", String),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("training_hours", Integer),
    Column("added_at", Instant, nullable=False),
    # Null until somebody of the desk looked; then whether it is what it says it is.
    Column("found_good", Boolean),
    Column("checked_at", Instant),
    Column("checked_by", Uuid),
    Column("checked_name", String),
    Column("withdrawn_at", Instant),
    Index("ix_credentials_carer", "desk_id", "carer_id"),
    Index("ix_credentials_valid_until", "desk_id", "valid_until"),
)

onboarding_steps = Table(
    "onboarding_steps",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("carer_id", Uuid, primary_key=True),
    Column("step", String, primary_key=True),
    Column("on", Date, nullable=False),
    Column("who", String, nullable=False),
    Column("note", String, nullable=False),
    Column("account_id", Uuid),
    Column("recorded_at", Instant, nullable=False),
)

carer_history = Table(
    "carer_history",
    METADATA,
    Column("entry_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("at", Instant, nullable=False),
    Column("what", String, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("account_id", Uuid),
    Column("account_name", String, nullable=False),
    Index("ix_carer_history_carer", "desk_id", "carer_id", "at"),
)

carer_photos = Table(
    "carer_photos",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("carer_id", Uuid, primary_key=True),
    Column("media_type", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("given_at", Instant, nullable=False),
)

availabilities = Table(
    "availabilities",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("carer_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("weeks", Integer, nullable=False),
    Column("first_monday", Date),
    Column("weekly", JSONB, nullable=False),
    Column("on_holidays", Boolean, nullable=False),
    Column("quiet", JSONB, nullable=False),
    Column("urgent_in_quiet", Boolean, nullable=False),
    Column("leave_by", JSONB, nullable=False),
)

availability_exceptions = Table(
    "availability_exceptions",
    METADATA,
    Column("exception_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("free", Boolean, nullable=False),
    # said, tonight or calendar; one of a calendar goes when the calendar is read again.
    Column("source", String, nullable=False),
    Column("feed_id", Uuid),
    Column("said_at", Instant, nullable=False),
    Index("ix_availability_exceptions_carer", "desk_id", "carer_id", "ends_at"),
)

busy_feeds = Table(
    "busy_feeds",
    METADATA,
    Column("feed_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("name", String, nullable=False),
    Column("url", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("read_at", Instant),
    Column("etag", String),
    Column("trouble", String),
    Column("trouble_since", Instant),
    Column("busy_times", Integer, nullable=False),
    UniqueConstraint("desk_id", "carer_id", "url"),
)

absences = Table(
    "absences",
    METADATA,
    Column("absence_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("reason", String, nullable=False),
    Column("reported_at", Instant, nullable=False),
    Column("returned_at", Instant),
    UniqueConstraint("desk_id", "carer_id", "starts_at", "ends_at"),
    Index("ix_absences_carer", "carer_id", "ends_at"),
)

append_only(carer_history)
