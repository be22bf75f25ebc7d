"""Orders what a carer earned to be paid, and posts it."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, update

from services.billing.commands import OrderPayout
from services.billing.domain.invoice import check_period
from services.billing.domain.ledger import Cause, payout_entries
from services.billing.handlers.ledger import post
from services.billing.handlers.tariffs import the_desk
from services.billing.tables import carers, earnings, payouts
from shared.contracts.billing import PayoutOrdered
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, NotFound
from shared.domain.values import Money


def order_payout(command: OrderPayout, uow: UnitOfWork) -> Any:
    """Pay what a carer earned and wasn't paid yet, with corrections of earlier days; the payout's row.

    Raises Invalid for a period that can't be, NotFound for somebody who never worked for this desk, Conflict when there
    is nothing to pay or the carer was paid too much, which is set off against what they earn next.
    """
    check_period(command.period_from, command.period_until)
    desk = the_desk(uow)
    # Locked in one order: two payouts for one carer take turns, and the second finds nothing left.
    unpaid = uow.session.execute(
        select(earnings)
        .where(
            earnings.c.carer_id == command.carer_id,
            earnings.c.payout_id.is_(None),
            earnings.c.on <= command.period_until,
            or_(earnings.c.on >= command.period_from, earnings.c.correction),
        )
        .order_by(earnings.c.earning_id)
        .with_for_update()
    ).all()
    if not unpaid and uow.one(carers, carer_id=command.carer_id) is None:
        raise NotFound("There is no such carer at this desk.")
    total = Money.total((Money(row.minor, row.currency) for row in unpaid), desk.currency)
    if not unpaid or total.minor == 0:
        raise Conflict("There is nothing to pay to this carer for this period.", code="nothing-to-pay")
    if total.minor < 0:
        raise Conflict(
            "This carer was paid too much before. It is set off against what they earn next.", code="credit-waits"
        )
    payout_id: UUID = command.payout_id or uow.new_id()
    ordered_on = uow.now.astimezone(ZoneInfo(desk.zone)).date()
    uow.session.execute(
        payouts.insert().values(
            payout_id=payout_id,
            desk_id=uow.caller.desk,
            carer_id=command.carer_id,
            period_from=command.period_from,
            period_until=command.period_until,
            ordered_on=ordered_on,
            ordered_at=uow.now,
            minor=total.minor,
            currency=total.currency,
        )
    )
    uow.session.execute(
        update(earnings)
        .where(earnings.c.earning_id.in_([row.earning_id for row in unpaid]))
        .values(payout_id=payout_id)
    )
    post(uow, Cause.PAYOUT, payout_id, payout_entries(command.carer_id, total))
    uow.record(
        PayoutOrdered(
            desk_id=uow.caller.desk,
            version=1,
            payout_id=payout_id,
            carer_id=command.carer_id,
            amount_minor=total.minor,
            currency=total.currency,
            ordered_on=ordered_on,
        )
    )
    return uow.one(payouts, payout_id=payout_id)
