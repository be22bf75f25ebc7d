"""Taking a carer on: steps with who did what, and the day from which they may be sent."""

from datetime import datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.roster.commands.carers import ClearCarer, NoteStep, RemindOfReview
from services.roster.domain.alert import AlertKind, Severity
from services.roster.domain.onboarding import Step, check_may_be_cleared, check_step
from services.roster.handlers.alerts import raise_alert, settle
from services.roster.handlers.history import remember_carer
from services.roster.handlers.one_carer import locked_carer, tell_carer
from services.roster.tables.carers import carers, onboarding_steps
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Invalid

REVIEW = "carer-review"
_MORNING = time(8, 0)


def note_step(command: NoteStep, uow: UnitOfWork) -> UUID:
    """A step is done, or the review's day is set. Raises NotFound, Invalid."""
    carer = locked_carer(command.carer_id, uow)
    today = uow.now.astimezone(ZoneInfo(carer.home["zone"])).date()
    step = check_step(command.step, command.on, today)
    if not command.who:
        raise Invalid("Say who did it.", pointer="#/who")
    values = {
        "on": command.on,
        "who": command.who,
        "note": command.note,
        "account_id": uow.caller.account_id,
        "recorded_at": uow.now,
    }
    uow.session.execute(
        insert(onboarding_steps)
        .values(desk_id=uow.caller.desk, carer_id=command.carer_id, step=step.value, **values)
        .on_conflict_do_update(index_elements=["desk_id", "carer_id", "step"], set_=values)
    )
    remember_carer(uow, command.carer_id, f"step-{step}", on=command.on.isoformat(), who=command.who)
    if step is Step.REVIEW:
        settle(uow, command.carer_id, AlertKind.CARER_REVIEW, outcome="the review's day was set")
        if command.on > today:
            at = datetime.combine(command.on, _MORNING, ZoneInfo(carer.home["zone"]))
            uow.set_timer(REVIEW, command.carer_id, at)
        else:
            uow.cancel_timer(REVIEW, command.carer_id)
    return command.carer_id


def clear(command: ClearCarer, uow: UnitOfWork) -> UUID:
    """The carer may be sent from that day on. Raises NotFound; Conflict while a step is still to do."""
    locked_carer(command.carer_id, uow)
    done = {
        row.step: row.on
        for row in uow.session.execute(select(onboarding_steps).where(onboarding_steps.c.carer_id == command.carer_id))
    }
    check_may_be_cleared(done)
    uow.session.execute(update(carers).where(carers.c.carer_id == command.carer_id).values(cleared_on=command.on))
    remember_carer(uow, command.carer_id, "cleared", on=command.on.isoformat())
    tell_carer(command.carer_id, uow)
    return command.carer_id


def remind_of_review(command: RemindOfReview, uow: UnitOfWork) -> None:
    """The day has come to look back with the carer."""
    carer = uow.one(carers, carer_id=command.carer_id)
    if carer is not None and carer.left_on is None:
        raise_alert(uow, AlertKind.CARER_REVIEW, command.carer_id, Severity.LOW, carer_id=command.carer_id)
