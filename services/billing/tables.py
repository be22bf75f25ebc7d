"""Billing's tables: copies of what others own, tariffs, charges, the ledger, invoices and payouts."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.db.declared import append_only, guarded_by
from shared.db.types import Instant, new_metadata

METADATA = new_metadata()


def _id(name: str) -> Column[Any]:
    return Column(name, Uuid, primary_key=True)


def _desk() -> Column[Any]:
    return Column("desk_id", Uuid, nullable=False)


def _money() -> tuple[Column[Any], Column[Any]]:
    return Column("minor", BigInteger, nullable=False), Column("currency", String(3), nullable=False)


desks = Table(
    "desks",
    METADATA,
    _id("desk_id"),
    Column("version", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("country", String, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("zone", String, nullable=False),
)

families = Table(
    "families",
    METADATA,
    _id("family_id"),
    _desk(),
    Column("version", Integer, nullable=False),
    Column("name", String),
    Column("language", String, nullable=False),
    Column("address", String),
    Column("erased_at", Instant),
)

carers = Table(
    "carers",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("carer_id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("first_name", String, nullable=False),
    Column("last_name", String, nullable=False),
)

visit_terms = Table(
    "visit_terms",
    METADATA,
    _id("visit_id"),
    _desk(),
    Column("version", Integer, nullable=False),
    Column("family_id", Uuid, nullable=False),
    Column("child_ids", ARRAY(Uuid), nullable=False),
    Column("mode", String, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("zone", String, nullable=False),
    Column("shared_care_id", Uuid, index=True),
)

shared_care = Table(
    "shared_care",
    METADATA,
    Column("shared_care_id", Uuid, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    _desk(),
    Column("version", Integer, nullable=False),
    Column("family_ids", ARRAY(Uuid), nullable=False),
    Column("host_family_id", Uuid, nullable=False),
    Column("rule", String, nullable=False),
    Column("valid_until", Date),
)

# The roster's visits as billing knows them; the last two columns are billing's own and no event overwrites them.
attendances = Table(
    "attendances",
    METADATA,
    _id("visit_id"),
    _desk(),
    Column("version", Integer, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("state", String, nullable=False),
    Column("planned_start", Instant),
    Column("planned_end", Instant),
    Column("started_at", Instant),
    Column("ended_at", Instant),
    Column("charge_state", String),
    Column("stretch_id", Uuid, index=True),
    Index("ix_attendances_waiting", "desk_id", "charge_state", postgresql_where="stretch_id IS NULL"),
)

travel_legs = Table(
    "travel_legs",
    METADATA,
    _id("travel_leg_id"),
    _desk(),
    Column("version", Integer, nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("visit_id", Uuid, nullable=False),
    Column("on", Date, nullable=False),
    Column("metres", Integer, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("mode", String, nullable=False),
    Column("how", String, nullable=False),
    Index("ix_travel_legs_statement", "desk_id", "carer_id", "on"),
)

tariffs = Table(
    "tariffs",
    METADATA,
    _id("tariff_id"),
    _desk(),
    Column("party", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("set_at", Instant, nullable=False),
    UniqueConstraint("desk_id", "party", "mode", "valid_from"),
)

policies = Table(
    "policies",
    METADATA,
    _id("policy_id"),
    _desk(),
    Column("valid_from", Date, nullable=False),
    Column("invoice_prefix", String, nullable=False),
    Column("due_days", Integer, nullable=False),
    Column("shared_wait_hours", Integer, nullable=False),
    Column("creditor_name", String, nullable=False),
    Column("iban", String),
    Column("bic", String),
    Column("set_at", Instant, nullable=False),
    UniqueConstraint("desk_id", "valid_from"),
)

# A carer's unbroken stretch of care, charged as one whole: one visit, or visits of families who shared the carer.
stretches = Table(
    "stretches",
    METADATA,
    _id("stretch_id"),
    _desk(),
    Column("carer_id", Uuid, nullable=False),
    Column("on", Date, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("zone", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("family_tariff_id", Uuid, ForeignKey("tariffs.tariff_id"), nullable=False),
    Column("carer_tariff_id", Uuid, ForeignKey("tariffs.tariff_id"), nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("pay_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("sheet", JSONB, nullable=False),
    Column("charged_at", Instant, nullable=False),
    Index("ix_stretches_day", "desk_id", "mode", "on"),
)

stretch_visits = Table(
    "stretch_visits",
    METADATA,
    Column("stretch_id", Uuid, ForeignKey("stretches.stretch_id"), primary_key=True),
    Column("visit_id", Uuid, primary_key=True, index=True),
    _desk(),
    Column("family_id", Uuid, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False),
)

charges = Table(
    "charges",
    METADATA,
    _id("charge_id"),
    _desk(),
    Column("stretch_id", Uuid, ForeignKey("stretches.stretch_id"), nullable=False),
    Column("family_id", Uuid, nullable=False),
    Column("on", Date, nullable=False),
    *_money(),
    Column("kind", String, nullable=False),
    Column("correction", Boolean, nullable=False),
    Column("reverses_charge_id", Uuid, ForeignKey("charges.charge_id"), unique=True),
    Column("charged_at", Instant, nullable=False),
    Column("invoice_id", Uuid, ForeignKey("invoices.invoice_id")),
    UniqueConstraint("stretch_id", "family_id", "kind"),
    Index("ix_charges_unbilled", "desk_id", "family_id", "on", postgresql_where="invoice_id IS NULL"),
    Index("ix_charges_listed", "desk_id", "on", "charge_id"),
    Index("ix_charges_invoice_id", "invoice_id"),
)

earnings = Table(
    "earnings",
    METADATA,
    _id("earning_id"),
    _desk(),
    Column("stretch_id", Uuid, ForeignKey("stretches.stretch_id"), nullable=False),
    Column("carer_id", Uuid, nullable=False),
    Column("on", Date, nullable=False),
    *_money(),
    Column("kind", String, nullable=False),
    Column("correction", Boolean, nullable=False),
    Column("reverses_earning_id", Uuid, ForeignKey("earnings.earning_id"), unique=True),
    Column("earned_at", Instant, nullable=False),
    Column("payout_id", Uuid, ForeignKey("payouts.payout_id")),
    UniqueConstraint("stretch_id", "kind"),
    Index("ix_earnings_unpaid", "desk_id", "carer_id", "on", postgresql_where="payout_id IS NULL"),
    Index("ix_earnings_payout_id", "payout_id"),
)

# `balance_minor` is what the entries add up to, kept so that nobody has to add; debits are above zero.
accounts = Table(
    "accounts",
    METADATA,
    _id("account_id"),
    _desk(),
    Column("kind", String, nullable=False),
    Column("party_id", Uuid),
    Column("currency", String(3), nullable=False),
    Column("balance_minor", BigInteger, nullable=False),
    UniqueConstraint("desk_id", "kind", "party_id", "currency", postgresql_nulls_not_distinct=True),
)

postings = Table(
    "postings",
    METADATA,
    _id("posting_id"),
    _desk(),
    Column("posted_at", Instant, nullable=False),
    Column("cause_kind", String, nullable=False),
    Column("cause_id", Uuid, nullable=False),
    Column("reverses_posting_id", Uuid, ForeignKey("postings.posting_id"), unique=True),
    Column("entry_count", Integer, nullable=False),
    UniqueConstraint("desk_id", "cause_kind", "cause_id"),
    Index("ix_postings_cause_id", "cause_id"),
    Index("ix_postings_posted_at", "desk_id", "posted_at"),
)

entries = Table(
    "entries",
    METADATA,
    _id("entry_id"),
    _desk(),
    Column("posting_id", Uuid, ForeignKey("postings.posting_id"), nullable=False, index=True),
    Column("account_id", Uuid, ForeignKey("accounts.account_id"), nullable=False, index=True),
    *_money(),
    CheckConstraint("minor <> 0", name="not_zero"),
)

# The last number given out per desk, year and series; its row lock makes numbering take turns, so no gap is left.
counters = Table(
    "counters",
    METADATA,
    Column("desk_id", Uuid, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("series", String, primary_key=True),
    Column("last", Integer, nullable=False),
)

invoices = Table(
    "invoices",
    METADATA,
    _id("invoice_id"),
    _desk(),
    Column("family_id", Uuid, nullable=False),
    Column("number", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("period_from", Date, nullable=False),
    Column("period_until", Date, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("reference", String, nullable=False),
    Column("language", String, nullable=False),
    Column("bill_to", JSONB, nullable=False),
    Column("creditor", JSONB, nullable=False),
    UniqueConstraint("desk_id", "number"),
    UniqueConstraint("desk_id", "year", "sequence"),
    Index("ix_invoices_family", "desk_id", "family_id", "year", "sequence"),
)

invoice_lines = Table(
    "invoice_lines",
    METADATA,
    Column("invoice_id", Uuid, ForeignKey("invoices.invoice_id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    _desk(),
    Column("charge_id", Uuid, ForeignKey("charges.charge_id"), nullable=False, index=True),
    *_money(),
    Column("facts", JSONB, nullable=False),
)

credit_notes = Table(
    "credit_notes",
    METADATA,
    _id("credit_note_id"),
    _desk(),
    Column("invoice_id", Uuid, ForeignKey("invoices.invoice_id"), nullable=False, unique=True),
    Column("number", String, nullable=False),
    Column("year", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("reason", String, nullable=False),
    UniqueConstraint("desk_id", "number"),
    UniqueConstraint("desk_id", "year", "sequence"),
)

payouts = Table(
    "payouts",
    METADATA,
    _id("payout_id"),
    _desk(),
    Column("carer_id", Uuid, nullable=False),
    Column("period_from", Date, nullable=False),
    Column("period_until", Date, nullable=False),
    Column("ordered_on", Date, nullable=False),
    Column("ordered_at", Instant, nullable=False),
    *_money(),
    Index("ix_payouts_listed", "desk_id", "ordered_at", "payout_id"),
)

runs = Table(
    "runs",
    METADATA,
    _id("run_id"),
    _desk(),
    Column("kind", String, nullable=False),
    Column("period_from", Date, nullable=False),
    Column("period_until", Date, nullable=False),
    Column("started_at", Instant, nullable=False),
)

run_parts = Table(
    "run_parts",
    METADATA,
    Column("run_id", Uuid, ForeignKey("runs.run_id"), primary_key=True),
    Column("party_id", Uuid, primary_key=True),
    _desk(),
    Column("state", String, nullable=False),
    Column("result_id", Uuid),
    Column("reason", String),
)

append_only(
    credit_notes,
    entries,
    invoice_lines,
    invoices,
    payouts,
    policies,
    postings,
    stretch_visits,
    stretches,
    tariffs,
)
guarded_by("only_settled", charges, earnings)
guarded_by("balanced", entries, postings)
