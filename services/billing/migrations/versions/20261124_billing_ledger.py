"""The ledger; and what was posted, issued or paid stays as written and balanced, whoever writes to the database."""

import sqlalchemy as sa
from alembic import op

from shared.db.policies import append_only, protect

revision = "billing_0002"
down_revision = "billing_0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)

_KEPT = (
    "credit_notes",
    "entries",
    "invoice_lines",
    "invoices",
    "payouts",
    "policies",
    "postings",
    "stretch_visits",
    "stretches",
    "tariffs",
)


def upgrade() -> None:
    _create_ledger()
    protect("accounts", "entries", "postings")
    append_only(*_KEPT)
    for table in _KEPT:
        op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM billing_app")
    _only_settled("charges", "invoice_id")
    _only_settled("earnings", "payout_id")
    _only_balanced_postings()


def _create_ledger() -> None:
    op.create_table(
        "accounts",
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("party_id", sa.Uuid),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("balance_minor", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_accounts"),
        sa.UniqueConstraint(
            "desk_id",
            "kind",
            "party_id",
            "currency",
            name="uq_accounts_desk_id_kind_party_id_currency",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "postings",
        sa.Column("posting_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("posted_at", INSTANT, nullable=False),
        sa.Column("cause_kind", sa.String, nullable=False),
        sa.Column("cause_id", sa.Uuid, nullable=False),
        sa.Column("reverses_posting_id", sa.Uuid),
        sa.Column("entry_count", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["reverses_posting_id"], ["postings.posting_id"], name="fk_postings_reverses_posting_id"
        ),
        sa.PrimaryKeyConstraint("posting_id", name="pk_postings"),
        sa.UniqueConstraint("desk_id", "cause_kind", "cause_id", name="uq_postings_desk_id_cause_kind_cause_id"),
        sa.UniqueConstraint("reverses_posting_id", name="uq_postings_reverses_posting_id"),
    )
    op.create_index("ix_postings_cause_id", "postings", ["cause_id"])
    op.create_index("ix_postings_posted_at", "postings", ["desk_id", "posted_at"])
    op.create_table(
        "entries",
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("desk_id", sa.Uuid, nullable=False),
        sa.Column("posting_id", sa.Uuid, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.CheckConstraint("minor <> 0", name="ck_entries_not_zero"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], name="fk_entries_account_id"),
        sa.ForeignKeyConstraint(["posting_id"], ["postings.posting_id"], name="fk_entries_posting_id"),
        sa.PrimaryKeyConstraint("entry_id", name="pk_entries"),
    )
    op.create_index("ix_entries_account_id", "entries", ["account_id"])
    op.create_index("ix_entries_posting_id", "entries", ["posting_id"])


def _only_settled(table: str, column: str) -> None:
    # The one thing that may change about a charge or an earning is what it was settled by.
    op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM billing_app")
    op.execute(f"GRANT UPDATE ({column}) ON {table} TO billing_app")
    op.execute(
        f"""
        CREATE FUNCTION {table}_are_only_settled() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - '{column}' = to_jsonb(OLD) - '{column}' THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION '{table} are only settled, never changed' USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    op.execute(
        f"CREATE TRIGGER only_settled BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_are_only_settled()"
    )


def _only_balanced_postings() -> None:
    # At commit, when all entries are there. The owner's function sees them whatever desk the transaction is bound to.
    op.execute(
        """
        CREATE FUNCTION posting_is_balanced() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER SET search_path = pg_catalog, public AS $$
        DECLARE
            wrong text;
        BEGIN
            SELECT string_agg(e.currency || ' ' || e.off, ', ' ORDER BY e.currency) INTO wrong
            FROM (
                SELECT currency, sum(minor) AS off FROM entries WHERE posting_id = NEW.posting_id
                GROUP BY currency HAVING sum(minor) <> 0
            ) AS e;
            IF wrong IS NOT NULL THEN
                RAISE EXCEPTION 'posting % is off by %', NEW.posting_id, wrong USING ERRCODE = 'check_violation';
            END IF;
            IF (SELECT count(*) FROM entries WHERE posting_id = NEW.posting_id)
                <> (SELECT entry_count FROM postings WHERE posting_id = NEW.posting_id) THEN
                RAISE EXCEPTION 'posting % has not the entries it was made with', NEW.posting_id
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        END $$
        """
    )
    for table in ("postings", "entries"):
        op.execute(
            f"CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION posting_is_balanced()"
        )
