"""What became of each visit, the register, and what people have to look at."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.request.tables.metadata import METADATA
from shared.db.declared import append_only
from shared.db.types import Instant

# What matching and roster said about each visit, and the one state that follows from it.
visit_progress = Table(
    "visit_progress",
    METADATA,
    Column("visit_id", ForeignKey("visits.visit_id"), primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("state", String, nullable=False),
    Column("carer_id", Uuid),
    Column("matching_version", Integer, nullable=False),
    Column("assigned", Boolean, nullable=False),
    Column("matching_carer_id", Uuid),
    Column("stranger", Boolean, nullable=False),
    Column("agreed_mode", String),
    Column("agreed_start", Instant),
    Column("agreed_end", Instant),
    Column("roster_version", Integer, nullable=False),
    Column("roster_word", String),
    Column("roster_visit_version", Integer, nullable=False),
    Column("roster_carer_id", Uuid),
    Column("rostered_start", Instant),
    Column("rostered_end", Instant),
    Column("cared_start", Instant),
    Column("cared_end", Instant),
    Column("cancelled_by", String),
    Column("refusal", String),
    Column("unfilled_version", Integer, nullable=False),
    Column("register_revision", Integer, nullable=False),
    Column("to_register", Boolean, nullable=False),
    Index("ix_visit_progress_desk_id_state", "desk_id", "state"),
    Index("ix_visit_progress_desk_id", "desk_id", postgresql_where=text("to_register")),
)


offered_visits = Table(
    "offered_visits",
    METADATA,
    Column("offer_id", Uuid, primary_key=True),
    Column("visit_id", ForeignKey("visits.visit_id"), primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("visit_version", Integer, nullable=False),
    Index("ix_offered_visits_visit_id", "visit_id"),
)


closed_offers = Table(
    "closed_offers",
    METADATA,
    Column("offer_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
)


# The register of unmet need: who asked is an id only, so it outlives the family's erasure.
unmet_needs = Table(
    "unmet_needs",
    METADATA,
    Column("unmet_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("visit_id", Uuid, nullable=False),
    Column("visit_version", Integer, nullable=False),
    Column("care_request_id", Uuid, nullable=False),
    Column("family_id", Uuid, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("zone", String, nullable=False),
    Column("area", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("children", Integer, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("reasons", JSONB, nullable=False),
    Column("relaxations", JSONB, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    UniqueConstraint("visit_id", "visit_version"),
    Index("ix_unmet_needs_desk_id_starts_at", "desk_id", "starts_at", "unmet_id"),
)


# What stood in the family's own way, as it told it; one of the book's seven barriers.
barriers = Table(
    "barriers",
    METADATA,
    Column("visit_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("barrier", String, nullable=False),
    Column("at", Instant, nullable=False),
)


# Every minute that was asked for, in the one state it ended in; a later revision of a visit stands for the earlier.
register_entries = Table(
    "register_entries",
    METADATA,
    Column("visit_id", Uuid, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("starts_at", Instant, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String),
    Column("relaxation", JSONB(none_as_null=True)),
    Column("care_request_id", Uuid, nullable=False),
    Column("family_id", Uuid, nullable=False),
    Column("month", String, nullable=False),
    Column("hour_of_week", Integer, nullable=False),
    Column("area", String, nullable=False),
    Column("zone", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("children", Integer, nullable=False),
    Column("lead_minutes", Integer, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Index("ix_register_entries_desk_id_month", "desk_id", "month"),
)


# Which carers a family's children have been with.
met_visits = Table(
    "met_visits",
    METADATA,
    Column("visit_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("family_id", Uuid, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Index("ix_met_visits_family_id", "family_id", "carer_id"),
)


# What a person at the desk has to look at; one of a kind about one thing at a time.
tasks = Table(
    "tasks",
    METADATA,
    Column("task_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("kind", String, nullable=False),
    Column("about", Uuid, nullable=False),
    Column("family_id", Uuid),
    Column("care_request_id", Uuid),
    Column("facts", JSONB, nullable=False),
    Column("due_on", Date),
    Column("raised_at", Instant, nullable=False),
    Column("done_at", Instant),
    Column("done_by", Uuid),
    Column("done_how", String),
    Index("ix_tasks_desk_id_done_at", "desk_id", "done_at", "due_on"),
    Index("uq_tasks_kind_about", "kind", "about", unique=True, postgresql_where=text("done_at IS NULL")),
)


append_only(register_entries)
