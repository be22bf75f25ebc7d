"""The desk's own: choices, files it brings, calendars it gives out, who looked at what, errands outside."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.policies import append_only, protect

revision = "roster_0005"
down_revision = "roster_0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _choices()
    _imports()
    protect(
        "policies",
        "credit_taken",
        "calendar_feeds",
        "access_log",
        "imports",
        "import_parts",
        "import_refusals",
        "register_entries",
        "errands",
    )
    append_only("credit_taken", "access_log")


def _choices() -> None:
    op.create_table(
        "policies",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("choices", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "valid_from", name="pk_policies"),
    )
    op.create_table(
        "credit_taken",
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("why", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("account_id", sa.Uuid),
        sa.PrimaryKeyConstraint("entry_id", name="pk_credit_taken"),
        info={"triggers": {"no_truncate", "append_only"}},
    )
    op.create_index("ix_credit_taken_carer_id", "credit_taken", ["carer_id", "on"])
    op.create_table(
        "calendar_feeds",
        sa.Column("feed_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT),
        sa.PrimaryKeyConstraint("feed_id", name="pk_calendar_feeds"),
    )
    op.create_index(
        "uq_calendar_feeds_live",
        "calendar_feeds",
        ["desk_id", "role", "person_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_index("uq_calendar_feeds_secret_hash", "calendar_feeds", ["secret_hash"], unique=True)
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
        sa.Column("span", postgresql.TSTZRANGE),
        sa.PrimaryKeyConstraint("entry_id", name="pk_access_log"),
        info={"triggers": {"no_truncate", "append_only"}},
    )
    op.create_index("ix_access_log_desk_id_at", "access_log", ["desk_id", "at"])
    op.create_table(
        "errands",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("next_try_at", INSTANT, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "kind", "key", name="pk_errands"),
    )
    op.create_index("ix_errands_next_try_at", "errands", ["next_try_at"])


def _imports() -> None:
    op.create_table(
        "imports",
        sa.Column("import_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("file_name", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("parts", sa.Integer, nullable=False),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("rest", sa.LargeBinary, nullable=False),
        sa.Column("bytes_read", sa.Integer, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("header", postgresql.JSONB),
        sa.Column("added", sa.Integer, nullable=False),
        sa.Column("changed", sa.Integer, nullable=False),
        sa.Column("unchanged", sa.Integer, nullable=False),
        sa.Column("skipped", sa.Integer, nullable=False),
        sa.Column("refused", sa.Integer, nullable=False),
        sa.Column("trouble", sa.String, nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("account_id", sa.Uuid),
        sa.PrimaryKeyConstraint("import_id", name="pk_imports"),
    )
    op.create_index("ix_imports_desk_id_begun_at", "imports", ["desk_id", "begun_at"])
    op.create_table(
        "import_parts",
        sa.Column("import_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("import_id", "number", name="pk_import_parts"),
    )
    op.create_table(
        "import_refusals",
        sa.Column("import_id", sa.Uuid, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("field", sa.String, nullable=False),
        sa.Column("why", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("import_id", "line", name="pk_import_refusals"),
    )
    op.create_table(
        "register_entries",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("register", sa.String, nullable=False),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("holder", sa.String, nullable=False),
        sa.Column("registered", sa.String, nullable=False),
        sa.Column("registered_on", sa.Date),
        sa.Column("ended_on", sa.Date),
        sa.Column("places", sa.Integer),
        sa.Column("town", sa.String, nullable=False),
        sa.Column("municipality", sa.String, nullable=False),
        sa.Column("phone", sa.String, nullable=False),
        sa.Column("email", sa.String, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("read_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "register", "number", name="pk_register_entries"),
    )
    op.create_index("ix_register_entries_name", "register_entries", ["desk_id", "register", "name", "number"])
