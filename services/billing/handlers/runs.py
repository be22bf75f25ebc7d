"""Invoices all families, or pays all carers, of a period: each in a transaction of its own, by timers due now."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update

from services.billing.commands import DoRunPart, IssueInvoice, OrderPayout, StartInvoiceRun, StartPayoutRun
from services.billing.domain.invoice import check_period
from services.billing.domain.run import RUN_PART, PartState, RunKind
from services.billing.handlers.invoices import issue_invoice
from services.billing.handlers.payouts import order_payout
from services.billing.handlers.tariffs import the_desk
from services.billing.tables import charges, earnings, run_parts, runs
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, NotFound


def start_invoice_run(command: StartInvoiceRun, uow: UnitOfWork) -> Any:
    """Have every family invoiced that has care in the period which isn't invoiced yet; the run's row."""
    check_period(command.period_from, command.period_until)
    families = uow.session.execute(
        select(charges.c.family_id)
        .where(
            charges.c.invoice_id.is_(None),
            charges.c.on <= command.period_until,
            or_(charges.c.on >= command.period_from, charges.c.correction),
        )
        .distinct()
        .order_by(charges.c.family_id)
    ).scalars()
    return _start(RunKind.INVOICES, command, families.all(), uow)


def start_payout_run(command: StartPayoutRun, uow: UnitOfWork) -> Any:
    """Have every carer paid who earned something in the period which isn't paid yet; the run's row."""
    check_period(command.period_from, command.period_until)
    carers = uow.session.execute(
        select(earnings.c.carer_id)
        .where(
            earnings.c.payout_id.is_(None),
            earnings.c.on <= command.period_until,
            or_(earnings.c.on >= command.period_from, earnings.c.correction),
        )
        .distinct()
        .order_by(earnings.c.carer_id)
    ).scalars()
    return _start(RunKind.PAYOUTS, command, carers.all(), uow)


def do_run_part(command: DoRunPart, uow: UnitOfWork) -> None:
    """Issue one family's invoice or order one carer's payout, and note on the run what came of it or why nothing did."""
    run = uow.one(runs, run_id=command.run_id)
    part = uow.one(run_parts, run_id=command.run_id, party_id=command.party_id)
    if run is None or part is None or part.state != PartState.WAITING:
        return
    try:
        result_id = _do(run, command.party_id, uow)
    except (Conflict, NotFound) as refused:
        _settle(command, uow, state=PartState.REFUSED, reason=refused.detail)
    else:
        _settle(command, uow, state=PartState.DONE, result_id=result_id)


def _start(kind: RunKind, command: StartInvoiceRun | StartPayoutRun, parties: Sequence[UUID], uow: UnitOfWork) -> Any:
    the_desk(uow)
    run_id = command.run_id or uow.new_id()
    uow.session.execute(
        runs.insert().values(
            run_id=run_id,
            desk_id=uow.caller.desk,
            kind=kind,
            period_from=command.period_from,
            period_until=command.period_until,
            started_at=uow.now,
        )
    )
    for party_id in parties:
        uow.session.execute(
            run_parts.insert().values(
                run_id=run_id, party_id=party_id, desk_id=uow.caller.desk, state=PartState.WAITING
            )
        )
        uow.set_timer(RUN_PART, f"{run_id}/{party_id}", uow.now, run_id=str(run_id), party_id=str(party_id))
    return uow.one(runs, run_id=run_id)


def _do(run: Any, party_id: UUID, uow: UnitOfWork) -> UUID:
    period = {"period_from": run.period_from, "period_until": run.period_until}
    if run.kind == RunKind.INVOICES:
        invoice_id: UUID = issue_invoice(IssueInvoice(family_id=party_id, **period), uow).invoice_id
        return invoice_id
    payout_id: UUID = order_payout(OrderPayout(carer_id=party_id, **period), uow).payout_id
    return payout_id


def _settle(command: DoRunPart, uow: UnitOfWork, **outcome: Any) -> None:
    uow.session.execute(
        update(run_parts)
        .where(run_parts.c.run_id == command.run_id, run_parts.c.party_id == command.party_id)
        .values(**outcome)
    )
