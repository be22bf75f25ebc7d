"""When schools are closed, as the desk tells it."""

from datetime import date

from sqlalchemy import delete, insert
from sqlalchemy.dialects.postgresql import insert as upsert

from services.request.commands.desk import TellSchoolYear
from services.request.domain.school_year import check_school_year
from services.request.domain.task import TaskKind
from services.request.handlers.tasks import close_tasks
from services.request.tables import school_breaks, school_years
from shared.db.unit_of_work import UnitOfWork


def tell_school_year(command: TellSchoolYear, uow: UnitOfWork) -> date:
    """Say when schools are closed in a school year, all of it at once; told again it stands instead of what was told.

    Visits that are planned already stay; patterns follow from the next time they are looked at. Raises Invalid for
    breaks outside the year or upon each other.
    """
    check_school_year(command.first_day, command.last_day, command.breaks)
    desk_id = uow.caller.desk
    uow.session.execute(
        delete(school_breaks).where(
            school_breaks.c.first_day >= command.first_day, school_breaks.c.first_day <= command.last_day
        )
    )
    uow.session.execute(
        upsert(school_years)
        .values(desk_id=desk_id, first_day=command.first_day, last_day=command.last_day)
        .on_conflict_do_update(index_elements=["desk_id", "first_day"], set_={"last_day": command.last_day})
    )
    rows = [
        {
            "desk_id": desk_id,
            "first_day": each.first_day,
            "last_day": each.last_day,
            "name": each.name,
            "recorded_at": uow.now,
        }
        for each in command.breaks
    ]
    if rows:
        uow.session.execute(insert(school_breaks), rows)
    close_tasks(uow, desk_id, TaskKind.SCHOOL_HOLIDAYS)
    return command.last_day
