"""Visits as they are rostered and as they happened, and what people agree about them."""

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
    Text,
    Uuid,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint
from sqlalchemy.orm import registry

from services.roster.domain.visit import Visit
from services.roster.domain.visit_terms import HOLDING
from services.roster.tables.metadata import METADATA
from shared.db.declared import append_only
from shared.db.types import Instant

_HOLDING = "state IN ({})".format(", ".join(f"'{state.value}'" for state in HOLDING))

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
    Column("kind", String, nullable=False),
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
    Column("legs", JSONB, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("alert", String),
    Column("coming_at", Instant),
    Column("set_out_at", Instant),
    Column("expected_at", Instant),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("handed_to", String),
    Column("presences", JSONB, nullable=False),
    Column("check_in", JSONB),
    Column("check_out", JSONB),
    # Somebody of the desk has to look at how it was told: null when nobody must, or somebody has.
    Column("review", String),
    ExcludeConstraint(
        ("carer_id", "="),
        ("place_id", "<>"),
        ("during", "&&"),
        using="gist",
        name="one_place_at_a_time",
        where=literal_column(_HOLDING),
        deferrable=True,
    ),
    Index("ix_visits_desk_id_starts_at", "desk_id", "starts_at"),
    Index("ix_visits_carer_id_starts_at", "carer_id", "starts_at"),
    Index("ix_visits_family_id", "family_id", "starts_at"),
    Index("ix_visits_review", "desk_id", "starts_at", postgresql_where=literal_column("review IS NOT NULL")),
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
    Index("ix_visit_history_carer_id", "carer_id", "at"),
)

handover_notes = Table(
    "handover_notes",
    METADATA,
    Column("note_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("visit_id", Uuid, nullable=False),
    Column("family_id", Uuid, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("text", Text, nullable=False),
    Column("written_at", Instant, nullable=False),
    Index("ix_handover_notes_family_id", "family_id", "written_at"),
    Index("ix_handover_notes_visit_id", "visit_id"),
)

swaps = Table(
    "swaps",
    METADATA,
    Column("swap_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("visit_id", Uuid, nullable=False),
    Column("from_carer_id", Uuid, nullable=False),
    Column("to_carer_id", Uuid, nullable=False),
    # What the colleague gives in return; null where they simply take the visit over.
    Column("return_visit_id", Uuid),
    Column("state", String, nullable=False),
    Column("note", String, nullable=False),
    Column("asked_at", Instant, nullable=False),
    # Who said yes, by whom and when; who still has to is in neither.
    Column("yeses", JSONB, nullable=False),
    Column("ended_at", Instant),
    Column("why", String, nullable=False),
    Index("uq_swaps_open", "visit_id", unique=True, postgresql_where=literal_column("state = 'asked'")),
    Index("ix_swaps_from_carer_id", "from_carer_id", "asked_at"),
    Index("ix_swaps_to_carer_id", "to_carer_id", "asked_at"),
)

stays = Table(
    "stays",
    METADATA,
    Column("stay_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("visit_id", Uuid, nullable=False),
    Column("until", Instant, nullable=False),
    Column("asked_by", String, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("state", String, nullable=False),
    Column("answered_at", Instant),
    Index("uq_stays_open", "visit_id", unique=True, postgresql_where=literal_column("state = 'asked'")),
)

corrections = Table(
    "corrections",
    METADATA,
    Column("correction_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("visit_id", Uuid, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False),
    Column("reason", String, nullable=False),
    Column("proposed_by", String, nullable=False),
    Column("proposed_account_id", Uuid),
    Column("proposed_at", Instant, nullable=False),
    Column("state", String, nullable=False),
    Column("answered_by", String),
    Column("answered_account_id", Uuid),
    Column("answered_at", Instant),
    Column("answer", String, nullable=False),
    Index("uq_corrections_open", "visit_id", unique=True, postgresql_where=literal_column("state = 'proposed'")),
    Index("ix_corrections_visit_id", "visit_id"),
)

tolerances = Table(
    "tolerances",
    METADATA,
    Column("tolerance_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("children", Integer, nullable=False),
    Column("reason", String, nullable=False),
    Column("said_at", Instant, nullable=False),
    Column("account_id", Uuid),
    Column("account_name", String, nullable=False),
    Index("ix_tolerances_carer_id", "carer_id", "ends_at"),
)

append_only(visit_history, tolerances)

registry(metadata=METADATA).map_imperatively(
    Visit, visits, exclude_properties=["during"], version_id_col=visits.c.version, version_id_generator=False
)
