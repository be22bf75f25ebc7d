"""The desk's own: its choices, files it brings, calendars it gives out, who looked at what, and errands outside."""

from sqlalchemy import ARRAY, Column, Date, Index, Integer, LargeBinary, String, Table, Uuid, literal_column
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE

from services.roster.tables.metadata import METADATA
from shared.db.declared import append_only
from shared.db.types import Instant

policies = Table(
    "policies",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("choices", JSONB, nullable=False),
)

imports = Table(
    "imports",
    METADATA,
    Column("import_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("kind", String, nullable=False),
    Column("file_name", String, nullable=False),
    Column("state", String, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("bytes", Integer, nullable=False),
    # How far it was read: the part, what was left of a line at its end, and the line's number.
    Column("part", Integer, nullable=False),
    Column("rest", LargeBinary, nullable=False),
    Column("bytes_read", Integer, nullable=False),
    Column("line", Integer, nullable=False),
    Column("header", JSONB),
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("skipped", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("trouble", String, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("account_id", Uuid),
    Index("ix_imports_desk_id_begun_at", "desk_id", "begun_at"),
)

import_parts = Table(
    "import_parts",
    METADATA,
    Column("import_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

import_refusals = Table(
    "import_refusals",
    METADATA,
    Column("import_id", Uuid, primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("field", String, nullable=False),
    Column("why", String, nullable=False),
    Column("text", String, nullable=False),
)

# Childminders as a country's public register has them; whom the desk takes on becomes a carer of its own.
register_entries = Table(
    "register_entries",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("register", String, primary_key=True),
    Column("number", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("holder", String, nullable=False),
    Column("registered", String, nullable=False),
    Column("registered_on", Date),
    Column("ended_on", Date),
    Column("places", Integer),
    Column("town", String, nullable=False),
    Column("municipality", String, nullable=False),
    Column("phone", String, nullable=False),
    Column("email", String, nullable=False),
    Column("url", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("read_at", Instant, nullable=False),
    Index("ix_register_entries_name", "desk_id", "register", "name", "number"),
)

calendar_feeds = Table(
    "calendar_feeds",
    METADATA,
    Column("feed_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("role", String, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("language", String, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Index("uq_calendar_feeds_secret_hash", "secret_hash", unique=True),
    Index(
        "uq_calendar_feeds_live",
        "desk_id",
        "role",
        "person_id",
        unique=True,
        postgresql_where=literal_column("revoked_at IS NULL"),
    ),
)

credit_taken = Table(
    "credit_taken",
    METADATA,
    Column("entry_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("on", Date, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("why", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("account_id", Uuid),
    Index("ix_credit_taken_carer_id", "carer_id", "on"),
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
    # Where all visits of a stretch were shown at once, the stretch stands for them.
    Column("span", TSTZRANGE),
    Index("ix_access_log_desk_id_at", "desk_id", "at"),
)

# What is to be fetched or written outside the database: only what to look up, never what it says.
errands = Table(
    "errands",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("next_try_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Index("ix_errands_next_try_at", "next_try_at"),
)

append_only(credit_taken, access_log)
