"""The identity service's tables, their policies, and the three narrow looks across desks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.policies import DESK_OF_TRANSACTION, append_only, open_to_service, protect

revision = "identity_0001"
down_revision = None
branch_labels = ("identity",)
depends_on = "kit_0001"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _people()
    _sign_in()
    _contacts()
    _messages()
    protect(
        "desks",
        "accounts",
        "sign_in_sessions",
        "refresh_tokens",
        "carer_contacts",
        "family_contacts",
        "offer_notices",
        "visit_notices",
        "outbound_messages",
    )
    open_to_service("signing_keys", "sign_in_limits")
    _audit()
    _across_desks()


def _people() -> None:
    op.create_table(
        "desks",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("country", sa.String, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.String), nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", name="pk_desks"),
    )
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("email", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("password_hash", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("person_id", sa.Uuid),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_accounts"),
    )
    op.create_index("ix_accounts_desk_id", "accounts", ["desk_id"])
    op.create_index("ix_accounts_person_id", "accounts", ["person_id"])
    op.create_index("uq_accounts_email", "accounts", ["email"], unique=True, postgresql_where="closed_at IS NULL")


def _sign_in() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.String, nullable=False),
        sa.Column("sealed_key", sa.LargeBinary, nullable=False),
        sa.Column("public_jwk", postgresql.JSONB, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("signs_from", INSTANT, nullable=False),
        sa.Column("published_until", INSTANT),
        sa.PrimaryKeyConstraint("kid", name="pk_signing_keys"),
    )
    op.create_table(
        "sign_in_sessions",
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("ended_because", sa.String),
        sa.PrimaryKeyConstraint("session_id", name="pk_sign_in_sessions"),
    )
    op.create_index("ix_sign_in_sessions_account_id", "sign_in_sessions", ["account_id"])
    op.create_table(
        "refresh_tokens",
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.PrimaryKeyConstraint("token_hash", name="pk_refresh_tokens"),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sign_in_sessions.session_id"],
            name="fk_refresh_tokens_session_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_refresh_tokens_session_id", "refresh_tokens", ["session_id"])
    op.create_table(
        "sign_ins",
        sa.Column("sign_in_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid),
        sa.Column("account_id", sa.Uuid),
        sa.Column("email_hash", sa.String),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("sign_in_id", name="pk_sign_ins"),
    )
    op.create_index("ix_sign_ins_desk_id_at", "sign_ins", ["desk_id", "at"])
    op.create_table(
        "sign_in_limits",
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("window_ends", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_sign_in_limits"),
    )
    op.create_index("ix_sign_in_limits_window_ends", "sign_in_limits", ["window_ends"])


def _contacts() -> None:
    op.create_table(
        "carer_contacts",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("first_name", sa.String, nullable=False),
        sa.Column("phone", sa.String),
        sa.Column("email", sa.String),
        sa.Column("languages", postgresql.ARRAY(sa.String), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "carer_id", name="pk_carer_contacts"),
    )
    op.create_table(
        "family_contacts",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("phone", sa.String),
        sa.Column("email", sa.String),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("erased", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "family_id", name="pk_family_contacts"),
    )


def _messages() -> None:
    op.create_table(
        "offer_notices",
        sa.Column("offer_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("visits", postgresql.JSONB, nullable=False),
        sa.Column("area", sa.String, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("pay_minor", sa.Integer, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("withdrawn_because", sa.String),
        sa.PrimaryKeyConstraint("offer_id", name="pk_offer_notices"),
    )
    op.create_table(
        "visit_notices",
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("assigned_carer_id", sa.Uuid),
        sa.Column("assigned_at", INSTANT),
        sa.Column("release_reason", sa.String),
        sa.Column("matching_version", sa.Integer, nullable=False),
        sa.Column("family_id", sa.Uuid),
        sa.Column("rostered_carer_id", sa.Uuid),
        sa.Column("start", INSTANT),
        sa.Column("end", INSTANT),
        sa.Column("roster_version", sa.Integer, nullable=False),
        sa.Column("told_carer_id", sa.Uuid),
        sa.Column("told_roster_version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("visit_id", name="pk_visit_notices"),
    )
    op.create_index("ix_visit_notices_family_id", "visit_notices", ["family_id"])
    op.create_table(
        "outbound_messages",
        sa.Column("message_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("link", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try_at", INSTANT, nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT),
        sa.Column("cause", sa.String),
        sa.PrimaryKeyConstraint("message_id", name="pk_outbound_messages"),
        sa.UniqueConstraint("desk_id", "key", name="uq_outbound_messages_desk_id_key"),
    )
    op.create_index("ix_outbound_messages_person_id", "outbound_messages", ["person_id"])
    op.create_index(
        "ix_outbound_messages_waiting", "outbound_messages", ["next_try_at"], postgresql_where="state = 'waiting'"
    )
    op.create_index(
        "ix_outbound_messages_desk_id_written_at_message_id",
        "outbound_messages",
        ["desk_id", "written_at", "message_id"],
    )


def _audit() -> None:
    # A try with an unknown address belongs to no desk: it is written by a transaction that is bound to none.
    op.execute("ALTER TABLE sign_ins ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY desk_only ON sign_ins FOR SELECT USING (desk_id = {DESK_OF_TRANSACTION})")
    op.execute(
        "CREATE POLICY written_as_bound ON sign_ins FOR INSERT "
        f"WITH CHECK (desk_id IS NOT DISTINCT FROM {DESK_OF_TRANSACTION})"
    )
    append_only("sign_ins")


def _across_desks() -> None:
    """Before a desk is known only these see rows: they are owned by the owner role and answer one question each."""
    _definer(
        "account_for_sign_in(asked text)",
        "TABLE (account_id uuid, desk_id uuid, password_hash varchar)",
        "SELECT a.account_id, a.desk_id, a.password_hash FROM public.accounts a "
        "WHERE a.email = asked AND a.closed_at IS NULL",
    )
    _definer(
        "desk_of_refresh_token(asked bytea)",
        "uuid",
        "SELECT t.desk_id FROM public.refresh_tokens t WHERE t.token_hash = asked",
    )
    _definer(
        "messages_to_send(due timestamptz, most integer)",
        "TABLE (message_id uuid, desk_id uuid)",
        "SELECT m.message_id, m.desk_id FROM public.outbound_messages m WHERE m.state = 'waiting' "
        "AND m.next_try_at <= due ORDER BY m.next_try_at, m.message_id LIMIT most",
    )


def _definer(signature: str, returns: str, body: str) -> None:
    op.execute(
        f"CREATE FUNCTION {signature} RETURNS {returns} LANGUAGE sql STABLE SECURITY DEFINER "
        f"SET search_path = pg_catalog, pg_temp AS $$ {body} $$"
    )
    name, _, arguments = signature.partition("(")
    types = ", ".join(argument.split()[1] for argument in arguments.rstrip(")").split(", "))
    op.execute(f"REVOKE ALL ON FUNCTION {name}({types}) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {name}({types}) TO identity_app")
