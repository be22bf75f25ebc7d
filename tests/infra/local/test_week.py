"""The demo week keeps its promises, and comes out the same however the topics are interleaved."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import pytest

from infra.local.demo import play_week
from infra.local.postgres.provision import Databases, connection
from infra.local.system import NAMES
from infra.local.week.report import Report
from tests.support.postgres import Server

# What only tells how messages travelled: positions, retries, what is still to be pruned.
_KIT = {"outbox", "inbox", "timers", "timers_fired", "idempotency_keys", "dead_letters"}


@contextmanager
def databases(server: Server) -> Iterator[Mapping[str, Databases]]:
    """Five fresh databases."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(server.service_database(name)) for name in NAMES}


def tables(found: Mapping[str, Databases]) -> dict[str, list[str]]:
    """Every row of every table the services decide about, as text, in order."""
    rows: dict[str, list[str]] = {}
    for service, each in found.items():
        with connection(each.owner_url) as open_connection:
            names = open_connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'alembic%'"
            ).fetchall()
            for (name,) in sorted(names):
                if name not in _KIT:
                    every = open_connection.execute(f'SELECT t::text FROM "{name}" AS t').fetchall()
                    rows[f"{service}.{name}"] = sorted(row[0] for row in every)
    return rows


@pytest.fixture(scope="module")
def straight(postgres_cluster: Server) -> Iterator[tuple[Report, dict[str, list[str]]]]:
    """The week with every topic in order."""
    with databases(postgres_cluster) as found:
        yield play_week(found), tables(found)


@pytest.mark.slow
def test_the_week_fills_most_visits_and_balances(straight: tuple[Report, dict[str, list[str]]]) -> None:
    report, _ = straight
    assert report.visits >= 150
    assert report.visits_filled >= 0.6 * report.visits
    assert report.visits == report.visits_filled + report.visits_unfilled
    assert sum(report.unfilled_by_reason.values()) == report.visits_unfilled
    assert report.shared_invoiced_to_two >= 1
    assert report.invoices > 0
    assert report.invoiced_minor > report.payouts_minor > 0
    assert report.ledger_balance_minor == 0
    assert report.double_bookings == 0


@pytest.mark.slow
@pytest.mark.parametrize("interleaving", [1, 2])
def test_the_week_comes_out_the_same_however_topics_are_interleaved(
    interleaving: int, straight: tuple[Report, dict[str, list[str]]], postgres_cluster: Server
) -> None:
    expected_report, expected = straight
    with databases(postgres_cluster) as found:
        report = play_week(found, shuffled=interleaving)
        rows = tables(found)
    assert report == expected_report
    assert rows.keys() == expected.keys()
    for name in expected:
        assert rows[name] == expected[name], name
