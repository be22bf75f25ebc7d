"""What holds at a desk: copies, choices, orders, refinements, days off."""

from sqlalchemy import (
    Column,
    Date,
    Integer,
    String,
    Table,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.request.tables.metadata import METADATA
from shared.db.types import Instant

desks = Table(
    "desks",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("country", String, nullable=False),
    Column("zone", String, nullable=False),
)


# Of a carer only what a family is told once the visit is certain.
carers = Table(
    "carers",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("carer_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("first_name", String, nullable=False),
)


policies = Table(
    "policies",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("choices", JSONB, nullable=False),
)


# The desk's order of requests: published rules, each order from its first day, with why.
priority_orders = Table(
    "priority_orders",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("rules", ARRAY(String), nullable=False),
    Column("rationale", String, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("published_by", Uuid),
)


# A desk's own refinement of a rule of its country's pack, from its first day.
rule_refinements = Table(
    "rule_refinements",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("code", String, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("numbers", JSONB, nullable=False),
    Column("sentence", String, nullable=False),
    Column("source", String, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", Uuid),
)


# When schools are closed, where no library knows it or this desk's schools differ.
school_breaks = Table(
    "school_breaks",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("first_day", Date, primary_key=True),
    Column("last_day", Date, nullable=False),
    Column("name", String, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)


# The school years of which the desk has told every break.
school_years = Table(
    "school_years",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("first_day", Date, primary_key=True),
    Column("last_day", Date, nullable=False),
)
