"""Matching's tables: copies of what others own, and its own placements, shortlists, offers and assignments."""

from sqlalchemy import Boolean, Column, Date, Double, Index, Integer, String, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE, ExcludeConstraint

from shared.db.declared import append_only
from shared.db.types import Instant, new_metadata

METADATA = new_metadata()

desks = Table(
    "desks",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("country", String, nullable=False),
    Column("currency", String, nullable=False),
    Column("zone", String, nullable=False),
)

# When something last changed that may make a visit fillable that was not before, and when such visits are looked at next.
desk_changes = Table(
    "desk_changes",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("changed_at", Instant, nullable=False),
    Column("looks_at", Instant),
)

carers = Table(
    "carers",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("carer_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text, nullable=False),
    Column("modes", ARRAY(Text), nullable=False),
    Column("place_id", Uuid, nullable=False),
    Column("latitude", Double, nullable=False),
    Column("longitude", Double, nullable=False),
    Column("zone", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("languages", ARRAY(Text), nullable=False),
    Column("transport", Text, nullable=False),
    Column("max_distance_km", Integer, nullable=False),
    Column("skills", ARRAY(Text), nullable=False),
    Column("opt_ins", ARRAY(Text), nullable=False),
    Column("credentials", JSONB, nullable=False),
    Column("own_children_born", ARRAY(Date), nullable=False),
)

availabilities = Table(
    "availabilities",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("carer_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("zone", Text, nullable=False),
    Column("weekly", JSONB, nullable=False),
)

absences = Table(
    "absences",
    METADATA,
    Column("absence_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Index("ix_absences_carer_id", "carer_id", "ends_at"),
)

families = Table(
    "families",
    METADATA,
    Column("family_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("home", JSONB, nullable=False),
    Column("children", JSONB, nullable=False),
    Column("favourite_carer_ids", ARRAY(Uuid), nullable=False),
    Column("excluded_carer_ids", ARRAY(Uuid), nullable=False),
    Column("erased", Boolean, nullable=False, default=False),
)

shared_cares = Table(
    "shared_cares",
    METADATA,
    Column("shared_care_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("family_ids", ARRAY(Uuid), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
)

tariffs = Table(
    "tariffs",
    METADATA,
    Column("tariff_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("mode", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("tariff", JSONB, nullable=False),
)

care_requests = Table(
    "care_requests",
    METADATA,
    Column("care_request_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("family_id", Uuid, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("occasional", Boolean, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("first_offer_at", Instant),
    Column("first_acceptance_at", Instant),
    Column("unfilled_version", Integer, nullable=False, default=0),
)

visits = Table(
    "visits",
    METADATA,
    Column("visit_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("care_request_id", Uuid, nullable=False),
    Column("family_id", Uuid, nullable=False),
    Column("child_ids", ARRAY(Uuid), nullable=False),
    Column("mode", Text, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("zone", Text, nullable=False),
    Column("place", JSONB(none_as_null=True)),
    Column("skills", ARRAY(Text), nullable=False),
    Column("shared_care_id", Uuid),
    Column("wanted", Boolean, nullable=False, default=True),
    Column("placement_id", Uuid),
    Column("outcome", Text, nullable=False, default="open"),
    Column("roster_version", Integer, nullable=False, default=0),
    Column("assignment_version", Integer, nullable=False, default=0),
    Column("arrangements", Integer, nullable=False, default=0),
    Index("ix_visits_starts_at", "desk_id", "starts_at"),
    Index("ix_visits_placement_id", "placement_id"),
    Index("ix_visits_care_request_id", "care_request_id"),
    Index("ix_visits_shared_care_id", "shared_care_id", postgresql_where="shared_care_id IS NOT NULL"),
)

care_given = Table(
    "care_given",
    METADATA,
    Column("visit_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("child_ids", ARRAY(Uuid), nullable=False),
    Column("on", Date, nullable=False),
    Column("minutes", Integer, nullable=False),
    Index("ix_care_given_child_ids", "child_ids", postgresql_using="gin"),
)

policies = Table(
    "policies",
    METADATA,
    Column("policy_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("choices", JSONB, nullable=False),
    Column("set_by", Uuid),
    Column("set_at", Instant, nullable=False),
    Index("ix_policies_desk_id", "desk_id", "valid_from", "set_at"),
)

placements = Table(
    "placements",
    METADATA,
    Column("placement_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("shared_care_id", Uuid),
    Column("state", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("wave", Integer, nullable=False),
    Column("steps", Integer, nullable=False),
    Column("terms", Text, nullable=False),
    Column("carer_id", Uuid),
    Column("preferred_carer_id", Uuid),
    Column("lapses_at", Instant),
    Column("evaluated_at", Instant),
    Column("call_dispatcher_since", Instant),
    Column("opened_at", Instant, nullable=False),
    Column("reasons", JSONB, nullable=False),
    Index("ix_placements_shared_care_id", "shared_care_id", postgresql_where="shared_care_id IS NOT NULL"),
)

refusals = Table(
    "refusals",
    METADATA,
    Column("refusal_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("visit_id", Uuid, nullable=False),
    Column("visit_version", Integer, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("reason", Text, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_refusals_visit_id", "visit_id"),
)

shortlists = Table(
    "shortlists",
    METADATA,
    Column("shortlist_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("placement_id", Uuid, nullable=False),
    Column("step", Integer, nullable=False),
    Column("terms", Text, nullable=False),
    Column("computed_at", Instant, nullable=False),
    Column("policy_from", Date, nullable=False),
    Column("candidates", JSONB, nullable=False),
    Column("ruled_out", JSONB, nullable=False),
    Index("ix_shortlists_placement_id", "placement_id", "step"),
)

waves = Table(
    "waves",
    METADATA,
    Column("wave_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("placement_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("by_hand", Boolean, nullable=False),
    Column("shortlist_id", Uuid),
    Column("sent_at", Instant, nullable=False),
    Column("lapses_at", Instant, nullable=False),
    Index("ix_waves_placement_id", "placement_id"),
)

offers = Table(
    "offers",
    METADATA,
    Column("offer_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("placement_id", Uuid, nullable=False),
    Column("round", Integer, nullable=False),
    Column("wave_id", Uuid, nullable=False),
    Column("wave", Integer, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("terms", Text, nullable=False),
    Column("visits", JSONB, nullable=False),
    Column("shown", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("by_hand", Boolean, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("seen_at", Instant),
    Column("ended_at", Instant),
    Column("reason", Text),
    Index("ix_offers_placement_id", "placement_id"),
    Index("ix_offers_carer_id", "carer_id", "sent_at"),
)

offer_history = Table(
    "offer_history",
    METADATA,
    Column("entry_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("offer_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("at", Instant, nullable=False),
    Column("by_account", Uuid),
    Index("ix_offer_history_offer_id", "offer_id", "version"),
)

assignments = Table(
    "assignments",
    METADATA,
    Column("assignment_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("visit_id", Uuid, nullable=False),
    Column("visit_version", Integer, nullable=False),
    Column("placement_id", Uuid, nullable=False),
    Column("offer_id", Uuid, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("place_id", Uuid, nullable=False),
    Column("during", TSTZRANGE, nullable=False),
    Column("place", JSONB, nullable=False),
    Column("mode", Text, nullable=False),
    Column("children", JSONB, nullable=False),
    Column("shared_care_id", Uuid),
    Column("assigned_at", Instant, nullable=False),
    Column("rostered_at", Instant),
    Column("released_at", Instant),
    Column("released_because", Text),
    # Two families at one childminder's at once are fine; two places at once are not, at whichever desks.
    ExcludeConstraint(
        ("carer_id", "="),
        ("place_id", "<>"),
        ("during", "&&"),
        name="ex_assignments_one_place_at_a_time",
        using="gist",
        where="released_at IS NULL",
    ),
    Index("uq_assignments_visit_id", "visit_id", unique=True, postgresql_where="released_at IS NULL"),
    Index("ix_assignments_placement_id", "placement_id"),
)

visit_history = Table(
    "visit_history",
    METADATA,
    Column("entry_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("visit_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("visit_version", Integer, nullable=False),
    Column("what", Text, nullable=False),
    Column("carer_id", Uuid),
    Column("reason", Text),
    Column("at", Instant, nullable=False),
    Column("by_account", Uuid),
    Index("ix_visit_history_visit_id", "visit_id", "at"),
)

append_only(offer_history, shortlists, visit_history, policies, refusals)
