"""Many at once, with real threads on PostgreSQL: no number twice or left out, nothing invoiced, charged or paid twice."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any, TypeVar

import pytest

from services.billing.commands import (
    CancelInvoice,
    ChargeVisit,
    IssueInvoice,
    OrderPayout,
    SetTariff,
    StartInvoiceRun,
    StartPayoutRun,
)
from services.billing.handlers.charging import charge_visit
from services.billing.handlers.invoices import cancel_invoice, issue_invoice
from services.billing.handlers.payouts import order_payout
from services.billing.handlers.runs import start_invoice_run, start_payout_run
from services.billing.handlers.tariffs import set_tariff
from services.billing.tables import (
    accounts,
    attendances,
    charges,
    credit_notes,
    earnings,
    entries,
    invoice_lines,
    invoices,
    payouts,
    run_parts,
)
from shared.domain.errors import Conflict
from tests.services.billing.town import FRIDAY, MAY, Town, named, tariff_facts

T = TypeVar("T")
FAMILIES = 24
JUNE: dict[str, Any] = {"period_from": date(2026, 6, 1), "period_until": date(2026, 6, 30)}


def at_once(tasks: Sequence[Callable[[], T]]) -> list[T | str]:
    """Run all tasks in threads that start together; a refused one says why."""
    barrier = Barrier(len(tasks))

    def run(task: Callable[[], T]) -> T | str:
        barrier.wait()
        try:
            return task()
        except Conflict as refused:
            return refused.reason

    with ThreadPoolExecutor(max_workers=len(tasks)) as pool:
        return list(pool.map(run, tasks))


def many_families(town: Town) -> list[str]:
    """Each with one visit to invoice, with the same carer on another evening."""
    names = [f"family {number}" for number in range(FAMILIES)]
    for number, name in enumerate(names):
        town.family(name)
        start = FRIDAY - timedelta(days=number % 20, hours=number // 20 * 5)
        town.t.hear(town.opened(town.terms(f"visit {name}", name, start=start, end=start + timedelta(hours=4))))
        town.t.hear(town.completed(f"visit {name}", start))
    town.t.run_timers()
    return names


def balances_add_up(town: Town) -> bool:
    """Whether the balances kept are what the entries come to, and all of them to nothing."""
    sums: dict[Any, int] = {row.account_id: 0 for row in town.rows(accounts)}
    for entry in town.rows(entries):
        sums[entry.account_id] += entry.minor
    kept = {row.account_id: row.balance_minor for row in town.rows(accounts)}
    return kept == sums and sum(sums.values()) == 0


def test_numbers_have_no_gap_though_some_are_refused_in_the_middle_of_the_race(town: Town) -> None:
    names = many_families(town)

    def issue(name: str) -> Callable[[], Any]:
        return lambda: town.t.run(issue_invoice, IssueInvoice(family_id=named(name), **MAY))

    # Every family asked for twice: one of the two always fails, some after they waited for a number.
    told = at_once([issue(name) for name in names for _ in range(2)])
    assert told.count("nothing-to-invoice") == FAMILIES
    assert [row.sequence for row in town.rows(invoices, invoices.c.sequence)] == list(range(1, FAMILIES + 1))
    assert len({row.family_id for row in town.rows(invoices)}) == FAMILIES


def test_a_number_taken_by_what_failed_afterwards_is_given_again(town: Town) -> None:
    names = many_families(town)[:6]

    def issue(name: str) -> Callable[[], Any]:
        return lambda: town.t.run(issue_invoice, IssueInvoice(family_id=named(name), **MAY))

    def fail_after(name: str) -> Callable[[], Any]:
        def issue_and_fail(command: IssueInvoice, uow: Any) -> Any:
            issue_invoice(command, uow)
            raise Conflict("Something else went wrong.", code="wrong-after-numbering")

        return lambda: town.t.run(issue_and_fail, IssueInvoice(family_id=named(name), **MAY))

    told = at_once([make(name) for name in names for make in (issue, fail_after)])
    assert told.count("wrong-after-numbering") + told.count("nothing-to-invoice") == len(names)
    assert [row.sequence for row in town.rows(invoices, invoices.c.sequence)] == list(range(1, len(names) + 1))


def test_two_runs_at_once_invoice_nobody_twice(town: Town) -> None:
    many_families(town)
    at_once([lambda: town.t.run(start_invoice_run, StartInvoiceRun(**MAY)) for _ in range(2)])
    # Three workers' timers at once.
    at_once([town.t.run_timers for _ in range(3)])
    town.t.run_timers()
    assert {row.state for row in town.rows(run_parts)} == {"done", "refused"}
    assert [row.state for row in town.rows(run_parts)].count("done") == FAMILIES
    charged = [row.charge_id for row in town.rows(invoice_lines)]
    assert len(charged) == len(set(charged)) == FAMILIES
    assert [row.sequence for row in town.rows(invoices, invoices.c.sequence)] == list(range(1, FAMILIES + 1))


def test_two_payout_runs_at_once_pay_nobody_twice(town: Town) -> None:
    many_families(town)
    at_once([lambda: town.t.run(start_payout_run, StartPayoutRun(**MAY)) for _ in range(4)])
    at_once([town.t.run_timers for _ in range(3)])
    town.t.run_timers()
    assert [row.minor for row in town.rows(payouts)] == [4800 * FAMILIES]
    assert {row.payout_id is not None for row in town.rows(earnings)} == {True}
    assert balances_add_up(town)


def test_a_carer_is_paid_by_one_of_two_clerks(town: Town) -> None:
    town.cared("visit", "Ames")
    command = OrderPayout(carer_id=named("Ada"), **MAY)
    told = at_once([lambda: town.t.run(order_payout, command) for _ in range(8)])
    assert told.count("nothing-to-pay") == 7
    assert len(town.rows(payouts)) == 1


def test_an_invoice_is_cancelled_once(town: Town) -> None:
    town.cared("visit", "Ames")
    command = CancelInvoice(invoice_id=town.invoice("Ames").invoice_id, reason="Wrong.")
    told = at_once([lambda: town.t.run(cancel_invoice, command) for _ in range(8)])
    assert told.count("already-cancelled") == 7
    assert [row.number for row in town.rows(credit_notes)] == ["BRI-CN-2026-000001"]


@pytest.mark.parametrize("time", range(3))
def test_visits_that_share_a_carer_are_charged_once_however_often_at_once(town: Town, time: int) -> None:
    town.t.hear(town.agreed())
    for name in ("Ames", "Bell"):
        town.t.hear(town.opened(town.terms(name, name, shared_care_id=named("agreement"))))
        town.t.hear(town.completed(name))
    commands = [ChargeVisit(visit_id=named(name)) for name in ("Ames", "Bell") * 4]
    at_once([lambda command=command: town.t.run(charge_visit, command) for command in commands])  # type: ignore[misc]
    assert sorted(row.minor for row in town.rows(charges)) == [3200, 3200]
    assert [row.minor for row in town.rows(earnings)] == [4800]
    assert balances_add_up(town)


@pytest.mark.parametrize("time", range(3))
def test_a_tariff_set_while_a_visit_is_charged_finds_it_or_is_found_by_it(town: Town, time: int) -> None:
    town.t.hear(town.opened(town.terms("visit", "Ames", mode="carer_home")))
    town.t.hear(town.completed("visit"))

    def tariff(party: str) -> Callable[[], Any]:
        facts = SetTariff(party=party, mode="carer_home", valid_from=date(2020, 1, 1), tariff=tariff_facts(800))
        return lambda: town.t.run(set_tariff, facts)

    at_once([tariff("family"), tariff("carer"), town.t.run_timers])
    town.t.run_timers()
    assert town.rows(attendances)[0].charge_state == "charged"
    assert [row.minor for row in town.rows(charges)] == [3200]


def test_corrections_while_invoices_are_issued_leave_the_ledger_balanced_and_nothing_lost(town: Town) -> None:
    names = many_families(town)[:8]

    def issue(name: str) -> Callable[[], Any]:
        return lambda: town.t.run(issue_invoice, IssueInvoice(family_id=named(name), **MAY))

    def correct(name: str) -> Callable[[], Any]:
        event = town.corrected(f"visit {name}", FRIDAY - timedelta(days=int(name.split()[1])), 300)

        def hear_and_charge() -> Any:
            town.t.hear(event)
            return town.t.run_timers()

        return hear_and_charge

    at_once([make(name) for name in names for make in (issue, correct)])
    town.t.run_timers()
    for name in names:
        owed = [row for row in town.rows(charges) if row.family_id == named(name)]
        assert sum(row.minor for row in owed) == 8000
        if any(row.invoice_id is None for row in owed):
            town.t.run(issue_invoice, IssueInvoice(family_id=named(name), **JUNE))
    invoiced = sum(row.total_minor for row in town.rows(invoices))
    assert invoiced == 8000 * len(names)
    assert balances_add_up(town)
