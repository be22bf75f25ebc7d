"""Plans end, are reviewed, become firm or expire: what happens on those days, and who is told in time."""

from datetime import date, datetime, timedelta

from services.request.commands.care_requests import LookAtPlan
from services.request.domain.care_request import CareRequest, RequestState
from services.request.domain.checks import start_of_day
from services.request.domain.family import Family
from services.request.domain.policy import Policy
from services.request.domain.task import TaskKind
from services.request.handlers.tasks import close_tasks, raise_task
from services.request.queries.situation import policy_for
from shared.db.unit_of_work import UnitOfWork

HOLD = "hold"
PLAN = "plan"
_PLAN_TASKS = (TaskKind.REVIEW_PLAN, TaskKind.PLAN_ENDS, TaskKind.MAKE_FIRM)


def watch(uow: UnitOfWork, request: CareRequest, family: Family, policy: Policy) -> None:
    """Have the days of this request looked at in time, and ask for what is still missing."""
    terms = request.terms
    if terms.hold_until is not None:
        uow.set_timer(HOLD, request.care_request_id, terms.hold_until)
    days = _days(request)
    if days:
        uow.set_timer(PLAN, request.care_request_id, max(_noticed_at(min(days), family, policy), uow.now))
    else:
        uow.cancel_timer(PLAN, request.care_request_id)
    close_tasks(uow, request.care_request_id, *_PLAN_TASKS)
    asked = {child.child_id for child in family.children if child.allergies_asked}
    if not set(terms.child_ids) <= asked:
        raise_task(uow, TaskKind.ASK_ALLERGIES, family.family_id, family_id=family.family_id)


def forget(uow: UnitOfWork, request: CareRequest) -> None:
    """Nobody needs to look at the days of a request that was withdrawn."""
    uow.cancel_timer(HOLD, request.care_request_id)
    uow.cancel_timer(PLAN, request.care_request_id)
    close_tasks(uow, request.care_request_id, *_PLAN_TASKS)


def look_at_plan(command: LookAtPlan, uow: UnitOfWork) -> None:
    """A review, an end or the day by which something was to be firm is near: somebody at the desk looks at it."""
    request = uow.find(CareRequest, command.care_request_id)
    if request is None or request.state != RequestState.OPEN:
        return
    family = uow.get(Family, request.family_id)
    policy = policy_for(uow.session, uow.now, family.zone)
    for kind, day in (
        (TaskKind.REVIEW_PLAN, request.terms.review_on),
        (TaskKind.PLAN_ENDS, request.terms.expires_on),
        (TaskKind.MAKE_FIRM, _firm_by(request)),
    ):
        if day is not None and _noticed_at(day, family, policy) <= uow.now:
            raise_task(
                uow,
                kind,
                request.care_request_id,
                family_id=family.family_id,
                care_request_id=request.care_request_id,
                due_on=day,
            )
    ahead = [at for day in _days(request) if (at := _noticed_at(day, family, policy)) > uow.now]
    if ahead:
        uow.set_timer(PLAN, request.care_request_id, min(ahead))


def _noticed_at(day: date, family: Family, policy: Policy) -> datetime:
    return start_of_day(day - timedelta(days=policy.notice_days), family.zone)


def _days(request: CareRequest) -> list[date]:
    days = (request.terms.review_on, request.terms.expires_on, _firm_by(request))
    return [day for day in days if day is not None]


def _firm_by(request: CareRequest) -> date | None:
    known = request.terms.provisional
    return (known.firm_by or known.starts_from) if known is not None else None
