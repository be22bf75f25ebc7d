"""What keeps a night safe: alerts, who is on duty, confidential concerns, tonight's list."""

from sqlalchemy import Column, Date, Index, Integer, String, Table, Text, Uuid, literal_column
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry

from services.roster.domain.alert import Alert
from services.roster.tables.metadata import METADATA
from shared.db.declared import append_only
from shared.db.types import Instant

alerts = Table(
    "alerts",
    METADATA,
    Column("alert_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String, nullable=False),
    # What it is about: one of a kind is open for a thing at a time.
    Column("about", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("visit_id", Uuid),
    Column("carer_id", Uuid),
    Column("family_id", Uuid),
    Column("facts", JSONB, nullable=False),
    Column("state", String, nullable=False),
    Column("level", Integer, nullable=False),
    Column("owner_account_id", Uuid),
    Column("asked", JSONB, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("acknowledged_at", Instant),
    Column("acknowledged_by", Uuid),
    Column("closed_at", Instant),
    Column("closed_by", Uuid),
    Column("outcome", String, nullable=False),
    Index(
        "uq_alerts_open", "desk_id", "kind", "about", unique=True, postgresql_where=literal_column("state <> 'closed'")
    ),
    Index("ix_alerts_desk_id_raised_at", "desk_id", "raised_at"),
    Index("ix_alerts_visit_id", "visit_id"),
)

duty = Table(
    "duty",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("since", Instant, nullable=False),
    Column("offered_to", Uuid),
    Column("offered_at", Instant),
)

# Who may be rung at night, in the order they are.
duty_people = Table(
    "duty_people",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("account_id", Uuid, primary_key=True),
    Column("name", String, nullable=False),
    Column("phone", String),
    Column("position", Integer, nullable=False),
)

duty_history = Table(
    "duty_history",
    METADATA,
    Column("entry_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("at", Instant, nullable=False),
    Column("what", String, nullable=False),
    Column("from_account_id", Uuid),
    Column("to_account_id", Uuid),
    Column("account_id", Uuid),
    Index("ix_duty_history_desk_id_at", "desk_id", "at"),
)

concerns = Table(
    "concerns",
    METADATA,
    Column("concern_id", Uuid, primary_key=True),
    Column("desk_id", Uuid, nullable=False),
    Column("said_by", String, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("about", String, nullable=False),
    Column("about_id", Uuid, nullable=False),
    Column("visit_id", Uuid),
    Column("text", Text, nullable=False),
    Column("said_at", Instant, nullable=False),
    Column("read_at", Instant),
    Column("read_by", Uuid),
    Column("closed_at", Instant),
    Column("outcome", Text, nullable=False),
    Index("ix_concerns_desk_id_said_at", "desk_id", "said_at"),
)

tonight_lists = Table(
    "tonight_lists",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("on", Date, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("digest", String, nullable=False),
    Column("page", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("saved_version", Integer, nullable=False),
    Column("mailed_at", Instant),
)

append_only(duty_history)

registry(metadata=METADATA).map_imperatively(Alert, alerts, version_id_col=alerts.c.version, version_id_generator=False)
