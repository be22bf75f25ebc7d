"""What families ask for, with its history and what only the desk knows of it."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from services.request.domain.care_terms import CareTerms
from services.request.domain.visit import VisitDetails
from services.request.tables.metadata import METADATA, AsJson
from shared.db.declared import append_only
from shared.db.types import Instant
from shared.domain.pattern import WeeklyPattern

_DETAILS: AsJson[VisitDetails] = AsJson(VisitDetails)
_TERMS: AsJson[CareTerms] = AsJson(CareTerms)
_PATTERNS: AsJson[tuple[WeeklyPattern, ...]] = AsJson(tuple[WeeklyPattern, ...])

care_requests = Table(
    "care_requests",
    METADATA,
    Column("care_request_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("family_id", ForeignKey("families.family_id"), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("urgency", String),
    Column("plan", String, nullable=False),
    Column("occasional", Boolean, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("terms", _TERMS, nullable=False),
    Column("patterns", _PATTERNS, nullable=False),
    Column("planned_through", Date),
    Column("goes_on", Boolean, nullable=False),
    Column("begins_on", Date),
    Column("review_on", Date),
    Column("expires_on", Date),
    Column("priority", Integer, nullable=False),
    Column("priority_order", Date, nullable=False),
    Column("shared_care_id", Uuid, index=True),
    Column("referrer_id", Uuid, index=True),
    Column("reason_id", Uuid),
    Column("opened_at", Instant, nullable=False),
)


# What was said of a request when, by whom: its terms and patterns hold nobody's name, so they stay.
request_history = Table(
    "request_history",
    METADATA,
    Column("care_request_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("what", String, nullable=False),
    Column("state", String, nullable=False),
    Column("terms", _TERMS, nullable=False),
    Column("patterns", _PATTERNS, nullable=False),
    Column("planned_through", Date),
    Column("goes_on", Boolean, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by_account_id", Uuid),
    Column("by_role", String),
    Column("reason_id", Uuid),
)


visits = Table(
    "visits",
    METADATA,
    Column("visit_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("care_request_id", ForeignKey("care_requests.care_request_id"), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("zone", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("child_ids", ARRAY(Uuid), nullable=False),
    Column("skills", ARRAY(String), nullable=False),
    Column("place_id", Uuid),
    Column("shared_care_id", Uuid),
    Column("clock_change", Boolean, nullable=False),
    Column("details", _DETAILS, nullable=False),
    Column("listed", Boolean, nullable=False),
    Column("removed_at", Instant),
    Column("removed_because", String),
    Index("ix_visits_desk_id_ends_at", "desk_id", "ends_at"),
)


visit_history = Table(
    "visit_history",
    METADATA,
    Column("visit_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("care_request_id", Uuid, nullable=False),
    Column("request_version", Integer, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("zone", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("child_ids", ARRAY(Uuid), nullable=False),
    Column("skills", ARRAY(String), nullable=False),
    Column("place_id", Uuid),
    Column("shared_care_id", Uuid),
    Column("clock_change", Boolean, nullable=False),
    Column("details", _DETAILS, nullable=False),
    Column("listed", Boolean, nullable=False),
    Column("removed", String),
    Column("at", Instant, nullable=False),
    Index("ix_visit_history_care_request_id", "care_request_id", "request_version"),
)


# Why a family needs care, and why something was changed: the only place, so that it can be erased.
reasons = Table(
    "reasons",
    METADATA,
    Column("reason_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("family_id", Uuid, nullable=False, index=True),
    Column("care_request_id", Uuid, nullable=False),
    Column("reason", String, nullable=False),
    Column("at", Instant, nullable=False),
)


# What a place in the order is decided by; nothing of it leaves the desk, and erasure takes it.
circumstances = Table(
    "circumstances",
    METADATA,
    Column("care_request_id", ForeignKey("care_requests.care_request_id"), primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("family_id", Uuid, nullable=False, index=True),
    Column("need", String),
    Column("occasional_reason", String),
    Column("vulnerable", Boolean, nullable=False),
    Column("no_alternative", Boolean, nullable=False),
    Column("working_or_training", Boolean, nullable=False),
)


introductions = Table(
    "introductions",
    METADATA,
    Column("care_request_id", ForeignKey("care_requests.care_request_id"), primary_key=True),
    Column("carer_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("state", String, nullable=False),
    Column("visit_id", Uuid),
    Column("for_visit_id", Uuid, nullable=False),
    Column("at", Instant, nullable=False),
)


# An introduction that was skipped: who said yes to that, or which emergency it was.
introduction_waivers = Table(
    "introduction_waivers",
    METADATA,
    Column("waiver_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("family_id", Uuid, nullable=False, index=True),
    Column("care_request_id", Uuid, nullable=False, index=True),
    Column("carer_id", Uuid),
    Column("because", String, nullable=False),
    Column("said_by", String, nullable=False),
    Column("said_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", Uuid),
)


displacements = Table(
    "displacements",
    METADATA,
    Column("displacement_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("visit_id", Uuid, nullable=False),
    Column("for_visit_id", Uuid, nullable=False),
    Column("family_id", Uuid, nullable=False, index=True),
    Column("carer_id", Uuid, nullable=False),
    Column("then", String, nullable=False),
    Column("said_by", String, nullable=False),
    Column("said_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", Uuid),
)


append_only(request_history, visit_history)
