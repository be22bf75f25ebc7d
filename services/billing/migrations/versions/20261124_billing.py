"""Billing's tables and their row security."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.policies import protect

revision = "billing_0001"
down_revision = None
branch_labels = ("billing",)
depends_on = "kit_0001"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_who_and_what_was_cared()
    _create_what_was_charged()
    _create_what_was_paid()
    protect(
        "attendances",
        "carers",
        "charges",
        "counters",
        "credit_notes",
        "desks",
        "earnings",
        "families",
        "invoice_lines",
        "invoices",
        "payouts",
        "policies",
        "run_parts",
        "runs",
        "shared_care",
        "stretch_visits",
        "stretches",
        "tariffs",
        "travel_legs",
        "visit_terms",
    )


def _create_who_and_what_was_cared() -> None:
    op.create_table(
        "desks",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("country", sa.String, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", name="pk_desks"),
    )
    op.create_table(
        "families",
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.String),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("address", sa.String),
        sa.Column("erased_at", INSTANT),
        sa.PrimaryKeyConstraint("family_id", name="pk_families"),
    )
    op.create_table(
        "carers",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("first_name", sa.String, nullable=False),
        sa.Column("last_name", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "carer_id", name="pk_carers"),
    )
    op.create_table(
        "visit_terms",
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("child_ids", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("shared_care_id", sa.Uuid),
        sa.PrimaryKeyConstraint("visit_id", name="pk_visit_terms"),
    )
    op.create_index("ix_visit_terms_shared_care_id", "visit_terms", ["shared_care_id"])
    op.create_table(
        "shared_care",
        sa.Column("shared_care_id", sa.Uuid, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("family_ids", postgresql.ARRAY(sa.Uuid), nullable=False),
        sa.Column("host_family_id", sa.Uuid, nullable=False),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.PrimaryKeyConstraint("shared_care_id", "valid_from", name="pk_shared_care"),
    )
    op.create_table(
        "attendances",
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("planned_start", INSTANT),
        sa.Column("planned_end", INSTANT),
        sa.Column("started_at", INSTANT),
        sa.Column("ended_at", INSTANT),
        sa.Column("charge_state", sa.String),
        sa.Column("stretch_id", sa.Uuid),
        sa.PrimaryKeyConstraint("visit_id", name="pk_attendances"),
    )
    op.create_index("ix_attendances_stretch_id", "attendances", ["stretch_id"])
    op.create_index(
        "ix_attendances_waiting", "attendances", ["desk_id", "charge_state"], postgresql_where="stretch_id IS NULL"
    )
    op.create_table(
        "travel_legs",
        sa.Column("travel_leg_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("metres", sa.Integer, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("how", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("travel_leg_id", name="pk_travel_legs"),
    )
    op.create_index("ix_travel_legs_statement", "travel_legs", ["desk_id", "carer_id", "on"])


def _create_what_was_charged() -> None:
    op.create_table(
        "tariffs",
        sa.Column("tariff_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("party", sa.String, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("facts", postgresql.JSONB, nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tariff_id", name="pk_tariffs"),
        sa.UniqueConstraint("desk_id", "party", "mode", "valid_from", name="uq_tariffs_desk_id_party_mode_valid_from"),
    )
    op.create_table(
        "policies",
        sa.Column("policy_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("invoice_prefix", sa.String, nullable=False),
        sa.Column("due_days", sa.Integer, nullable=False),
        sa.Column("shared_wait_hours", sa.Integer, nullable=False),
        sa.Column("creditor_name", sa.String, nullable=False),
        sa.Column("iban", sa.String),
        sa.Column("bic", sa.String),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("policy_id", name="pk_policies"),
        sa.UniqueConstraint("desk_id", "valid_from", name="uq_policies_desk_id_valid_from"),
    )
    op.create_table(
        "stretches",
        sa.Column("stretch_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("zone", sa.String, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("family_tariff_id", sa.Uuid, nullable=False),
        sa.Column("carer_tariff_id", sa.Uuid, nullable=False),
        sa.Column("total_minor", sa.BigInteger, nullable=False),
        sa.Column("pay_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("sheet", postgresql.JSONB, nullable=False),
        sa.Column("charged_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["carer_tariff_id"], ["tariffs.tariff_id"], name="fk_stretches_carer_tariff_id"),
        sa.ForeignKeyConstraint(["family_tariff_id"], ["tariffs.tariff_id"], name="fk_stretches_family_tariff_id"),
        sa.PrimaryKeyConstraint("stretch_id", name="pk_stretches"),
    )
    op.create_index("ix_stretches_day", "stretches", ["desk_id", "mode", "on"])
    op.create_table(
        "stretch_visits",
        sa.Column("stretch_id", sa.Uuid, nullable=False),
        sa.Column("visit_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["stretch_id"], ["stretches.stretch_id"], name="fk_stretch_visits_stretch_id"),
        sa.PrimaryKeyConstraint("stretch_id", "visit_id", name="pk_stretch_visits"),
    )
    op.create_index("ix_stretch_visits_visit_id", "stretch_visits", ["visit_id"])
    op.create_table(
        "invoices",
        sa.Column("invoice_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("period_from", sa.Date, nullable=False),
        sa.Column("period_until", sa.Date, nullable=False),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("total_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("reference", sa.String, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("bill_to", postgresql.JSONB, nullable=False),
        sa.Column("creditor", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("invoice_id", name="pk_invoices"),
        sa.UniqueConstraint("desk_id", "number", name="uq_invoices_desk_id_number"),
        sa.UniqueConstraint("desk_id", "year", "sequence", name="uq_invoices_desk_id_year_sequence"),
    )
    op.create_index("ix_invoices_family", "invoices", ["desk_id", "family_id", "year", "sequence"])
    op.create_table(
        "payouts",
        sa.Column("payout_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("period_from", sa.Date, nullable=False),
        sa.Column("period_until", sa.Date, nullable=False),
        sa.Column("ordered_on", sa.Date, nullable=False),
        sa.Column("ordered_at", INSTANT, nullable=False),
        sa.Column("minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.PrimaryKeyConstraint("payout_id", name="pk_payouts"),
    )
    op.create_index("ix_payouts_listed", "payouts", ["desk_id", "ordered_at", "payout_id"])
    op.create_table(
        "charges",
        sa.Column("charge_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("stretch_id", sa.Uuid, nullable=False),
        sa.Column("family_id", sa.Uuid, nullable=False),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("correction", sa.Boolean, nullable=False),
        sa.Column("reverses_charge_id", sa.Uuid),
        sa.Column("charged_at", INSTANT, nullable=False),
        sa.Column("invoice_id", sa.Uuid),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.invoice_id"], name="fk_charges_invoice_id"),
        sa.ForeignKeyConstraint(["reverses_charge_id"], ["charges.charge_id"], name="fk_charges_reverses_charge_id"),
        sa.ForeignKeyConstraint(["stretch_id"], ["stretches.stretch_id"], name="fk_charges_stretch_id"),
        sa.PrimaryKeyConstraint("charge_id", name="pk_charges"),
        sa.UniqueConstraint("reverses_charge_id", name="uq_charges_reverses_charge_id"),
        sa.UniqueConstraint("stretch_id", "family_id", "kind", name="uq_charges_stretch_id_family_id_kind"),
    )
    op.create_index("ix_charges_invoice_id", "charges", ["invoice_id"])
    op.create_index("ix_charges_listed", "charges", ["desk_id", "on", "charge_id"])
    op.create_index(
        "ix_charges_unbilled", "charges", ["desk_id", "family_id", "on"], postgresql_where="invoice_id IS NULL"
    )
    op.create_table(
        "earnings",
        sa.Column("earning_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("stretch_id", sa.Uuid, nullable=False),
        sa.Column("carer_id", sa.Uuid, nullable=False),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("correction", sa.Boolean, nullable=False),
        sa.Column("reverses_earning_id", sa.Uuid),
        sa.Column("earned_at", INSTANT, nullable=False),
        sa.Column("payout_id", sa.Uuid),
        sa.ForeignKeyConstraint(["payout_id"], ["payouts.payout_id"], name="fk_earnings_payout_id"),
        sa.ForeignKeyConstraint(
            ["reverses_earning_id"], ["earnings.earning_id"], name="fk_earnings_reverses_earning_id"
        ),
        sa.ForeignKeyConstraint(["stretch_id"], ["stretches.stretch_id"], name="fk_earnings_stretch_id"),
        sa.PrimaryKeyConstraint("earning_id", name="pk_earnings"),
        sa.UniqueConstraint("reverses_earning_id", name="uq_earnings_reverses_earning_id"),
        sa.UniqueConstraint("stretch_id", "kind", name="uq_earnings_stretch_id_kind"),
    )
    op.create_index("ix_earnings_payout_id", "earnings", ["payout_id"])
    op.create_index(
        "ix_earnings_unpaid", "earnings", ["desk_id", "carer_id", "on"], postgresql_where="payout_id IS NULL"
    )


def _create_what_was_paid() -> None:
    op.create_table(
        "counters",
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("series", sa.String, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("desk_id", "year", "series", name="pk_counters"),
    )
    op.create_table(
        "invoice_lines",
        sa.Column("invoice_id", sa.Uuid, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("charge_id", sa.Uuid, nullable=False),
        sa.Column("minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("facts", postgresql.JSONB, nullable=False),
        sa.ForeignKeyConstraint(["charge_id"], ["charges.charge_id"], name="fk_invoice_lines_charge_id"),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.invoice_id"], name="fk_invoice_lines_invoice_id"),
        sa.PrimaryKeyConstraint("invoice_id", "line", name="pk_invoice_lines"),
    )
    op.create_index("ix_invoice_lines_charge_id", "invoice_lines", ["charge_id"])
    op.create_table(
        "credit_notes",
        sa.Column("credit_note_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("invoice_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("year", sa.Integer, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.invoice_id"], name="fk_credit_notes_invoice_id"),
        sa.PrimaryKeyConstraint("credit_note_id", name="pk_credit_notes"),
        sa.UniqueConstraint("desk_id", "number", name="uq_credit_notes_desk_id_number"),
        sa.UniqueConstraint("desk_id", "year", "sequence", name="uq_credit_notes_desk_id_year_sequence"),
        sa.UniqueConstraint("invoice_id", name="uq_credit_notes_invoice_id"),
    )
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("period_from", sa.Date, nullable=False),
        sa.Column("period_until", sa.Date, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_runs"),
    )
    op.create_table(
        "run_parts",
        sa.Column("run_id", sa.Uuid, nullable=False),
        sa.Column("party_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("result_id", sa.Uuid),
        sa.Column("reason", sa.String),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name="fk_run_parts_run_id"),
        sa.PrimaryKeyConstraint("run_id", "party_id", name="pk_run_parts"),
    )
