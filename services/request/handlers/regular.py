"""What a family's visits show: whom its children know, and whether its need has become regular."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from services.request.commands.care_requests import AmendCareRequest, LookWhetherRegular, MakeRegular
from services.request.domain.care_request import RequestState
from services.request.domain.care_terms import PlanKind
from services.request.domain.checks import local_day
from services.request.domain.family import Family
from services.request.domain.planning import Asked
from services.request.domain.policy import Policy
from services.request.domain.progress import VisitState
from services.request.domain.regular import Regularity, regularity
from services.request.domain.task import TaskKind
from services.request.domain.visit import VisitKind
from services.request.handlers.care_requests import Opened, amend_care_request
from services.request.handlers.tasks import close_tasks, raise_task
from services.request.queries.situation import policy_for
from services.request.tables import care_requests, met_visits, visit_progress, visits
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import Conflict
from shared.domain.pattern import Seen, WeeklyPattern

REGULAR = "regular"
_TOO_LATE = timedelta(hours=1)


def keep_met(uow: UnitOfWork, visit_id: UUID, carer_id: UUID) -> None:
    """The children have been with this carer; what that shows of their family is looked at once messages are quiet."""
    family_id = _family_of(uow, visit_id)
    uow.session.execute(
        insert(met_visits)
        .values(desk_id=uow.caller.desk, family_id=family_id, carer_id=carer_id, visit_id=visit_id)
        .on_conflict_do_nothing()
    )
    uow.set_timer(REGULAR, family_id, uow.now)


def keep_called_off(uow: UnitOfWork, visit_id: UUID, at: datetime | None) -> None:
    """A family called off when the carer was at the door or nearly: somebody calls it, and nothing else follows (2:T27)."""
    visit = uow.one(visits, visit_id=visit_id)
    if at is not None and at >= visit.starts_at - _TOO_LATE:
        raise_task(
            uow,
            TaskKind.CALL_FAMILY,
            visit_id,
            family_id=_family_of(uow, visit_id),
            care_request_id=visit.care_request_id,
            due_on=local_day(uow.now, visit.zone),
        )


def look_whether_regular(command: LookWhetherRegular, uow: UnitOfWork) -> None:
    """Has the need become regular, so that it gets a plan of its own? Does the household know enough carers?"""
    family = uow.get(Family, command.family_id)
    if family.erased_at is not None or family.merged_into is not None:
        return
    policy = policy_for(uow.session, uow.now, family.zone)
    _look_at_carers(uow, family, policy)
    found = _regularity(uow, family, policy)
    request_id = _occasional_request(uow, family) if found is not None else None
    if found is None or request_id is None:
        return
    raise_task(
        uow,
        TaskKind.HAS_BECOME_REGULAR,
        family.family_id,
        family_id=family.family_id,
        care_request_id=request_id,
        due_on=local_day(uow.now, family.zone) + timedelta(days=7),
        facts={
            "weeks": found.weeks,
            "slots": [[slot.weekday, slot.start.isoformat(), slot.end.isoformat()] for slot in found.slots],
        },
    )


def make_regular(command: MakeRegular, uow: UnitOfWork) -> Opened:
    """Ask for what is regular now as patterns; visits keep their ids, and the carer the children know is asked first.

    Patterns that nobody named are what was the same week after week, from tomorrow on. Raises Conflict when nothing
    was, or somebody changed the request meanwhile.
    """
    family = uow.get(Family, command.family_id)
    patterns = command.patterns or (_pattern_seen(uow, family),)
    terms: dict[str, object] = {"plan": PlanKind.REGULAR.value, "expires_on": None}
    carer_id = command.carer_id or _most_frequent_carer(uow, family.family_id)
    if carer_id is not None:
        terms["ask_first_carer_ids"] = (carer_id,)
    amended = amend_care_request(
        AmendCareRequest(
            care_request_id=command.care_request_id,
            version=command.version,
            asked=Asked(visits=(), patterns=patterns),
            terms=terms,
        ),
        uow,
    )
    close_tasks(uow, family.family_id, TaskKind.HAS_BECOME_REGULAR)
    return amended


def _pattern_seen(uow: UnitOfWork, family: Family) -> WeeklyPattern:
    found = _regularity(uow, family, policy_for(uow.session, uow.now, family.zone))
    if found is None:
        raise Conflict("This need is not regular (any more): its weekdays and hours differ.", code="not-regular")
    return found.pattern(local_day(uow.now, family.zone) + timedelta(days=1))


def _look_at_carers(uow: UnitOfWork, family: Family, policy: Policy) -> None:
    met = uow.session.execute(
        select(func.count(), func.count(met_visits.c.carer_id.distinct())).where(
            met_visits.c.family_id == family.family_id
        )
    ).one()
    together, carers = met
    if carers == 1 and together >= policy.regular_after_visits:
        raise_task(uow, TaskKind.ONE_KNOWN_CARER, family.family_id, family_id=family.family_id)
    elif carers > 1:
        close_tasks(uow, family.family_id, TaskKind.ONE_KNOWN_CARER)


def _regularity(uow: UnitOfWork, family: Family, policy: Policy) -> Regularity | None:
    """What of the visits that no pattern asked for was the same week after week."""
    today = local_day(uow.now, family.zone)
    rows = uow.session.execute(
        select(visits.c.starts_at, visits.c.ends_at, visits.c.local_date)
        .join(care_requests, care_requests.c.care_request_id == visits.c.care_request_id)
        .join(visit_progress, visit_progress.c.visit_id == visits.c.visit_id)
        .where(
            care_requests.c.family_id == family.family_id,
            visits.c.listed,
            visits.c.kind == VisitKind.CARE,
            visits.c.local_date >= today - timedelta(weeks=policy.regular_after_weeks + 1),
            visit_progress.c.state == VisitState.COMPLETED,
        )
    )
    zone = ZoneInfo(family.zone)
    seen = [
        Seen(on=row.local_date, start=row.starts_at.astimezone(zone).time(), end=row.ends_at.astimezone(zone).time())
        for row in rows
    ]
    return regularity(seen, today, weeks=policy.regular_after_weeks, tolerance_minutes=policy.regular_tolerance_minutes)


def _occasional_request(uow: UnitOfWork, family: Family) -> UUID | None:
    """The family's latest open request that has no pattern."""
    found: UUID | None = uow.session.execute(
        select(care_requests.c.care_request_id)
        .where(
            care_requests.c.family_id == family.family_id,
            care_requests.c.state == RequestState.OPEN,
            care_requests.c.begins_on.is_(None),
        )
        .order_by(care_requests.c.opened_at.desc(), care_requests.c.care_request_id)
        .limit(1)
    ).scalar_one_or_none()
    return found


def _most_frequent_carer(uow: UnitOfWork, family_id: UUID) -> UUID | None:
    found: UUID | None = uow.session.execute(
        select(met_visits.c.carer_id)
        .where(met_visits.c.family_id == family_id)
        .group_by(met_visits.c.carer_id)
        .order_by(func.count().desc(), met_visits.c.carer_id)
        .limit(1)
    ).scalar_one_or_none()
    return found


def _family_of(uow: UnitOfWork, visit_id: UUID) -> UUID:
    found: UUID = uow.session.execute(
        select(care_requests.c.family_id)
        .join(visits, visits.c.care_request_id == care_requests.c.care_request_id)
        .where(visits.c.visit_id == visit_id)
    ).scalar_one()
    return found
