"""The roster's tables: its own carers and visits, and copies of what identity, request and matching own."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Computed,
    Date,
    Double,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint
from sqlalchemy.orm import registry

from services.roster.domain.visit import HOLDING, Visit
from shared.db.declared import append_only
from shared.db.types import Instant, new_metadata

METADATA = new_metadata()
_HOLDING = "state IN ({})".format(", ".join(f"'{state.value}'" for state in HOLDING))

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
    Column("skills", ARRAY(String), nullable=False),
    Column("opt_ins", ARRAY(String), nullable=False),
    Column("own_children_born", ARRAY(Date), nullable=False),
    Column("registered_at", Instant, nullable=False),
    Index("ix_carers_name", "desk_id", "last_name", "first_name", "carer_id"),
)

credentials = Table(
    "credentials",
    METADATA,
    Column("credential_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("kind", String, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Index("ix_credentials_carer", "desk_id", "carer_id"),
)

availabilities = Table(
    "availabilities",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("carer_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("weekly", JSONB, nullable=False),
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
    UniqueConstraint("desk_id", "carer_id", "starts_at", "ends_at"),
    Index("ix_absences_carer", "carer_id", "ends_at"),
)

policies = Table(
    "policies",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("choices", JSONB, nullable=False),
)

desks = Table(
    "desks",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("country", String, nullable=False),
    Column("zone", String, nullable=False),
)

families = Table(
    "families",
    METADATA,
    Column("family_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("phone", String),
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
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("zone", String, nullable=False),
    Column("place", JSONB),
    Column("shared_care_id", Uuid),
    Column("clock_change", Boolean, nullable=False),
    Column("wanted", Boolean, nullable=False),
    Index("ix_visit_terms_family_id", "family_id"),
)

shared_care = Table(
    "shared_care",
    METADATA,
    Column("shared_care_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("family_ids", ARRAY(Uuid), nullable=False),
    Column("valid_from", Date, nullable=False),
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
    Column("stands", Boolean, nullable=False),
)

visits = Table(
    "visits",
    METADATA,
    Column("visit_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("visit_version", Integer, nullable=False),
    Column("family_id", Uuid, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("state", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("held_until", Instant, nullable=False),
    Column("during", TSTZRANGE, Computed("tstzrange(starts_at, held_until)", persisted=True)),
    Column("zone", String, nullable=False),
    Column("place_id", Uuid, nullable=False),
    Column("latitude", Double, nullable=False),
    Column("longitude", Double, nullable=False),
    Column("area", String, nullable=False),
    Column("shared_care_id", Uuid),
    Column("child_ids", ARRAY(Uuid), nullable=False),
    Column("children_born", ARRAY(Date), nullable=False),
    Column("alert", String),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("check_in", JSONB),
    Column("check_out", JSONB),
    ExcludeConstraint(
        ("carer_id", "="),
        ("place_id", "<>"),
        ("during", "&&"),
        using="gist",
        name="one_place_at_a_time",
        where=literal_column(_HOLDING),
    ),
    Index("ix_visits_desk_id_starts_at", "desk_id", "starts_at"),
    Index("ix_visits_carer_id_starts_at", "carer_id", "starts_at"),
    Index("ix_visits_family_id", "family_id"),
)

visit_history = Table(
    "visit_history",
    METADATA,
    Column("entry_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("visit_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("what", String, nullable=False),
    Column("state", String, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("account_id", Uuid),
    Index("ix_visit_history_visit_id", "visit_id", "version"),
)

travel_legs = Table(
    "travel_legs",
    METADATA,
    Column("travel_leg_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("visit_id", Uuid, nullable=False),
    Column("way", String, nullable=False),
    Column("on", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("metres", Integer, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("mode", String, nullable=False),
    Column("how", String, nullable=False),
    UniqueConstraint("visit_id", "way"),
    Index("ix_travel_legs_desk_id_at", "desk_id", "at"),
)

access_log = Table(
    "access_log",
    METADATA,
    Column("entry_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("at", Instant, nullable=False),
    Column("account_id", Uuid),
    Column("person_id", Uuid),
    Column("role", String),
    Column("what", String, nullable=False),
    Column("visit_ids", ARRAY(Uuid), nullable=False),
    Index("ix_access_log_desk_id_at", "desk_id", "at"),
)

append_only(visit_history, travel_legs, access_log)

registry(metadata=METADATA).map_imperatively(
    Visit, visits, exclude_properties=["during"], version_id_col=visits.c.version, version_id_generator=False
)
