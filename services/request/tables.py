"""The request service's tables, and how its aggregates are kept in them."""

from typing import Any

from pydantic import TypeAdapter
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
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import registry, relationship
from sqlalchemy.types import TypeDecorator

from services.request.domain.care_request import CareRequest, Visit
from services.request.domain.family import Child, Family
from services.request.domain.shared_care import Consent, SharedCare
from shared.db.declared import append_only
from shared.db.types import Instant, new_metadata
from shared.domain.pattern import WeeklyPattern

METADATA = new_metadata()
_PATTERN = TypeAdapter(WeeklyPattern)


class Pattern(TypeDecorator[WeeklyPattern]):
    """A weekly pattern as JSON."""

    impl = JSONB(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: WeeklyPattern | None, dialect: Dialect) -> Any:
        return None if value is None else _PATTERN.dump_python(value, mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> WeeklyPattern | None:
        return None if value is None else _PATTERN.validate_python(value)


families = Table(
    "families",
    METADATA,
    Column("family_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("language", String, nullable=False),
    Column("phone", String),
    Column("email", String),
    Column("favourite_carer_ids", ARRAY(Uuid), nullable=False),
    Column("excluded_carer_ids", ARRAY(Uuid), nullable=False),
    Column("place_id", Uuid, nullable=False),
    Column("latitude", Double),
    Column("longitude", Double),
    Column("zone", String, nullable=False),
    Column("area", String, nullable=False),
    Column("address", String),
    Column("registered_at", Instant, nullable=False),
    Column("erased_at", Instant),
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
)

care_requests = Table(
    "care_requests",
    METADATA,
    Column("care_request_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("family_id", ForeignKey("families.family_id"), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("skills", ARRAY(String), nullable=False),
    Column("child_ids", ARRAY(Uuid), nullable=False),
    Column("shared_care_id", Uuid, index=True),
    Column("pattern", Pattern),
    Column("reason_id", Uuid),
    Column("opened_at", Instant, nullable=False),
    Column("planned_through", Date),
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
    Column("mode", String, nullable=False),
    Column("child_ids", ARRAY(Uuid), nullable=False),
    Column("skills", ARRAY(String), nullable=False),
    Column("place_id", Uuid),
    Column("shared_care_id", Uuid),
    Column("clock_change", Boolean, nullable=False),
    Column("removed_at", Instant),
    Index("ix_visits_desk_id_ends_at", "desk_id", "ends_at"),
)

visit_history = Table(
    "visit_history",
    METADATA,
    Column("visit_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("care_request_id", Uuid, nullable=False, index=True),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("zone", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("child_ids", ARRAY(Uuid), nullable=False),
    Column("skills", ARRAY(String), nullable=False),
    Column("place_id", Uuid),
    Column("shared_care_id", Uuid),
    Column("removed", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by_account_id", Uuid),
    Column("by_role", String),
    Column("reason_id", Uuid),
)

# Why a family needs care, and why something was changed: the only place, apart from history, so that it can be erased.
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

shared_cares = Table(
    "shared_cares",
    METADATA,
    Column("shared_care_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("host_family_id", ForeignKey("families.family_id"), nullable=False, index=True),
    Column("rule", String, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("agreed_at", Instant, nullable=False),
)

shared_care_consents = Table(
    "shared_care_consents",
    METADATA,
    Column("shared_care_id", ForeignKey("shared_cares.shared_care_id"), primary_key=True),
    Column("family_id", ForeignKey("families.family_id"), primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("said_by", String, nullable=False),
    Column("said_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", Uuid),
    Index("ix_shared_care_consents_family_id", "family_id"),
)

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
    Column("roster_version", Integer, nullable=False),
    Column("roster_word", String),
    Column("roster_visit_version", Integer, nullable=False),
    Column("roster_carer_id", Uuid),
    Column("rostered_start", Instant),
    Column("rostered_end", Instant),
    Column("refusal", String),
    Column("unfilled_version", Integer, nullable=False),
    Index("ix_visit_progress_desk_id_state", "desk_id", "state"),
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
    Column("recorded_at", Instant, nullable=False),
    UniqueConstraint("visit_id", "visit_version"),
    Index("ix_unmet_needs_desk_id_starts_at", "desk_id", "starts_at", "unmet_id"),
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

desks = Table(
    "desks",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("country", String, nullable=False),
    Column("zone", String, nullable=False),
)

# Of a carer only what a family is told once the visit is certain.
carers = Table(
    "carers",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("carer_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("first_name", String, nullable=False),
)

policies = Table(
    "policies",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("weeks_ahead", Integer, nullable=False),
    Column("horizon_step_days", Integer, nullable=False),
    Column("urgent_grace_minutes", Integer, nullable=False),
    Column("longest_visit_minutes", Integer),
)

append_only(visit_history, access_log)

_mapper = registry(metadata=METADATA)
_mapper.map_imperatively(Child, children)
_mapper.map_imperatively(
    Family,
    families,
    version_id_col=families.c.version,
    version_id_generator=False,
    properties={
        "children": relationship(Child, order_by=children.c.position, cascade="all, delete-orphan", lazy="selectin")
    },
)
_mapper.map_imperatively(Visit, visits)
_mapper.map_imperatively(
    CareRequest,
    care_requests,
    version_id_col=care_requests.c.version,
    version_id_generator=False,
    properties={
        "visits": relationship(
            Visit, order_by=(visits.c.starts_at, visits.c.visit_id), cascade="all, delete-orphan", lazy="selectin"
        )
    },
)
_mapper.map_imperatively(Consent, shared_care_consents)
_mapper.map_imperatively(
    SharedCare,
    shared_cares,
    version_id_col=shared_cares.c.version,
    version_id_generator=False,
    properties={
        "consents": relationship(
            Consent, order_by=shared_care_consents.c.family_id, cascade="all, delete-orphan", lazy="selectin"
        )
    },
)
