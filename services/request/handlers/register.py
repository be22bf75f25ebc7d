"""The register of every minute asked for: written once a visit's time is over, written anew when more is heard of it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.request.commands.desk import CloseRegister
from services.request.commands.single_visits import NameBarrier
from services.request.domain.checks import local_day, start_of_day
from services.request.domain.progress import VisitState
from services.request.domain.register import AskedVersion, Barrier, Outcome, Stretch, stretches
from services.request.domain.visit import Removal, VisitKind
from services.request.queries.desk_rules import policy_on
from services.request.tables import (
    barriers,
    care_requests,
    desks,
    families,
    register_entries,
    request_history,
    unmet_needs,
    visit_history,
    visit_progress,
    visits,
)
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Invalid, NotFound

REGISTER = "register"
_EARLY = time(3)
_AT_A_TIME = 500
_STILL_OPEN = (VisitState.CERTAIN, VisitState.RUNNING)


def keep_barriers(uow: UnitOfWork, visit_ids: Sequence[UUID], barrier: str) -> None:
    """What stood in the family's own way. Raises Invalid for what is none of the seven."""
    if barrier not in tuple(Barrier):
        raise Invalid(f"A barrier is one of {', '.join(Barrier)}; not {barrier!r}.", pointer="#/barrier")
    for visit_id in visit_ids:
        uow.session.execute(
            upsert(barriers)
            .values(visit_id=visit_id, desk_id=uow.caller.desk, barrier=barrier, at=uow.now)
            .on_conflict_do_update(index_elements=["visit_id"], set_={"barrier": barrier, "at": uow.now})
        )
    uow.session.execute(update(visit_progress).where(visit_progress.c.visit_id.in_(visit_ids)).values(to_register=True))


def name_barrier(command: NameBarrier, uow: UnitOfWork) -> UUID:
    """What stood in the way of a visit nobody was found for, as the family tells it. Raises NotFound, Invalid."""
    if uow.one(visits, visit_id=command.visit_id) is None:
        raise NotFound("There is no such visit at this desk.")
    keep_barriers(uow, [command.visit_id], command.barrier)
    return command.visit_id


def close_register(command: CloseRegister, uow: UnitOfWork) -> int:
    """Write down what became of every minute of the visits whose time is over; says of how many visits.

    It looks again early the next morning, or at once when there are more than can be written in one go.
    """
    due = _due(uow)
    histories = _histories(uow, [row.visit_id for row in due])
    written = [row for row in due if _write(uow, row, histories[row.visit_id])]
    if len(due) == _AT_A_TIME:
        uow.set_timer(REGISTER, uow.caller.desk, uow.now)
    else:
        look_again_tomorrow(uow)
    return len(written)


def look_again_tomorrow(uow: UnitOfWork) -> None:
    """Have the register written early tomorrow, by the desk's clock."""
    desk = uow.one(desks, desk_id=uow.caller.desk)
    zone = desk.zone if desk else "UTC"
    tomorrow = local_day(uow.now, zone) + timedelta(days=1)
    at = start_of_day(tomorrow, zone) + timedelta(hours=_EARLY.hour)
    uow.set_timer(REGISTER, uow.caller.desk, at)


def _due(uow: UnitOfWork) -> list[Any]:
    return list(
        uow.session.execute(
            select(
                visits.c.visit_id,
                visits.c.care_request_id,
                visits.c.kind,
                visit_progress,
                barriers.c.barrier,
                care_requests.c.family_id,
                care_requests.c.opened_at,
                families.c.area,
            )
            .join(visit_progress, visit_progress.c.visit_id == visits.c.visit_id)
            .join(care_requests, care_requests.c.care_request_id == visits.c.care_request_id)
            .join(families, families.c.family_id == care_requests.c.family_id)
            .outerjoin(barriers, barriers.c.visit_id == visits.c.visit_id)
            .where(
                visit_progress.c.to_register,
                visits.c.ends_at <= uow.now,
                visit_progress.c.state.not_in(_STILL_OPEN),
            )
            .order_by(visits.c.ends_at, visits.c.visit_id)
            .limit(_AT_A_TIME)
        )
    )


def _histories(uow: UnitOfWork, visit_ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    found: defaultdict[UUID, list[Any]] = defaultdict(list)
    rows = uow.session.execute(
        select(
            visit_history,
            unmet_needs.c.reasons,
            unmet_needs.c.relaxations,
            request_history.c.what,
        )
        .outerjoin(
            unmet_needs,
            (unmet_needs.c.visit_id == visit_history.c.visit_id)
            & (unmet_needs.c.visit_version == visit_history.c.version),
        )
        .join(
            request_history,
            (request_history.c.care_request_id == visit_history.c.care_request_id)
            & (request_history.c.version == visit_history.c.request_version),
        )
        .where(visit_history.c.visit_id.in_(visit_ids))
        .order_by(visit_history.c.visit_id, visit_history.c.version)
    )
    for row in rows:
        found[row.visit_id].append(row)
    return found


def _write(uow: UnitOfWork, row: Any, history: list[Any]) -> bool:
    """Append what became of one visit, if that is not what the register says already."""
    policy = policy_on(uow.session, local_day(uow.now, history[-1].zone))
    found = None
    if row.kind == VisitKind.CARE:
        found = stretches(
            [_version(each) for each in history],
            _outcome(row),
            uow.now,
            grace=timedelta(minutes=policy.met_grace_minutes),
        )
    entries = [_entry(uow, row, history, stretch) for stretch in found or ()]
    revision = row.register_revision + 1
    values: dict[str, Any] = {"to_register": False}
    if entries:
        uow.session.execute(insert(register_entries), [{**each, "revision": revision} for each in entries])
        values["register_revision"] = revision
    uow.session.execute(update(visit_progress).where(visit_progress.c.visit_id == row.visit_id).values(**values))
    return bool(entries)


def _version(row: Any) -> AskedVersion:
    return AskedVersion(
        start=row.starts_at,
        end=row.ends_at,
        removed=row.removed,
        provisional=row.details.provisional,
        undone=row.what == Removal.UNDONE,
        unfilled=row.reasons is not None,
        reason=row.reasons[0][0] if row.reasons else None,
    )


def _outcome(row: Any) -> Outcome:
    agreed = (row.agreed_start, row.agreed_end) if row.agreed_start and row.agreed_end else None
    cared = (row.cared_start, row.cared_end) if row.cared_start and row.cared_end else None
    return Outcome(
        state=VisitState(row.state),
        cared=cared,
        agreed=agreed,
        cancelled_by=row.cancelled_by,
        barrier=row.barrier,
    )


def _entry(uow: UnitOfWork, row: Any, history: list[Any], stretch: Stretch) -> dict[str, Any]:
    last = history[-1]
    local = stretch.start.astimezone(ZoneInfo(last.zone))
    relaxations = next((each.relaxations for each in reversed(history) if each.relaxations), None)
    asked_at: datetime = row.opened_at
    return {
        "visit_id": row.visit_id,
        "starts_at": stretch.start,
        "desk_id": uow.caller.desk,
        "ends_at": stretch.end,
        "state": stretch.state,
        "reason": stretch.reason,
        "relaxation": relaxations[0] if relaxations else None,
        "care_request_id": row.care_request_id,
        "family_id": row.family_id,
        "month": f"{local:%Y-%m}",
        "hour_of_week": local.weekday() * 24 + local.hour,
        "area": row.area,
        "zone": last.zone,
        "mode": last.mode,
        "children": len(last.child_ids),
        "lead_minutes": int((last.starts_at - asked_at).total_seconds()) // 60,
        "recorded_at": uow.now,
    }
