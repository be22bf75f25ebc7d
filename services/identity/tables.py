"""The identity service's tables. Desks and accounts are mapped to domain classes; the rest is Core."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import registry

from services.identity.domain.account import Account
from services.identity.domain.desk import Desk
from shared.db.declared import across_desks, append_only
from shared.db.types import Instant, new_metadata

METADATA = new_metadata()

desks = Table(
    "desks",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("name", String, nullable=False),
    Column("country", String, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("languages", ARRAY(String), nullable=False),
    Column("zone", String, nullable=False),
    Column("version", Integer, nullable=False),
)

accounts = Table(
    "accounts",
    METADATA,
    Column("account_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False, index=True),
    Column("email", String, nullable=False),
    Column("name", String, nullable=False),
    Column("password_hash", String, nullable=False),
    Column("role", String, nullable=False),
    Column("person_id", Uuid, index=True),
    Column("language", String, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("version", Integer, nullable=False),
    # Over all desks: whoever signs in names no desk.
    Index("uq_accounts_email", "email", unique=True, postgresql_where="closed_at IS NULL"),
)

# One for all desks: any service verifies any desk's token.
signing_keys = Table(
    "signing_keys",
    METADATA,
    Column("kid", String, primary_key=True),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("public_jwk", JSONB, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("signs_from", Instant, nullable=False),
    Column("published_until", Instant),
)

# What one sign-in began: every refresh token that followed from it.
sign_in_sessions = Table(
    "sign_in_sessions",
    METADATA,
    Column("session_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("account_id", Uuid, nullable=False, index=True),
    Column("started_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_because", String),
)

refresh_tokens = Table(
    "refresh_tokens",
    METADATA,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column(
        "session_id", Uuid, ForeignKey("sign_in_sessions.session_id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("issued_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)

# Append-only. A try with an unknown address belongs to no desk.
sign_ins = Table(
    "sign_ins",
    METADATA,
    Column("sign_in_id", Uuid, primary_key=True),
    Column("desk_id", Uuid),
    Column("account_id", Uuid),
    Column("email_hash", String),
    Column("address", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "desk_id", "at"),
)

# Counted before the desk is known. `subject` is a keyed hash of an e-mail or of a network address.
sign_in_limits = Table(
    "sign_in_limits",
    METADATA,
    Column("subject", String, primary_key=True),
    Column("tries", Integer, nullable=False),
    Column("window_ends", Instant, nullable=False, index=True),
)

carer_contacts = Table(
    "carer_contacts",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("carer_id", Uuid, primary_key=True),
    Column("first_name", String, nullable=False),
    Column("phone", String),
    Column("email", String),
    Column("languages", ARRAY(String), nullable=False),
    Column("version", Integer, nullable=False),
)

family_contacts = Table(
    "family_contacts",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("family_id", Uuid, primary_key=True),
    Column("phone", String),
    Column("email", String),
    Column("language", String, nullable=False),
    Column("zone", String, nullable=False),
    Column("erased", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)

# What carers were or are to be told about an offer.
offer_notices = Table(
    "offer_notices",
    METADATA,
    Column("offer_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("visits", JSONB, nullable=False),
    Column("area", String, nullable=False),
    Column("zone", String, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("pay_minor", Integer, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("withdrawn_because", String),
)

# What matching and roster last said of a visit, and what its family was told: two topics without mutual order.
visit_notices = Table(
    "visit_notices",
    METADATA,
    Column("visit_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("assigned_carer_id", Uuid),
    Column("assigned_at", Instant),
    Column("release_reason", String),
    Column("matching_version", Integer, nullable=False),
    Column("family_id", Uuid, index=True),
    Column("rostered_carer_id", Uuid),
    Column("start", Instant),
    Column("end", Instant),
    Column("roster_version", Integer, nullable=False),
    Column("told_carer_id", Uuid),
    Column("told_roster_version", Integer, nullable=False),
)

outbound_messages = Table(
    "outbound_messages",
    METADATA,
    Column("message_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("key", String, nullable=False),
    Column("person_id", Uuid, nullable=False, index=True),
    Column("channel", String, nullable=False),
    Column("address", String, nullable=False),
    Column("language", String, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("link", String, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try_at", Instant, nullable=False),
    Column("written_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("cause", String),
    UniqueConstraint("desk_id", "key"),
    Index("ix_outbound_messages_waiting", "next_try_at", postgresql_where="state = 'waiting'"),
    Index(None, "desk_id", "written_at", "message_id"),
)

append_only(sign_ins)
across_desks(signing_keys, sign_in_limits)

mapping = registry(metadata=METADATA)
mapping.map_imperatively(Desk, desks, version_id_col=desks.c.version, version_id_generator=False)
mapping.map_imperatively(Account, accounts, version_id_col=accounts.c.version, version_id_generator=False)
