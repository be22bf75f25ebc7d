"""The roster's tables, the constraint that keeps a carer in one place, and the one look across desks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.policies import DESK_OF_TRANSACTION, append_only, protect

revision = "roster_0001"
down_revision = None
branch_labels = ("roster",)
depends_on = "kit_0001"

INSTANT = sa.DateTime(timezone=True)
TEXTS = sa.ARRAY(sa.String)
HOLDING = "state IN ('rostered', 'started', 'completed', 'missed')"


def upgrade() -> None:
    _carers()
    _copies()
    _visits()
    _what_happened()
    protect(
        "carers",
        "credentials",
        "availabilities",
        "absences",
        "policies",
        "desks",
        "families",
        "visit_terms",
        "shared_care",
        "assignments",
        "visits",
        "visit_history",
        "travel_legs",
        "access_log",
    )
    append_only("visit_history", "travel_legs", "access_log")
    _busy_elsewhere()


def _carers() -> None:
    op.create_table(
        "carers",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("first_name", sa.String, nullable=False),
        sa.Column("last_name", sa.String, nullable=False),
        sa.Column("phone", sa.String),
        sa.Column("email", sa.String),
        sa.Column("modes", TEXTS, nullable=False),
        sa.Column("home", postgresql.JSONB, nullable=False),
        sa.Column("languages", TEXTS, nullable=False),
        sa.Column("transport", sa.String, nullable=False),
        sa.Column("max_distance_km", sa.Integer, nullable=False),
        sa.Column("skills", TEXTS, nullable=False),
        sa.Column("opt_ins", TEXTS, nullable=False),
        sa.Column("own_children_born", sa.ARRAY(sa.Date), nullable=False),
        sa.Column("registered_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "carer_id", name="pk_carers"),
    )
    op.create_index("ix_carers_name", "carers", ["desk_id", "last_name", "first_name", "carer_id"])
    op.create_table(
        "credentials",
        sa.Column("credential_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.PrimaryKeyConstraint("credential_id", name="pk_credentials"),
    )
    op.create_index("ix_credentials_carer", "credentials", ["desk_id", "carer_id"])
    op.create_table(
        "availabilities",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("weekly", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "carer_id", name="pk_availabilities"),
    )
    op.create_table(
        "absences",
        sa.Column("absence_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("reported_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("absence_id", name="pk_absences"),
        sa.UniqueConstraint(
            "desk_id", "carer_id", "starts_at", "ends_at", name="uq_absences_desk_id_carer_id_starts_at_ends_at"
        ),
    )
    op.create_index("ix_absences_carer", "absences", ["carer_id", "ends_at"])
    op.create_table(
        "policies",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("choices", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "valid_from", name="pk_policies"),
    )


def _copies() -> None:
    op.create_table(
        "desks",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("country", sa.String, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", name="pk_desks"),
    )
    op.create_table(
        "families",
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("phone", sa.String),
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
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("place", postgresql.JSONB),
        sa.Column("shared_care_id", sa.Uuid),
        sa.Column("clock_change", sa.Boolean, nullable=False),
        sa.Column("wanted", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name="pk_visit_terms"),
    )
    op.create_index("ix_visit_terms_family_id", "visit_terms", ["family_id"])
    op.create_table(
        "shared_care",
        sa.Column("shared_care_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("family_ids", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.PrimaryKeyConstraint("shared_care_id", name="pk_shared_care"),
    )
    op.create_table(
        "assignments",
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("visit_version", sa.Integer, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("stands", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name="pk_assignments"),
    )


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
        sa.Column("alert", sa.String),
        sa.Column("started_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("check_in", postgresql.JSONB),
        sa.Column("check_out", postgresql.JSONB),
        sa.PrimaryKeyConstraint("visit_id", name="pk_visits"),
        postgresql.ExcludeConstraint(
            ("carer_id", "="),
            ("place_id", "<>"),
            ("during", "&&"),
            using="gist",
            name="one_place_at_a_time",
            where=sa.literal_column(HOLDING),
        ),
    )
    op.create_index("ix_visits_desk_id_starts_at", "visits", ["desk_id", "starts_at"])
    op.create_index("ix_visits_carer_id_starts_at", "visits", ["carer_id", "starts_at"])
    op.create_index("ix_visits_family_id", "visits", ["family_id"])


def _what_happened() -> None:
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
    )
    op.create_index("ix_visit_history_visit_id", "visit_history", ["visit_id", "version"])
    op.create_table(
        "travel_legs",
        sa.Column("travel_leg_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("way", sa.String, nullable=False),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("metres", sa.Integer, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("how", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("travel_leg_id", name="pk_travel_legs"),
        sa.UniqueConstraint("visit_id", "way", name="uq_travel_legs_visit_id_way"),
    )
    op.create_index("ix_travel_legs_desk_id_at", "travel_legs", ["desk_id", "at"])
    op.create_table(
        "access_log",
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.Column("person_id", sa.Uuid),
        sa.Column("role", sa.String),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("visit_ids", sa.ARRAY(sa.Uuid), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name="pk_access_log"),
    )
    op.create_index("ix_access_log_desk_id_at", "access_log", ["desk_id", "at"])


def _busy_elsewhere() -> None:
    # Runs as the owner, who sees every desk; it tells where and when a person is held and how old the children
    # there are (a ratio has to count them), never whose they are.
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
    op.execute("REVOKE ALL ON FUNCTION busy_at_other_desks FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION busy_at_other_desks TO roster_app")
