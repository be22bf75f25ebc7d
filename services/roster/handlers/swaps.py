"""Swaps with a colleague: asked, agreed by everybody it touches, then done at once with all rules checked for both."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text, update

from services.roster.commands.visits import AnswerSwap, AskSwap, LapseSwap
from services.roster.domain.calendar import Refusal
from services.roster.domain.carer import Mode
from services.roster.domain.swap import As, SwapState, still_needed, yes_of
from services.roster.domain.visit import Visit
from services.roster.domain.visit_terms import State
from services.roster.handlers.booking import watch
from services.roster.handlers.door import own_visit
from services.roster.handlers.fit import why_not
from services.roster.handlers.history import remember
from services.roster.handlers.tonight import refresh_tonight
from services.roster.handlers.turns import lock_people
from services.roster.queries.policies import policy_on
from services.roster.queries.terms import held_terms, where_of
from services.roster.tables.carers import carers
from services.roster.tables.copies import assignments
from services.roster.tables.visits import swaps
from shared.contracts.roster_notices import (
    SwapAsked,
    SwapEnded,
)
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict, Invalid, NotAllowed, NotFound

LAPSE = "swap-lapses"
_BOTH_AT_ONCE = text("SET CONSTRAINTS one_place_at_a_time DEFERRED")
_NOW = text("SET CONSTRAINTS one_place_at_a_time IMMEDIATE")


def ask(command: AskSwap, uow: UnitOfWork) -> UUID:
    """Ask a colleague to take a visit over, or to exchange it for one of theirs.

    Raises NotFound, Invalid; Conflict for a visit that isn't only planned, one asked about already, or one that doesn't
    fit the colleague's calendar.
    """
    lock_people([command.carer_id, command.to_carer_id], uow)
    visit = own_visit(command.visit_id, command.carer_id, uow)
    _check_planned(visit, uow)
    colleague = uow.one(carers, carer_id=command.to_carer_id)
    if colleague is None or colleague.left_on is not None or command.to_carer_id == command.carer_id:
        raise Invalid("There is no such colleague at this desk.", pointer="#/to_carer_id")
    other = None
    if command.return_visit_id is not None:
        other = uow.find(Visit, command.return_visit_id, lock=True)
        if other is None or other.carer_id != command.to_carer_id:
            raise Invalid("This is not one of your colleague's visits.", pointer="#/return_visit_id")
        _check_planned(other, uow)
    waits = select(swaps.c.swap_id).where(swaps.c.visit_id == visit.visit_id, swaps.c.state == SwapState.ASKED.value)
    if uow.session.execute(waits).first() is not None:
        raise Conflict("You asked somebody about this visit already.", code="waits-already")
    refusal = _why_not(visit, other, command.carer_id, command.to_carer_id, uow)
    if refusal is not None:
        raise Conflict(f"This doesn't fit. {refusal.said}", code=refusal.reason)
    swap_id = uow.new_id()
    uow.session.execute(
        insert(swaps).values(
            swap_id=swap_id,
            desk_id=uow.caller.desk,
            version=1,
            visit_id=visit.visit_id,
            from_carer_id=command.carer_id,
            to_carer_id=command.to_carer_id,
            return_visit_id=command.return_visit_id,
            state=SwapState.ASKED.value,
            note=command.note,
            asked_at=uow.now,
            yeses={},
            why="",
        )
    )
    remember(uow, visit, "swap-asked", swap_id=str(swap_id), to_carer_id=str(command.to_carer_id))
    lapses_at = min(visit.starts_at, other.starts_at) if other is not None else visit.starts_at
    uow.set_timer(LAPSE, swap_id, lapses_at)
    uow.record(
        SwapAsked(
            desk_id=uow.caller.desk,
            version=1,
            swap_id=swap_id,
            visit_id=visit.visit_id,
            return_visit_id=command.return_visit_id,
            from_carer_id=command.carer_id,
            to_carer_id=command.to_carer_id,
            family_ids=tuple(_families(visit, other)),
            start=visit.starts_at,
            end=visit.ends_at,
            zone=visit.zone,
        )
    )
    return swap_id


def answer(command: AnswerSwap, uow: UnitOfWork) -> str:
    """A yes or a no; with the last yes it is done. Says the state it is in now.

    Raises NotFound, Conflict for one that is over, or that no longer fits: then it is still asked.
    """
    seen = uow.one(swaps, swap_id=command.swap_id)
    if seen is None:
        raise NotFound("There is no such swap.")
    lock_people([seen.from_carer_id, seen.to_carer_id], uow)
    visit, other = _visits(seen, uow)
    swap = uow.session.execute(select(swaps).where(swaps.c.swap_id == command.swap_id).with_for_update()).one()
    as_, family_id = _speaker(command, swap, _families(visit, other))
    if swap.state != SwapState.ASKED:
        raise Conflict("This swap is over already.", code="over")
    if not _as_it_was(swap, visit, other):
        return _end(swap, SwapState.OVERTAKEN, "the visit changed meanwhile", visit, uow)
    if not command.agrees:
        state = SwapState.STOPPED if as_ in (As.DESK, As.ASKER) else SwapState.DECLINED
        return _end(swap, state, command.why or yes_of(as_, family_id), visit, uow)
    yeses = {
        **swap.yeses,
        yes_of(as_, family_id): {
            "at": uow.now.isoformat(),
            "account_id": str(uow.caller.account_id) if uow.caller.account_id else None,
        },
    }
    uow.session.execute(
        update(swaps).where(swaps.c.swap_id == swap.swap_id).values(yeses=yeses, version=swaps.c.version + 1)
    )
    if still_needed(yeses, _families(visit, other)):
        return SwapState.ASKED.value
    refusal = _why_not(visit, other, swap.from_carer_id, swap.to_carer_id, uow)
    if refusal is not None:
        raise Conflict(f"This no longer fits. {refusal.said}", code=refusal.reason)
    _change_hands(visit, other, swap, uow)
    return _end(swap, SwapState.DONE, "", visit, uow)


def lapse(command: LapseSwap, uow: UnitOfWork) -> None:
    """Not everybody agreed before the visit began: it stays whose it was."""
    swap = uow.session.execute(select(swaps).where(swaps.c.swap_id == command.swap_id).with_for_update()).one_or_none()
    if swap is not None and swap.state == SwapState.ASKED:
        visit = uow.get(Visit, swap.visit_id)
        _end(swap, SwapState.LAPSED, "not everybody answered in time", visit, uow)


def _why_not(visit: Visit, other: Visit | None, from_id: UUID, to_id: UUID, uow: UnitOfWork) -> Refusal | None:
    """The first reason against either of the two having what they would have."""
    moving = [visit.visit_id, *([other.visit_id] if other is not None else [])]
    taken = held_terms(visit, carer_id=to_id, place=_place(visit, to_id, uow))
    refusal = why_not(uow, taken, besides=moving)
    if refusal is not None or other is None:
        return refusal
    given = held_terms(other, carer_id=from_id, place=_place(other, from_id, uow))
    return why_not(uow, given, besides=moving)


def _change_hands(visit: Visit, other: Visit | None, swap: Any, uow: UnitOfWork) -> None:
    # Two visits at one time change hands together: neither carer is in two places once both have.
    uow.session.execute(_BOTH_AT_ONCE)
    policy = policy_on(uow.session, uow.now.date())
    for each, to_id in ((visit, swap.to_carer_id), (other, swap.from_carer_id)):
        if each is None:
            continue
        each.reassign(to_id, _place(each, to_id, uow))
        uow.session.execute(update(assignments).where(assignments.c.visit_id == each.visit_id).values(carer_id=to_id))
        remember(uow, each, "reassigned", swap_id=str(swap.swap_id))
        watch(uow, each, policy)
        refresh_tonight(uow, each)
    uow.session.flush()
    uow.session.execute(_NOW)


def _place(visit: Visit, carer_id: UUID, uow: UnitOfWork) -> Any:
    return where_of(uow.session, carer_id, visit.mode, None) if visit.mode == Mode.CARER_HOME else visit.place


def _end(swap: Any, state: SwapState, why: str, visit: Visit, uow: UnitOfWork) -> str:
    uow.session.execute(
        update(swaps)
        .where(swaps.c.swap_id == swap.swap_id)
        .values(state=state.value, why=why, ended_at=uow.now, version=swaps.c.version + 1)
    )
    uow.cancel_timer(LAPSE, swap.swap_id)
    if state is not SwapState.DONE:
        remember(uow, visit, f"swap-{state.value}", swap_id=str(swap.swap_id))
    uow.record(
        SwapEnded(
            desk_id=uow.caller.desk,
            version=2,
            swap_id=swap.swap_id,
            visit_id=swap.visit_id,
            from_carer_id=swap.from_carer_id,
            to_carer_id=swap.to_carer_id,
            state=state.value,
        )
    )
    return state.value


def _speaker(command: AnswerSwap, swap: Any, family_ids: list[UUID]) -> tuple[As, UUID | None]:
    """As whom the caller answers. Raises NotFound for whom it doesn't concern, NotAllowed for what they can't say."""
    if command.as_ not in tuple(As):
        raise Invalid(f"Answer as {', '.join(As)}.", pointer="#/as")
    as_ = As(command.as_)
    if as_ is As.DESK:
        if command.agrees and command.family_id is None:
            raise NotAllowed(
                "The desk can stop a swap, or say a family's yes that it was told; it doesn't agree itself."
            )
        if command.family_id is None:
            return As.DESK, None
        if command.family_id not in family_ids:
            raise Invalid("This family has nothing to do with it.", pointer="#/family_id")
        return As.FAMILY, command.family_id
    if as_ is As.FAMILY and command.person_id in family_ids:
        return As.FAMILY, command.person_id
    if as_ is As.COLLEAGUE and command.person_id == swap.to_carer_id:
        return As.COLLEAGUE, None
    if as_ is As.ASKER and command.person_id == swap.from_carer_id:
        if command.agrees:
            raise NotAllowed("Who asked has agreed already; you can take it back.")
        return As.ASKER, None
    raise NotFound("There is no such swap.")


def _visits(swap: Any, uow: UnitOfWork) -> tuple[Visit, Visit | None]:
    """Both visits, held in the order of their ids."""
    ids = sorted(each for each in (swap.visit_id, swap.return_visit_id) if each is not None)
    found = {visit_id: uow.get(Visit, visit_id, lock=True) for visit_id in ids}
    return found[swap.visit_id], found.get(swap.return_visit_id)


def _as_it_was(swap: Any, visit: Visit, other: Visit | None) -> bool:
    mine = visit.state == State.ROSTERED and visit.carer_id == swap.from_carer_id
    theirs = other is None or (other.state == State.ROSTERED and other.carer_id == swap.to_carer_id)
    return mine and theirs


def _check_planned(visit: Visit, uow: UnitOfWork) -> None:
    visit.check_may_change_hands()
    if visit.starts_at <= uow.now:
        raise Conflict("This visit should have begun already.", code="begun")


def _families(visit: Visit, other: Visit | None) -> list[UUID]:
    return list(dict.fromkeys([visit.family_id, *([other.family_id] if other is not None else [])]))
