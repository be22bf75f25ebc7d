"""Tariffs and the desk's invoicing policy: dated, one per first day, never edited."""

from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import select

from services.billing.commands import SetBillingPolicy, SetTariff
from services.billing.domain.charge import CHARGE_VISIT, ChargeState
from services.billing.domain.policy import BillingPolicy
from services.billing.tables import attendances, desks, policies, stretches, tariffs, visit_terms
from shared.contracts.billing import TariffChanged, TariffFacts
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, Invalid
from shared.domain.tariffs import check_party_and_mode, tariff_of

_FACTS = TypeAdapter(TariffFacts)


def set_tariff(command: SetTariff, uow: UnitOfWork) -> Any:
    """Keep a tariff and have the visits charged that waited for one; the row as kept.

    Raises Invalid for another currency than the desk's or a value that can't be, Conflict when that day already has one
    or when care from that day on was charged: what was charged is put right visit by visit, not by a tariff.
    """
    check_party_and_mode(command.party, command.mode)
    tariff_of(command.tariff)
    desk = the_desk(uow, lock=True)
    if command.tariff.currency != desk.currency:
        raise Invalid(f"{desk.name} reckons in {desk.currency}. Give the tariff in it.", pointer="#/tariff/currency")
    same = {"party": command.party, "mode": command.mode, "valid_from": command.valid_from}
    if uow.one(tariffs, **same) is not None:
        raise Conflict(
            f"There is already a {command.party} tariff for {command.mode} from {command.valid_from}. Choose another day.",
            code="tariff-overlap",
        )
    charged = uow.session.execute(
        select(stretches.c.on)
        .where(stretches.c.mode == command.mode, stretches.c.on >= command.valid_from)
        .order_by(stretches.c.on.desc())
        .limit(1)
    ).scalar_one_or_none()
    if charged is not None:
        raise Conflict(
            f"Care up to {charged} is charged already. A new tariff begins after that day.", code="already-charged"
        )
    tariff_id = command.tariff_id or uow.new_id()
    uow.session.execute(
        tariffs.insert().values(
            tariff_id=tariff_id,
            desk_id=uow.caller.desk,
            facts=_FACTS.dump_python(command.tariff, mode="json"),
            set_at=uow.now,
            **same,
        )
    )
    _charge_those_without_tariff(command.mode, uow)
    uow.record(
        TariffChanged(
            desk_id=uow.caller.desk,
            version=1,
            tariff_id=tariff_id,
            party=command.party,
            mode=command.mode,
            valid_from=command.valid_from,
            tariff=command.tariff,
        )
    )
    return uow.one(tariffs, tariff_id=tariff_id)


def set_billing_policy(command: SetBillingPolicy, uow: UnitOfWork) -> Any:
    """Keep how the desk invoices from that day on; the row as kept. Raises Invalid, or Conflict when that day has one."""
    policy = BillingPolicy(
        invoice_prefix=command.invoice_prefix,
        due_days=command.due_days,
        shared_wait_hours=command.shared_wait_hours,
        creditor_name=command.creditor_name,
        iban=command.iban,
        bic=command.bic,
    )
    if uow.one(policies, valid_from=command.valid_from) is not None:
        raise Conflict(f"There is already a policy from {command.valid_from}. Choose another day.")
    policy_id = command.policy_id or uow.new_id()
    uow.session.execute(
        policies.insert().values(
            policy_id=policy_id,
            desk_id=uow.caller.desk,
            valid_from=command.valid_from,
            set_at=uow.now,
            **asdict(policy),
        )
    )
    return uow.one(policies, policy_id=policy_id)


def the_desk(uow: UnitOfWork, *, lock: bool = False) -> Any:
    """The caller's desk as identity told it, held for this command alone if asked.

    Raises Conflict before it was heard of: try again in a moment.
    """
    chosen = select(desks).where(desks.c.desk_id == uow.caller.desk)
    desk = uow.session.execute(chosen.with_for_update() if lock else chosen).one_or_none()
    if desk is None:
        raise Conflict("This desk was founded a moment ago and isn't known here yet. Try again.", code="desk-unknown")
    return desk


def _charge_those_without_tariff(mode: str, uow: UnitOfWork) -> None:
    waiting = uow.session.execute(
        select(attendances.c.visit_id)
        .join(visit_terms, visit_terms.c.visit_id == attendances.c.visit_id)
        .where(
            attendances.c.charge_state == ChargeState.NO_TARIFF,
            attendances.c.stretch_id.is_(None),
            visit_terms.c.mode == mode,
        )
        .order_by(attendances.c.visit_id)
    ).scalars()
    for visit_id in waiting.all():
        uow.set_timer(CHARGE_VISIT, visit_id, uow.now)
