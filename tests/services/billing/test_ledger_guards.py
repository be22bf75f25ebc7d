"""The database itself: what the migration makes, row security, and a ledger nobody can bend, not even its own service."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from services.billing.commands import CancelInvoice, OrderPayout, SetBillingPolicy
from services.billing.handlers.invoices import cancel_invoice
from services.billing.handlers.payouts import order_payout
from services.billing.handlers.tariffs import set_billing_policy
from services.billing.service import SERVICE
from services.billing.tables import METADATA
from tests.services.billing.town import LONG_AGO, MAY, Town, named
from tests.support.postgres import Server
from tests.support.service import trial

KEPT = (
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


def test_the_database_is_what_the_tables_declare_and_row_security_holds_on_all(postgres_cluster: Server) -> None:
    with postgres_cluster.service_database("billing") as databases:
        engine = create_engine(databases.owner_url)
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={"include_object": lambda thing, name, kind, *_: kind != "table" or name in METADATA.tables},
            )
            assert compare_metadata(context, METADATA) == []
            protected = connection.execute(
                text("SELECT tablename FROM pg_policies WHERE policyname = 'desk_only'")
            ).scalars()
            assert set(protected) == set(METADATA.tables)
        engine.dispose()


@pytest.fixture(scope="module")
def settled(postgres_cluster: Server) -> Iterator[tuple[Town, str]]:
    """A town with a row in every table of the ledger, and the owner's address."""
    with trial(postgres_cluster, SERVICE) as t:
        town = Town(t)
        town.desk()
        town.tariffs()
        town.family("Ames")
        town.carer("Ada")
        policy = SetBillingPolicy(
            valid_from=LONG_AGO, invoice_prefix="ABC", due_days=1, shared_wait_hours=1, creditor_name="A"
        )
        t.run(set_billing_policy, policy)
        town.cared("visit", "Ames")
        invoice = town.invoice("Ames")
        t.run(cancel_invoice, CancelInvoice(invoice_id=invoice.invoice_id, reason="Wrong."))
        t.run(order_payout, OrderPayout(carer_id=named("Ada"), **MAY))
        password = postgres_cluster.cluster.passwords.of("billing_owner")
        owner = t.running.engine.url.set(drivername="postgresql", username="billing_owner", password=password)
        yield town, owner.render_as_string(hide_password=False)


@contextmanager
def as_service(town: Town, desk_id: UUID | None = None) -> Iterator[Connection]:
    """The service's own database user, bound to a desk for the whole connection, which nobody uses afterwards."""
    with town.t.running.engine.connect() as connection:
        bound = {"desk": str(desk_id or town.t.desk_id)}
        connection.execute(text("SELECT set_config('app.desk_id', :desk, false)"), bound)
        connection.commit()
        yield connection
        connection.invalidate()


def refusal(connection: Connection, statement: str, **values: Any) -> str:
    """What PostgreSQL says against a statement."""

    def run_and_commit() -> None:
        connection.execute(text(statement), values)
        connection.commit()

    with pytest.raises(DBAPIError) as refused:
        run_and_commit()
    connection.rollback()
    return str(refused.value.orig)


@pytest.mark.parametrize("table", KEPT)
def test_the_service_itself_can_neither_change_nor_remove_what_is_written(
    settled: tuple[Town, str], table: str
) -> None:
    town, _ = settled
    with as_service(town) as connection:
        assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() > 0
        for statement in (
            f"UPDATE {table} SET desk_id = desk_id",
            f"DELETE FROM {table}",
            f"TRUNCATE {table} CASCADE",
        ):
            assert "permission denied" in refusal(connection, statement)


@pytest.mark.parametrize("table", KEPT)
def test_not_even_the_owner_can(settled: tuple[Town, str], table: str) -> None:
    _, owner_url = settled
    with psycopg.connect(owner_url) as connection:
        for statement in (f"UPDATE {table} SET desk_id = desk_id", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            with pytest.raises(psycopg.Error, match="is append-only"):
                connection.execute(statement)
            connection.rollback()


@pytest.mark.parametrize(("table", "settled_by"), [("charges", "invoice_id"), ("earnings", "payout_id")])
def test_a_charge_or_an_earning_is_only_settled(settled: tuple[Town, str], table: str, settled_by: str) -> None:
    town, owner_url = settled
    with as_service(town) as connection:
        connection.execute(text(f"UPDATE {table} SET {settled_by} = NULL"))
        connection.rollback()
        assert "permission denied" in refusal(connection, f"UPDATE {table} SET minor = minor + 1")
        assert "permission denied" in refusal(connection, f"DELETE FROM {table}")
    with psycopg.connect(owner_url) as owner:
        for statement in (f"UPDATE {table} SET minor = minor + 1", f"DELETE FROM {table}"):
            with pytest.raises(psycopg.Error, match="only settled"):
                owner.execute(statement)
            owner.rollback()


def post(connection: Connection, desk_id: UUID, *amounts: tuple[int, str], count: int | None = None) -> UUID:
    """A posting as the service could write it, past its code."""
    posting_id = uuid4()
    account_id = connection.execute(text("SELECT account_id FROM accounts LIMIT 1")).scalar_one()
    connection.execute(
        text("INSERT INTO postings VALUES (:id, :desk, '2026-06-01Z', 'stretch', :cause, NULL, :count)"),
        {"id": posting_id, "desk": desk_id, "cause": uuid4(), "count": len(amounts) if count is None else count},
    )
    for minor, currency in amounts:
        connection.execute(
            text("INSERT INTO entries VALUES (:id, :desk, :posting, :account, :minor, :currency)"),
            {
                "id": uuid4(),
                "desk": desk_id,
                "posting": posting_id,
                "account": account_id,
                "minor": minor,
                "currency": currency,
            },
        )
    return posting_id


def test_a_balanced_posting_is_taken(settled: tuple[Town, str]) -> None:
    town, _ = settled
    with as_service(town) as connection:
        post(connection, town.t.desk_id, (5, "GBP"), (-5, "GBP"), (7, "EUR"), (-3, "EUR"), (-4, "EUR"))
        connection.commit()


@pytest.mark.parametrize(
    ("amounts", "said"),
    [
        (((5, "GBP"), (-4, "GBP")), "off by GBP 1"),
        (((5, "GBP"), (-5, "EUR")), "off by EUR -5, GBP 5"),
        (((5, "GBP"),), "off by GBP 5"),
    ],
)
def test_a_posting_that_does_not_balance_in_each_currency_is_refused_at_commit(
    settled: tuple[Town, str], amounts: tuple[tuple[int, str], ...], said: str
) -> None:
    town, _ = settled
    with as_service(town) as connection:
        post(connection, town.t.desk_id, *amounts)
        with pytest.raises(DBAPIError, match=said):
            connection.commit()


def test_a_posting_without_its_entries_is_refused_at_commit(settled: tuple[Town, str]) -> None:
    town, _ = settled
    with as_service(town) as connection:
        post(connection, town.t.desk_id, count=2)
        with pytest.raises(DBAPIError, match="not the entries it was made with"):
            connection.commit()


def test_nothing_is_added_to_a_posting_afterwards_not_even_what_balances(settled: tuple[Town, str]) -> None:
    town, _ = settled
    more = """
        INSERT INTO entries
        SELECT gen_random_uuid(), desk_id, posting_id, account_id, sign * minor, currency
        FROM entries, (VALUES (1), (-1)) AS signs (sign)
    """
    with as_service(town) as connection:
        assert "not the entries it was made with" in refusal(connection, more)


def test_hiding_the_entries_before_the_commit_hides_nothing_from_the_check(settled: tuple[Town, str]) -> None:
    town, _ = settled
    with as_service(town) as connection:
        post(connection, town.t.desk_id, (5, "GBP"), (-4, "GBP"))
        connection.execute(text("SELECT set_config('app.desk_id', '', false)"))
        with pytest.raises(DBAPIError, match="off by GBP 1"):
            connection.commit()


def test_another_desk_sees_nothing_of_it(settled: tuple[Town, str]) -> None:
    town, _ = settled
    with as_service(town, uuid4()) as connection:
        for table in METADATA.tables:
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0
