"""Charging, invoicing, cancelling and paying, on the database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.billing.commands import (
    CancelInvoice,
    IssueInvoice,
    OrderPayout,
    SetBillingPolicy,
    SetTariff,
    StartInvoiceRun,
    StartPayoutRun,
)
from services.billing.handlers.invoices import cancel_invoice, issue_invoice
from services.billing.handlers.payouts import order_payout
from services.billing.handlers.runs import start_invoice_run, start_payout_run
from services.billing.handlers.tariffs import set_billing_policy, set_tariff
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
    postings,
    run_parts,
    stretches,
)
from shared.contracts import request, roster
from shared.contracts.billing import InvoiceCancelled, InvoiceIssued, PayoutOrdered
from shared.domain.errors import Conflict, Invalid, NotFound
from tests.services.billing.town import FRIDAY, MAY, Town, named, tariff_facts
from tests.support.service import MONDAY

# Four hours that ended as the clock stands.
TODAY = MONDAY - timedelta(hours=4)


def owed(town: Town, family: str) -> list[int]:
    """What the family was charged, in order."""
    rows = town.rows(charges, charges.c.charged_at, charges.c.kind.desc(), charges.c.minor)
    return [row.minor for row in rows if row.family_id == named(family)]


def earned(town: Town) -> list[int]:
    return [row.minor for row in town.rows(earnings, earnings.c.earned_at, earnings.c.kind.desc())]


def balances(town: Town) -> dict[tuple[str, Any], int]:
    return {(row.kind, row.party_id): row.balance_minor for row in town.rows(accounts) if row.balance_minor}


def two_families(town: Town, start: datetime = FRIDAY) -> None:
    """Ames for four hours and Bell for the last two of them share Ada; nothing has happened yet."""
    town.t.hear(town.agreed())
    shared = named("agreement")
    later, end = start + timedelta(hours=2), start + timedelta(hours=4)
    town.t.hear(
        town.opened(
            town.terms("ames", "Ames", start=start, end=start + timedelta(hours=4), shared_care_id=named("agreement"))
        )
    )
    town.t.hear(town.opened(town.terms("bell", "Bell", start=later, end=end, shared_care_id=shared)))
    town.t.hear(town.rostered("ames", "Ames", start=start, end=end))
    town.t.hear(town.rostered("bell", "Bell", start=later, end=end))


def test_care_is_charged_by_the_time_from_check_in_to_check_out(town: Town) -> None:
    town.cared("visit", "Ames", minutes=225)
    assert owed(town, "Ames") == [6000]
    assert earned(town) == [4500]
    assert balances(town) == {
        ("family_receivable", named("Ames")): 6000,
        ("care_income", None): -6000,
        ("carer_cost", None): 4500,
        ("carer_payable", named("Ada")): -4500,
    }
    (posting,) = town.rows(postings)
    assert (posting.cause_kind, posting.cause_id, posting.entry_count) == (
        "stretch",
        town.rows(stretches)[0].stretch_id,
        4,
    )
    assert sum(row.minor for row in town.rows(entries)) == 0


def test_who_is_alone_pays_alone_and_together_they_share_and_the_carer_is_paid_once(town: Town) -> None:
    two_families(town)
    town.t.hear(town.completed("bell", FRIDAY + timedelta(hours=2), 120))
    town.t.hear(town.completed("ames"))
    town.t.run_timers()
    # Four hours at 16.00: the first two are Ames's alone, the last two are halved.
    assert (owed(town, "Ames"), owed(town, "Bell")) == ([4800], [1600])
    assert earned(town) == [4800]
    assert len({row.stretch_id for row in town.rows(charges)}) == 1


def test_a_cent_that_cannot_be_halved_goes_by_a_fixed_order(town: Town) -> None:
    town.t.hear(town.agreed())
    both = {"shared_care_id": named("agreement")}
    town.t.hear(town.opened(town.terms("ames", "Ames", **both)))
    town.t.hear(town.opened(town.terms("bell", "Bell", **both)))
    for visit in ("ames", "bell"):
        town.t.hear(town.completed(visit, minutes=1))
    town.t.run_timers()
    first, second = sorted(("Ames", "Bell"), key=lambda name: str(named(name)))
    assert (owed(town, first), owed(town, second)) == ([14], [13])


def test_shared_care_waits_until_the_other_family_is_done_as_well(town: Town) -> None:
    two_families(town, TODAY)
    town.t.hear(town.completed("ames", TODAY))
    town.t.run_timers()
    assert owed(town, "Ames") == []
    waiting = {row.visit_id: row.charge_state for row in town.rows(attendances)}
    assert waiting[named("ames")] == "waiting_for_other_family"
    town.t.hear(town.completed("bell", TODAY + timedelta(hours=2), 120))
    town.t.run_timers()
    assert (owed(town, "Ames"), owed(town, "Bell")) == ([4800], [1600])


def test_after_a_day_a_family_is_charged_alone_and_shares_when_the_other_visit_ends_after_all(town: Town) -> None:
    two_families(town, TODAY)
    town.t.hear(town.completed("ames", TODAY))
    town.t.run_timers()
    town.t.clock.move_to(TODAY + timedelta(hours=4 + 24))
    town.t.run_timers()
    assert owed(town, "Ames") == [6400]
    town.t.clock.advance(timedelta(hours=1))
    town.t.hear(town.completed("bell", TODAY + timedelta(hours=2), 120))
    town.t.run_timers()
    assert (owed(town, "Ames"), owed(town, "Bell")) == ([6400, -6400, 4800], [1600])


def test_nobody_waits_for_a_visit_that_was_cancelled(town: Town) -> None:
    two_families(town, TODAY)
    town.t.hear(town.completed("ames", TODAY))
    town.t.run_timers()
    assert owed(town, "Ames") == []
    cancelled = roster.VisitCancelled(
        desk_id=town.t.desk_id,
        version=town.next_version(named("bell")),
        visit_id=named("bell"),
        carer_id=named("Ada"),
        by="family",
    )
    town.t.hear(cancelled)
    town.t.run_timers()
    assert (owed(town, "Ames"), owed(town, "Bell")) == ([6400], [])
    assert {row.charge_state for row in town.rows(attendances)} == {"charged", "nothing"}


def test_a_late_correction_takes_back_and_charges_anew_and_edits_nothing(town: Town) -> None:
    town.cared("visit", "Ames")
    town.invoice("Ames")
    town.t.clock.advance(timedelta(days=20))
    town.t.hear(town.corrected("visit", minutes=180))
    town.t.run_timers()
    assert owed(town, "Ames") == [6400, -6400, 4800]
    assert earned(town) == [4800, -4800, 3600]
    assert [row.correction for row in town.rows(charges, charges.c.charged_at)] == [False, True, True]
    assert balances(town)["family_receivable", named("Ames")] == 4800
    assert [row.cause_kind for row in town.rows(postings, postings.c.posted_at)].count("reversal") == 1


def test_a_correction_that_ends_the_sharing_charges_both_families_anew(town: Town) -> None:
    two_families(town)
    town.t.hear(town.completed("ames"))
    town.t.hear(town.completed("bell", FRIDAY + timedelta(hours=2), 120))
    town.t.run_timers()
    town.t.clock.advance(timedelta(days=1))
    town.t.hear(town.corrected("bell", FRIDAY + timedelta(hours=4), 60))
    town.t.run_timers()
    assert (owed(town, "Ames"), owed(town, "Bell")) == ([4800, -4800, 6400], [1600, -1600, 1600])
    assert sum(earned(town)) == 4800 + 1200


def test_a_correction_to_the_same_time_charges_nothing_again(town: Town) -> None:
    town.cared("visit", "Ames")
    town.t.hear(town.corrected("visit"))
    town.t.run_timers()
    assert owed(town, "Ames") == [6400]


def test_care_without_a_tariff_waits_and_is_charged_when_there_is_one(town: Town) -> None:
    town.cared("visit", "Ames", mode="carer_home")
    assert owed(town, "Ames") == []
    assert town.rows(attendances)[0].charge_state == "no_tariff"
    town.tariffs(mode="carer_home", per="child")
    town.t.run_timers()
    assert owed(town, "Ames") == [6400]


def test_the_tariff_of_the_day_care_began_holds(town: Town) -> None:
    dear = SetTariff(party="family", mode="family_home", valid_from=date(2026, 5, 30), tariff=tariff_facts(9999))
    town.t.run(set_tariff, dear)
    town.cared("visit", "Ames", start=datetime(2026, 5, 29, 22, 30, tzinfo=UTC))
    # 23:30 on the 29th in Brighton, into the 30th.
    assert owed(town, "Ames") == [6400]
    with pytest.raises(Conflict, match="charged already"):
        town.t.run(set_tariff, replace(dear, valid_from=date(2026, 5, 29)))


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"minor_per_hour": -1}, "#/minor_per_hour"),
        ({"per": "dog"}, "#/per"),
        ({"rounding": "down"}, "#/rounding"),
        ({"currency": "EUR"}, "#/tariff/currency"),
    ],
)
def test_a_tariff_that_cannot_be_is_refused_by_its_field(town: Town, change: dict[str, Any], pointer: str) -> None:
    command = SetTariff(party="family", mode="carer_home", valid_from=date(2026, 1, 1), tariff=tariff_facts(**change))
    with pytest.raises(Invalid) as refused:
        town.t.run(set_tariff, command)
    assert refused.value.pointer == pointer


def test_an_invoice_has_what_is_not_invoiced_yet_in_the_order_of_care(town: Town) -> None:
    town.cared("second", "Ames", FRIDAY + timedelta(days=1), minutes=60)
    town.cared("first", "Ames")
    town.cared("june", "Ames", FRIDAY + timedelta(days=3), minutes=60)
    town.cared("other", "Bell", FRIDAY + timedelta(hours=8))
    invoice = town.invoice("Ames")
    assert (invoice.number, invoice.total_minor, invoice.currency) == ("BRI-2026-000001", 8000, "GBP")
    assert (invoice.issued_on, invoice.due_on) == (date(2026, 6, 1), date(2026, 6, 15))
    assert invoice.bill_to == {"name": "Ames", "address": "1 Road, Hove"}
    lines = town.rows(invoice_lines, invoice_lines.c.line)
    assert [(row.minor, row.facts["on"], row.facts["carer"]) for row in lines] == [
        (6400, "2026-05-29", "Ada"),
        (1600, "2026-05-30", "Ada"),
    ]
    (told,) = town.t.said(InvoiceIssued)
    assert (told.invoice_id, told.total_minor, told.due_on) == (invoice.invoice_id, 8000, date(2026, 6, 15))
    with pytest.raises(Conflict, match="nothing to invoice"):
        town.invoice("Ames")


def test_the_next_invoice_puts_right_what_an_earlier_one_had_wrong(town: Town) -> None:
    town.cared("visit", "Ames")
    town.invoice("Ames")
    town.t.hear(town.corrected("visit", minutes=300))
    town.t.run_timers()
    town.t.clock.advance(timedelta(days=30))
    june = IssueInvoice(family_id=named("Ames"), period_from=date(2026, 6, 1), period_until=date(2026, 6, 30))
    second = town.t.run(issue_invoice, june)
    assert (second.number, second.total_minor) == ("BRI-2026-000002", 1600)
    lines = [row for row in town.rows(invoice_lines, invoice_lines.c.line) if row.invoice_id == second.invoice_id]
    assert [(row.minor, row.facts["kind"]) for row in lines] == [(-6400, "reversal"), (8000, "charge")]


def test_a_credit_waits_for_the_familys_next_care(town: Town) -> None:
    town.cared("visit", "Ames")
    town.invoice("Ames")
    town.t.hear(town.corrected("visit", minutes=60))
    town.t.run_timers()
    with pytest.raises(Conflict, match="credit"):
        town.invoice("Ames")
    town.cared("next", "Ames", FRIDAY + timedelta(days=1))
    assert town.invoice("Ames").total_minor == 6400 - 4800


def test_an_invoice_is_cancelled_by_a_credit_note_and_its_care_can_be_invoiced_again(town: Town) -> None:
    town.cared("visit", "Ames")
    first = town.invoice("Ames")
    before = town.rows(invoices)
    note = town.t.run(cancel_invoice, CancelInvoice(invoice_id=first.invoice_id, reason="Wrong address."))
    assert (note.number, note.reason) == ("BRI-CN-2026-000001", "Wrong address.")
    assert town.rows(invoices) == before
    (told,) = town.t.said(InvoiceCancelled)
    assert (told.invoice_id, told.credit_note_number, told.version) == (first.invoice_id, note.number, 2)
    with pytest.raises(Conflict, match="cancelled already, by BRI-CN-2026-000001"):
        town.t.run(cancel_invoice, CancelInvoice(invoice_id=first.invoice_id, reason="Again."))
    assert town.invoice("Ames").number == "BRI-2026-000002"
    assert len(town.rows(invoice_lines)) == 2
    assert balances(town)["family_receivable", named("Ames")] == 6400


def test_numbers_begin_anew_each_year(town: Town) -> None:
    town.cared("visit", "Ames")
    town.invoice("Ames")
    town.cared("other", "Bell", FRIDAY + timedelta(hours=8))
    # Still the old year in London at 23:59, the new one a minute later.
    town.t.clock.move_to(datetime(2027, 1, 1, 0, 0, tzinfo=UTC))
    assert town.invoice("Bell").number == "BRI-2027-000001"


def test_an_invoice_follows_the_desks_policy_of_its_day(town: Town) -> None:
    policy = SetBillingPolicy(
        valid_from=date(2026, 6, 1),
        invoice_prefix="HOVE",
        due_days=30,
        shared_wait_hours=12,
        creditor_name="Brighton Care",
        iban="GB33BUKB20201555555555",
    )
    town.t.run(set_billing_policy, policy)
    town.cared("visit", "Ames")
    invoice = town.invoice("Ames")
    assert (invoice.number, invoice.due_on) == ("HOVE-2026-000001", date(2026, 7, 1))
    assert invoice.creditor["iban"] == "GB33BUKB20201555555555"
    assert invoice.reference.startswith("RF")
    with pytest.raises(Invalid, match="check digits"):
        town.t.run(set_billing_policy, replace(policy, valid_from=date(2026, 7, 1), iban="GB33BUKB20201555555556"))


def test_an_unknown_family_or_a_period_turned_round_is_refused(town: Town) -> None:
    with pytest.raises(NotFound):
        town.invoice("Nobody")
    turned = IssueInvoice(family_id=named("Ames"), period_from=date(2026, 6, 1), period_until=date(2026, 5, 1))
    with pytest.raises(Invalid) as refused:
        town.t.run(issue_invoice, turned)
    assert refused.value.pointer == "#/until"


def test_an_erased_family_is_invoiced_without_its_name(town: Town) -> None:
    town.cared("visit", "Ames")
    erased = request.FamilyErased(
        desk_id=town.t.desk_id, version=town.next_version(named("Ames")), family_id=named("Ames")
    )
    town.t.hear(erased)
    assert town.invoice("Ames").bill_to == {"name": None, "address": None}


def test_a_carer_is_paid_what_they_earned_once(town: Town) -> None:
    town.cared("visit", "Ames")
    town.cared("june", "Ames", FRIDAY + timedelta(days=3))
    command = OrderPayout(carer_id=named("Ada"), **MAY)
    payout = town.t.run(order_payout, command)
    assert (payout.minor, payout.currency, payout.ordered_on) == (4800, "GBP", date(2026, 6, 1))
    assert balances(town)["carer_payable", named("Ada")] == -4800
    assert balances(town)["bank_clearing", None] == -4800
    (told,) = town.t.said(PayoutOrdered)
    assert (told.payout_id, told.amount_minor) == (payout.payout_id, 4800)
    with pytest.raises(Conflict, match="nothing to pay"):
        town.t.run(order_payout, command)


def test_a_carer_paid_too_much_gets_less_next_time(town: Town) -> None:
    town.cared("visit", "Ames")
    town.t.run(order_payout, OrderPayout(carer_id=named("Ada"), **MAY))
    town.t.hear(town.corrected("visit", minutes=180))
    town.t.run_timers()
    june = OrderPayout(carer_id=named("Ada"), period_from=date(2026, 6, 1), period_until=date(2026, 6, 30))
    with pytest.raises(Conflict, match="too much"):
        town.t.run(order_payout, june)
    town.cared("june", "Ames", FRIDAY + timedelta(days=3))
    assert town.t.run(order_payout, june).minor == 4800 - 1200


def test_a_run_invoices_every_family_and_says_why_not(town: Town) -> None:
    town.cared("ames", "Ames")
    town.cared("bell", "Bell", FRIDAY + timedelta(hours=8))
    town.t.run(start_invoice_run, StartInvoiceRun(**MAY))
    town.invoice("Bell")
    town.t.run_timers()
    parts = {row.party_id: row for row in town.rows(run_parts)}
    assert parts[named("Ames")].state == "done"
    assert (parts[named("Bell")].state, parts[named("Bell")].reason) == (
        "refused",
        "There is nothing to invoice in this period.",
    )
    assert [row.number for row in town.rows(invoices, invoices.c.sequence)] == ["BRI-2026-000001", "BRI-2026-000002"]
    assert parts[named("Ames")].result_id in {row.invoice_id for row in town.rows(invoices)}


def test_a_run_pays_every_carer(town: Town) -> None:
    town.cared("ames", "Ames")
    town.t.hear(town.opened(town.terms("bell", "Bell")))
    town.t.hear(town.completed("bell", carer="Bo"))
    town.t.run_timers()
    town.t.run(start_payout_run, StartPayoutRun(**MAY))
    town.t.run_timers()
    assert {row.carer_id: row.minor for row in town.rows(payouts)} == {named("Ada"): 4800, named("Bo"): 4800}
    assert {row.state for row in town.rows(run_parts)} == {"done"}


def test_nothing_is_decided_before_the_desk_is_known(town: Town) -> None:
    stranger = replace(town.t.caller(role=None), desk_id=named("another desk"))  # type: ignore[arg-type]
    for handler, command in (
        (start_invoice_run, StartInvoiceRun(**MAY)),
        (order_payout, OrderPayout(carer_id=named("Ada"), **MAY)),
    ):
        with pytest.raises(Conflict, match="isn't known here yet"):
            town.t.run(handler, command, caller=stranger)


def test_nobody_at_another_desk_can_cancel_an_invoice(town: Town) -> None:
    town.cared("visit", "Ames")
    invoice = town.invoice("Ames")
    stranger = replace(town.t.caller(role=None), desk_id=named("another desk"))  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        town.t.run(cancel_invoice, CancelInvoice(invoice_id=invoice.invoice_id, reason="Mine?"), caller=stranger)
    assert town.rows(credit_notes) == []
