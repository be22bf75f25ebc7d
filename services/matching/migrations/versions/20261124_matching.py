"""Matching's tables, their row security, and the one function that sees a carer's calendar across desks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.policies import DESK_OF_TRANSACTION, append_only, protect

revision = "matching_0001"
down_revision = None
branch_labels = ("matching",)
depends_on = "kit_0001"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_tables()
    protect(
        "absences",
        "assignments",
        "availabilities",
        "care_given",
        "care_requests",
        "carers",
        "desk_changes",
        "desks",
        "families",
        "offer_history",
        "offers",
        "placements",
        "policies",
        "refusals",
        "shared_cares",
        "shortlists",
        "tariffs",
        "visit_history",
        "visits",
        "waves",
    )
    append_only("offer_history", "shortlists", "visit_history", "policies", "refusals")
    _create_carer_busy()


def _create_carer_busy() -> None:
    # It belongs to the owner, whom row security doesn't hold back: a carer is one person at all their desks. Of another
    # desk's visits it tells when, where and children's ages (travel, ratio and rest need them), never whose they are.
    op.execute(
        f"""
        CREATE FUNCTION carer_busy(carers uuid[], from_at timestamptz, until_at timestamptz)
        RETURNS TABLE (
            carer_id uuid, visit_id uuid, shared_care_id uuid, during tstzrange, place jsonb, children jsonb
        )
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
            SELECT a.carer_id,
                   CASE WHEN a.desk_id = {DESK_OF_TRANSACTION} THEN a.visit_id END,
                   CASE WHEN a.desk_id = {DESK_OF_TRANSACTION} THEN a.shared_care_id END,
                   a.during,
                   CASE WHEN a.desk_id = {DESK_OF_TRANSACTION} THEN a.place ELSE a.place - 'area' END,
                   a.children
            FROM assignments a
            WHERE a.carer_id = ANY (carers) AND a.released_at IS NULL AND a.during && tstzrange(from_at, until_at)
        $$
        """
    )
    op.execute("REVOKE ALL ON FUNCTION carer_busy(uuid[], timestamptz, timestamptz) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION carer_busy(uuid[], timestamptz, timestamptz) TO matching_app")


def _create_tables() -> None:
    op.create_table(
        "absences",
        sa.Column("absence_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("absence_id", name="pk_absences"),
    )
    op.create_index("ix_absences_carer_id", "absences", ["carer_id", "ends_at"])
    op.create_table(
        "assignments",
        sa.Column("assignment_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("visit_version", sa.Integer, nullable=False),
        sa.Column("placement_id", sa.Uuid, nullable=False),
        sa.Column("offer_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("place_id", sa.Uuid, nullable=False),
        sa.Column("during", postgresql.TSTZRANGE, nullable=False),
        sa.Column("place", postgresql.JSONB, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("children", postgresql.JSONB, nullable=False),
        sa.Column("shared_care_id", sa.Uuid),
        sa.Column("assigned_at", INSTANT, nullable=False),
        sa.Column("rostered_at", INSTANT),
        sa.Column("released_at", INSTANT),
        sa.Column("released_because", sa.Text),
        postgresql.ExcludeConstraint(
            (sa.column("carer_id"), "="),
            (sa.column("place_id"), "<>"),
            (sa.column("during"), "&&"),
            where=sa.text("released_at IS NULL"),
            using="gist",
            name="ex_assignments_one_place_at_a_time",
        ),
        sa.PrimaryKeyConstraint("assignment_id", name="pk_assignments"),
    )
    op.create_index("ix_assignments_placement_id", "assignments", ["placement_id"])
    op.create_index(
        "uq_assignments_visit_id", "assignments", ["visit_id"], unique=True, postgresql_where="released_at IS NULL"
    )
    op.create_table(
        "availabilities",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("weekly", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "carer_id", name="pk_availabilities"),
    )
    op.create_table(
        "care_given",
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("child_ids", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name="pk_care_given"),
    )
    op.create_index("ix_care_given_child_ids", "care_given", ["child_ids"], postgresql_using="gin")
    op.create_table(
        "care_requests",
        sa.Column("care_request_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("occasional", sa.Boolean, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("first_offer_at", INSTANT),
        sa.Column("first_acceptance_at", INSTANT),
        sa.Column("unfilled_version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("care_request_id", name="pk_care_requests"),
    )
    op.create_table(
        "carers",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("first_name", sa.Text, nullable=False),
        sa.Column("last_name", sa.Text, nullable=False),
        sa.Column("modes", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("place_id", sa.Uuid, nullable=False),
        sa.Column("latitude", sa.Double, nullable=False),
        sa.Column("longitude", sa.Double, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("area", sa.Text, nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("transport", sa.Text, nullable=False),
        sa.Column("max_distance_km", sa.Integer, nullable=False),
        sa.Column("skills", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("opt_ins", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("credentials", postgresql.JSONB, nullable=False),
        sa.Column("own_children_born", postgresql.ARRAY(sa.Date), nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "carer_id", name="pk_carers"),
    )
    op.create_table(
        "desk_changes",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("looks_at", INSTANT),
        sa.PrimaryKeyConstraint("desk_id", name="pk_desk_changes"),
    )
    op.create_table(
        "desks",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("country", sa.String, nullable=False),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", name="pk_desks"),
    )
    op.create_table(
        "families",
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("home", postgresql.JSONB, nullable=False),
        sa.Column("children", postgresql.JSONB, nullable=False),
        sa.Column("favourite_carer_ids", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("excluded_carer_ids", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("erased", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("family_id", name="pk_families"),
    )
    op.create_table(
        "offer_history",
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("offer_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by_account", sa.Uuid),
        sa.PrimaryKeyConstraint("entry_id", name="pk_offer_history"),
    )
    op.create_index("ix_offer_history_offer_id", "offer_history", ["offer_id", "version"])
    op.create_table(
        "offers",
        sa.Column("offer_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("placement_id", sa.Uuid, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("wave_id", sa.Uuid, nullable=False),
        sa.Column("wave", sa.Integer, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("terms", sa.Text, nullable=False),
        sa.Column("visits", postgresql.JSONB, nullable=False),
        sa.Column("shown", postgresql.JSONB, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("by_hand", sa.Boolean, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("offer_id", name="pk_offers"),
    )
    op.create_index("ix_offers_carer_id", "offers", ["carer_id", "sent_at"])
    op.create_index("ix_offers_placement_id", "offers", ["placement_id"])
    op.create_table(
        "placements",
        sa.Column("placement_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("shared_care_id", sa.Uuid),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("wave", sa.Integer, nullable=False),
        sa.Column("steps", sa.Integer, nullable=False),
        sa.Column("terms", sa.Text, nullable=False),
        sa.Column("carer_id", sa.Uuid),
        sa.Column("preferred_carer_id", sa.Uuid),
        sa.Column("lapses_at", INSTANT),
        sa.Column("evaluated_at", INSTANT),
        sa.Column("call_dispatcher_since", INSTANT),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("reasons", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("placement_id", name="pk_placements"),
    )
    op.create_index(
        "ix_placements_shared_care_id", "placements", ["shared_care_id"], postgresql_where="shared_care_id IS NOT NULL"
    )
    op.create_table(
        "policies",
        sa.Column("policy_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("choices", postgresql.JSONB, nullable=False),
        sa.Column("set_by", sa.Uuid),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("policy_id", name="pk_policies"),
    )
    op.create_index("ix_policies_desk_id", "policies", ["desk_id", "valid_from", "set_at"])
    op.create_table(
        "refusals",
        sa.Column("refusal_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("visit_version", sa.Integer, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("refusal_id", name="pk_refusals"),
    )
    op.create_index("ix_refusals_visit_id", "refusals", ["visit_id"])
    op.create_table(
        "shared_cares",
        sa.Column("shared_care_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("family_ids", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.PrimaryKeyConstraint("shared_care_id", name="pk_shared_cares"),
    )
    op.create_table(
        "shortlists",
        sa.Column("shortlist_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("placement_id", sa.Uuid, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("terms", sa.Text, nullable=False),
        sa.Column("computed_at", INSTANT, nullable=False),
        sa.Column("policy_from", sa.Date, nullable=False),
        sa.Column("candidates", postgresql.JSONB, nullable=False),
        sa.Column("ruled_out", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("shortlist_id", name="pk_shortlists"),
    )
    op.create_index("ix_shortlists_placement_id", "shortlists", ["placement_id", "step"])
    op.create_table(
        "tariffs",
        sa.Column("tariff_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("tariff", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("tariff_id", name="pk_tariffs"),
    )
    op.create_table(
        "visit_history",
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("visit_version", sa.Integer, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("carer_id", sa.Uuid),
        sa.Column("reason", sa.Text),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by_account", sa.Uuid),
        sa.PrimaryKeyConstraint("entry_id", name="pk_visit_history"),
    )
    op.create_index("ix_visit_history_visit_id", "visit_history", ["visit_id", "at"])
    op.create_table(
        "visits",
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("care_request_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("child_ids", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("place", postgresql.JSONB),
        sa.Column("skills", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("shared_care_id", sa.Uuid),
        sa.Column("wanted", sa.Boolean, nullable=False),
        sa.Column("placement_id", sa.Uuid),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("roster_version", sa.Integer, nullable=False),
        sa.Column("assignment_version", sa.Integer, nullable=False),
        sa.Column("arrangements", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name="pk_visits"),
    )
    op.create_index("ix_visits_care_request_id", "visits", ["care_request_id"])
    op.create_index("ix_visits_placement_id", "visits", ["placement_id"])
    op.create_index(
        "ix_visits_shared_care_id", "visits", ["shared_care_id"], postgresql_where="shared_care_id IS NOT NULL"
    )
    op.create_index("ix_visits_starts_at", "visits", ["desk_id", "starts_at"])
    op.create_table(
        "waves",
        sa.Column("wave_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("placement_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("by_hand", sa.Boolean, nullable=False),
        sa.Column("shortlist_id", sa.Uuid),
        sa.Column("sent_at", INSTANT, nullable=False),
        sa.Column("lapses_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("wave_id", name="pk_waves"),
    )
    op.create_index("ix_waves_placement_id", "waves", ["placement_id"])
