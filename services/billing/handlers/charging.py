"""Charges a visit that is over, together with those that shared its carer, and again when a time was corrected."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, or_, select, update

from services.billing.commands import ChargeVisit
from services.billing.domain.charge import (
    CHARGE_VISIT,
    Attended,
    ChargeState,
    Composition,
    Holidays,
    Settled,
    Stretch,
    settle,
    stretches_of,
)
from services.billing.domain.ledger import Cause, charge_entries
from services.billing.handlers.copies import COMPLETED, ROSTERED, RUNNING
from services.billing.handlers.ledger import post, reverse
from services.billing.handlers.tariffs import the_desk
from services.billing.queries.tariffs import policy_on, tariff_on
from services.billing.tables import attendances, charges, desks, earnings, shared_care, stretch_visits, stretches
from services.billing.tables import visit_terms as terms
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Invalid
from shared.domain.pricing import Tariff
from shared.domain.sharing import SplitRule
from shared.domain.tariffs import Party
from shared.domain.values import TimeWindow
from shared.jurisdictions.packs import pack

_FROM = func.coalesce(attendances.c.started_at, attendances.c.planned_start, terms.c.starts_at)
_UNTIL = func.coalesce(attendances.c.ended_at, attendances.c.planned_end, terms.c.ends_at)
Tariffs = tuple[tuple[UUID, Tariff], tuple[UUID, Tariff]]
Ready = tuple[Stretch, Tariffs, Settled]


def charge_visit(command: ChargeVisit, uow: UnitOfWork) -> None:
    """Bring what is charged in line with what was cared.

    Care that is charged as it happened stays; what was charged otherwise is reversed and charged anew. While another
    family's visit with the same carer isn't over, or a tariff is missing, the visits wait, and their row says for what.
    """
    near = _near(command.visit_id, uow)
    over = [row for row in near if row.state == COMPLETED and row.ended_at > row.started_at]
    wanted = {stretch.composition: stretch for stretch in stretches_of(map(_attended, over))}
    charged = _charged(near, uow)
    new = [stretch for composition, stretch in wanted.items() if composition not in charged.values()]
    stale = [stretch_id for stretch_id, composition in charged.items() if composition not in wanted]
    ready: list[Ready] = []
    for stretch in new:
        found = _ready(stretch, near, uow)
        if isinstance(found, ChargeState):
            _mark([visit.visit_id for each in new for visit in each.visits], found, uow)
            return
        ready.append(found)
    for stretch_id in stale:
        _reverse_stretch(stretch_id, uow)
    for stretch, tariffs, settled in ready:
        _charge_stretch(stretch, tariffs, settled, bool(stale), uow)
    nothing = [row.visit_id for row in near if row not in over and row.state not in (ROSTERED, RUNNING)]
    _mark(nothing, ChargeState.NOTHING, uow)


def _near(visit_id: UUID, uow: UnitOfWork) -> Sequence[Row[Any]]:
    """The visit and all that hang together with it by sharing a carer in time, now or when they were last charged.

    Locked, so that two of them are never charged at once: the agreement first, then the visits in one order.
    """
    of_visit = select(terms.c.shared_care_id).where(terms.c.visit_id == visit_id)
    shared_care_id = uow.session.execute(of_visit).scalar_one_or_none()
    if shared_care_id is not None:
        agreement = select(shared_care.c.valid_from).where(shared_care.c.shared_care_id == shared_care_id)
        uow.session.execute(agreement.order_by(shared_care.c.valid_from).with_for_update()).all()
    near = _locked(attendances.c.visit_id == visit_id, uow)
    while near and shared_care_id is not None:
        together = {row.stretch_id for row in near if row.stretch_id}
        wider = _locked(
            (terms.c.shared_care_id == shared_care_id)
            & or_(
                (max(row.until for row in near) > _FROM) & (min(row.since for row in near) < _UNTIL),
                attendances.c.stretch_id.in_(sorted(together)),
                attendances.c.visit_id == visit_id,
            ),
            uow,
        )
        if len(wider) == len(near):
            return wider
        near = wider
    return near


def _locked(which: ColumnElement[bool], uow: UnitOfWork) -> Sequence[Row[Any]]:
    visits = _visits().where(which).order_by(attendances.c.visit_id)
    return uow.session.execute(visits.with_for_update(of=attendances)).all()


def _visits() -> Select[Any]:
    return select(
        attendances,
        terms.c.family_id,
        terms.c.child_ids,
        terms.c.mode,
        terms.c.zone,
        terms.c.shared_care_id,
        _FROM.label("since"),
        _UNTIL.label("until"),
    ).join(terms, terms.c.visit_id == attendances.c.visit_id)


def _attended(row: Row[Any]) -> Attended:
    return Attended(
        visit_id=row.visit_id,
        family_id=row.family_id,
        child_ids=tuple(row.child_ids),
        carer_id=row.carer_id,
        mode=row.mode,
        zone=row.zone,
        window=TimeWindow(row.started_at, row.ended_at),
    )


def _charged(near: Sequence[Row[Any]], uow: UnitOfWork) -> Mapping[UUID, Composition]:
    """What these visits are charged as at present, by stretch."""
    ids = sorted({row.stretch_id for row in near if row.stretch_id})
    rows = uow.session.execute(
        select(stretch_visits, stretches.c.carer_id)
        .join(stretches, stretches.c.stretch_id == stretch_visits.c.stretch_id)
        .where(stretch_visits.c.stretch_id.in_(ids))
    ).all()
    return {
        stretch_id: frozenset(
            (row.visit_id, row.carer_id, TimeWindow(row.started_at, row.ended_at))
            for row in rows
            if row.stretch_id == stretch_id
        )
        for stretch_id in ids
    }


def _ready(stretch: Stretch, near: Sequence[Row[Any]], uow: UnitOfWork) -> Ready | ChargeState:
    """The stretch with its price, or what it still waits for."""
    # Shared with other charges, but not with a new tariff: either it sees this visit waiting, or this sees the tariff.
    uow.session.execute(select(desks.c.desk_id).where(desks.c.desk_id == uow.caller.desk).with_for_update(read=True))
    desk = the_desk(uow)
    window = stretch.window
    again_at = window.end + timedelta(hours=policy_on(uow.session, desk.name, stretch.on).shared_wait_hours)
    expected = any(
        row.state in (ROSTERED, RUNNING)
        and (row.carer_id, row.mode) == (stretch.carer_id, stretch.mode)
        and row.since < window.end
        and row.until > window.start
        for row in near
    )
    if expected and uow.now < again_at:
        uow.set_timer(CHARGE_VISIT, stretch.visits[0].visit_id, again_at)
        return ChargeState.OTHER_FAMILY
    family = tariff_on(uow.session, Party.FAMILY, stretch.mode, stretch.on)
    carer = tariff_on(uow.session, Party.CARER, stretch.mode, stretch.on)
    if family is None or carer is None:
        return ChargeState.NO_TARIFF
    holidays = _holidays(desk.country, stretch)
    if holidays is None:
        return ChargeState.NO_RULES
    settled = settle(
        stretch,
        family_tariff=family[1],
        carer_tariff=carer[1],
        rule=_rule(stretch, near, uow),
        holidays=holidays,
    )
    return stretch, (family, carer), settled


def _holidays(country: str, stretch: Stretch) -> Holidays | None:
    try:
        return pack(country, stretch.on).public_holidays_between(stretch.on, stretch.last_day)
    except Invalid:
        return None


def _rule(stretch: Stretch, near: Sequence[Row[Any]], uow: UnitOfWork) -> SplitRule:
    """How these families agreed to split: the agreement's rule on the day care began, else its first one."""
    shared_care_id = near[0].shared_care_id
    rules = uow.session.execute(
        select(shared_care.c.valid_from, shared_care.c.rule)
        .where(shared_care.c.shared_care_id == shared_care_id)
        .order_by(shared_care.c.valid_from)
    ).all()
    in_force = [row.rule for row in rules if row.valid_from <= stretch.on] or [row.rule for row in rules[:1]]
    # Without an agreement there is one family, which pays the whole by any rule.
    return SplitRule(in_force[-1]) if in_force else SplitRule.EQUAL


def _mark(visit_ids: Collection[UUID], state: ChargeState, uow: UnitOfWork) -> None:
    uow.session.execute(
        update(attendances)
        .where(attendances.c.visit_id.in_(sorted(visit_ids)), attendances.c.stretch_id.is_(None))
        .values(charge_state=state)
    )


def _charge_stretch(stretch: Stretch, tariffs: Tariffs, settled: Settled, correction: bool, uow: UnitOfWork) -> None:
    (family_tariff_id, _), (carer_tariff_id, _) = tariffs
    stretch_id, desk_id, window = uow.new_id(), uow.caller.desk, stretch.window
    facts = {"desk_id": desk_id, "stretch_id": stretch_id, "on": stretch.on, "correction": correction}
    uow.session.execute(
        stretches.insert().values(
            stretch_id=stretch_id,
            desk_id=desk_id,
            carer_id=stretch.carer_id,
            on=stretch.on,
            starts_at=window.start,
            ends_at=window.end,
            zone=stretch.zone,
            mode=stretch.mode,
            family_tariff_id=family_tariff_id,
            carer_tariff_id=carer_tariff_id,
            total_minor=settled.total.minor,
            pay_minor=settled.pay.minor,
            currency=settled.total.currency,
            sheet=settled.sheet,
            charged_at=uow.now,
        )
    )
    for visit in stretch.visits:
        uow.session.execute(
            stretch_visits.insert().values(
                stretch_id=stretch_id,
                visit_id=visit.visit_id,
                desk_id=desk_id,
                family_id=visit.family_id,
                started_at=visit.window.start,
                ended_at=visit.window.end,
            )
        )
    for family_id, part in sorted(settled.parts.items(), key=lambda each: str(each[0])):
        values = {**facts, "family_id": family_id, "minor": part.minor, "currency": part.currency}
        uow.session.execute(
            charges.insert().values(charge_id=uow.new_id(), kind="charge", charged_at=uow.now, **values)
        )
    pay = {**facts, "carer_id": stretch.carer_id, "minor": settled.pay.minor, "currency": settled.pay.currency}
    uow.session.execute(earnings.insert().values(earning_id=uow.new_id(), kind="charge", earned_at=uow.now, **pay))
    post(uow, Cause.STRETCH, stretch_id, charge_entries(settled.parts, settled.total, stretch.carer_id, settled.pay))
    uow.session.execute(
        update(attendances)
        .where(attendances.c.visit_id.in_([visit.visit_id for visit in stretch.visits]))
        .values(stretch_id=stretch_id, charge_state=ChargeState.CHARGED)
    )


def _reverse_stretch(stretch_id: UUID, uow: UnitOfWork) -> None:
    """Take back a charge and the pay that went with it by their opposites."""
    again = {"desk_id": uow.caller.desk, "stretch_id": stretch_id, "kind": "reversal", "correction": True}
    charged = uow.session.execute(
        select(charges)
        .where(charges.c.stretch_id == stretch_id, charges.c.kind == "charge")
        .order_by(charges.c.family_id)
    ).all()
    for row in charged:
        uow.session.execute(
            charges.insert().values(
                charge_id=uow.new_id(),
                family_id=row.family_id,
                on=row.on,
                minor=-row.minor,
                currency=row.currency,
                reverses_charge_id=row.charge_id,
                charged_at=uow.now,
                **again,
            )
        )
    earned = uow.one(earnings, stretch_id=stretch_id, kind="charge")
    uow.session.execute(
        earnings.insert().values(
            earning_id=uow.new_id(),
            carer_id=earned.carer_id,
            on=earned.on,
            minor=-earned.minor,
            currency=earned.currency,
            reverses_earning_id=earned.earning_id,
            earned_at=uow.now,
            **again,
        )
    )
    reverse(uow, Cause.STRETCH, stretch_id)
    uow.session.execute(update(attendances).where(attendances.c.stretch_id == stretch_id).values(stretch_id=None))
