"""Copies of what others own, visits and what is agreed about them, and the looks across desks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.policies import DESK_OF_TRANSACTION, append_only, protect

revision = "roster_0002"
down_revision = "roster_0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _copies()
    _visits()
    _agreed()
    protect(
        "desks",
        "desk_people",
        "families",
        "visit_terms",
        "shared_care",
        "assignments",
        "tariffs",
        "visits",
        "visit_history",
        "handover_notes",
        "swaps",
        "stays",
        "corrections",
        "tolerances",
    )
    append_only("visit_history", "tolerances")
    _across_desks()


def _copies() -> None:
    op.create_table(
        "desks",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("country", sa.String, nullable=False),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("languages", sa.ARRAY(sa.String), nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", name="pk_desks"),
    )
    op.create_table(
        "desk_people",
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_desk_people"),
    )
    op.create_table(
        "families",
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("phone", sa.String),
        sa.Column("contacts", postgresql.JSONB, nullable=False),
        sa.Column("children", postgresql.JSONB, nullable=False),
        sa.Column("erased", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("family_id", name="pk_families"),
    )
    op.create_table(
        "visit_terms",
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("care_request_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("child_ids", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("place", postgresql.JSONB),
        sa.Column("legs", postgresql.JSONB, nullable=False),
        sa.Column("shared_care_id", sa.Uuid),
        sa.Column("clock_change", sa.Boolean, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("wanted", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name="pk_visit_terms"),
    )
    op.create_index("ix_visit_terms_family_id", "visit_terms", ["family_id"])
    op.create_table(
        "shared_care",
        sa.Column("shared_care_id", sa.Uuid, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("family_ids", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.PrimaryKeyConstraint("shared_care_id", "valid_from", name="pk_shared_care"),
    )
    op.create_table(
        "assignments",
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("visit_version", sa.Integer, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("mode", sa.String),
        sa.Column("starts_at", INSTANT),
        sa.Column("ends_at", INSTANT),
        sa.Column("stranger", sa.Boolean, nullable=False),
        sa.Column("stands", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name="pk_assignments"),
    )
    op.create_table(
        "tariffs",
        sa.Column("tariff_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("party", sa.String, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("tariff", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("tariff_id", name="pk_tariffs"),
    )
    op.create_index("ix_tariffs_desk_id_mode", "tariffs", ["desk_id", "mode"])


def _visits() -> None:
    op.create_table(
        "visits",
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("visit_version", sa.Integer, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("held_until", INSTANT, nullable=False),
        sa.Column("during", postgresql.TSTZRANGE, sa.Computed("tstzrange(starts_at, held_until)", persisted=True)),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("place_id", sa.Uuid, nullable=False),
        sa.Column("latitude", sa.Double, nullable=False),
        sa.Column("longitude", sa.Double, nullable=False),
        sa.Column("area", sa.String, nullable=False),
        sa.Column("shared_care_id", sa.Uuid),
        sa.Column("child_ids", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("children_born", sa.ARRAY(sa.Date), nullable=False),
        sa.Column("legs", postgresql.JSONB, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("alert", sa.String),
        sa.Column("coming_at", INSTANT),
        sa.Column("set_out_at", INSTANT),
        sa.Column("expected_at", INSTANT),
        sa.Column("started_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("handed_to", sa.String),
        sa.Column("presences", postgresql.JSONB, nullable=False),
        sa.Column("check_in", postgresql.JSONB),
        sa.Column("check_out", postgresql.JSONB),
        sa.Column("review", sa.String),
        postgresql.ExcludeConstraint(
            (sa.column("carer_id"), "="),
            (sa.column("place_id"), "<>"),
            (sa.column("during"), "&&"),
            where=sa.text("state IN ('rostered', 'on_the_way', 'started', 'completed', 'missed')"),
            deferrable=True,
            using="gist",
            name="one_place_at_a_time",
        ),
        sa.PrimaryKeyConstraint("visit_id", name="pk_visits"),
    )
    op.create_index("ix_visits_carer_id_starts_at", "visits", ["carer_id", "starts_at"])
    op.create_index("ix_visits_desk_id_starts_at", "visits", ["desk_id", "starts_at"])
    op.create_index("ix_visits_family_id", "visits", ["family_id", "starts_at"])
    op.create_index(
        "ix_visits_review", "visits", ["desk_id", "starts_at"], postgresql_where=sa.text("review IS NOT NULL")
    )
    op.create_table(
        "visit_history",
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("facts", postgresql.JSONB, nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.PrimaryKeyConstraint("entry_id", name="pk_visit_history"),
        info={"triggers": {"no_truncate", "append_only"}},
    )
    op.create_index("ix_visit_history_carer_id", "visit_history", ["carer_id", "at"])
    op.create_index("ix_visit_history_visit_id", "visit_history", ["visit_id", "version"])
    op.create_table(
        "handover_notes",
        sa.Column("note_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("note_id", name="pk_handover_notes"),
    )
    op.create_index("ix_handover_notes_family_id", "handover_notes", ["family_id", "written_at"])
    op.create_index("ix_handover_notes_visit_id", "handover_notes", ["visit_id"])


def _agreed() -> None:
    op.create_table(
        "swaps",
        sa.Column("swap_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("from_carer_id", sa.Uuid, nullable=False),
        sa.Column("to_carer_id", sa.Uuid, nullable=False),
        sa.Column("return_visit_id", sa.Uuid),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("note", sa.String, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("yeses", postgresql.JSONB, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("why", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("swap_id", name="pk_swaps"),
    )
    op.create_index("ix_swaps_from_carer_id", "swaps", ["from_carer_id", "asked_at"])
    op.create_index("ix_swaps_to_carer_id", "swaps", ["to_carer_id", "asked_at"])
    op.create_index("uq_swaps_open", "swaps", ["visit_id"], unique=True, postgresql_where=sa.text("state = 'asked'"))
    op.create_table(
        "stays",
        sa.Column("stay_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("asked_by", sa.String, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("answered_at", INSTANT),
        sa.PrimaryKeyConstraint("stay_id", name="pk_stays"),
    )
    op.create_index("uq_stays_open", "stays", ["visit_id"], unique=True, postgresql_where=sa.text("state = 'asked'"))
    op.create_table(
        "corrections",
        sa.Column("correction_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("proposed_by", sa.String, nullable=False),
        sa.Column("proposed_account_id", sa.Uuid),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("answered_by", sa.String),
        sa.Column("answered_account_id", sa.Uuid),
        sa.Column("answered_at", INSTANT),
        sa.Column("answer", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("correction_id", name="pk_corrections"),
    )
    op.create_index("ix_corrections_visit_id", "corrections", ["visit_id"])
    op.create_index(
        "uq_corrections_open", "corrections", ["visit_id"], unique=True, postgresql_where=sa.text("state = 'proposed'")
    )
    op.create_table(
        "tolerances",
        sa.Column("tolerance_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("children", sa.Integer, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.Column("account_name", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("tolerance_id", name="pk_tolerances"),
        info={"triggers": {"no_truncate", "append_only"}},
    )
    op.create_index("ix_tolerances_carer_id", "tolerances", ["carer_id", "ends_at"])


def _across_desks() -> None:
    # They run as the owner, who sees every desk; they tell where and when a person is held, how old the children there
    # are (a ratio has to count them) and how long they work, never whose they are.
    op.execute(
        f"""
        CREATE FUNCTION busy_at_other_desks(person uuid, from_at timestamptz, until_at timestamptz)
        RETURNS TABLE (
            starts_at timestamptz, ends_at timestamptz, place_id uuid,
            latitude float8, longitude float8, mode text, children_born date[]
        )
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT v.starts_at, v.held_until, v.place_id, v.latitude, v.longitude, v.mode, v.children_born
            FROM public.visits v
            WHERE v.carer_id = person AND v.{HOLDING} AND v.during && tstzrange(from_at, until_at)
                AND v.desk_id <> {DESK_OF_TRANSACTION}
            UNION ALL
            SELECT a.starts_at, a.ends_at, NULL, NULL, NULL, NULL, '{{}}'
            FROM public.absences a
            WHERE a.carer_id = person AND tstzrange(a.starts_at, a.ends_at) && tstzrange(from_at, until_at)
                AND a.desk_id <> {DESK_OF_TRANSACTION}
            ORDER BY 1, 2, 3
        $$
        """
    )
    op.execute(
        f"""
        CREATE FUNCTION worked_at_other_desks(person uuid, from_at timestamptz, until_at timestamptz, zone text)
        RETURNS TABLE (monday date, minutes int)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            WITH care AS (
                SELECT unnest(range_agg(tstzrange(v.starts_at, v.held_until))) AS during
                FROM public.visits v
                WHERE v.carer_id = person AND v.starts_at BETWEEN from_at AND until_at
                    AND v.state IN ('rostered', 'on_the_way', 'started', 'completed')
                    AND v.desk_id <> {DESK_OF_TRANSACTION}
            )
            SELECT date_trunc('week', lower(during) AT TIME ZONE zone)::date,
                (sum(extract(epoch FROM upper(during) - lower(during))) / 60)::int
            FROM care GROUP BY 1 ORDER BY 1
        $$
        """
    )
    for function in ("busy_at_other_desks", "worked_at_other_desks"):
        op.execute(f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {function} TO roster_app")


HOLDING = "state IN ('rostered', 'on_the_way', 'started', 'completed', 'missed')"
