"""What keeps a night safe: alerts, duty, concerns, tonight's list."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from services.roster.api.entrances import NOT_FOUND, NOT_POSSIBLE, new_router
from services.roster.commands import safety as commands
from services.roster.domain.alert import Alert
from services.roster.handlers import alerts, concerns, duty
from services.roster.queries.alerts import alerts_listed, concerns_listed
from services.roster.queries.duty import duty_now, on_call
from services.roster.queries.tonight import tonight_now, tonight_page
from services.roster.schemas.safety import (
    AlertsOut,
    AlertStateOut,
    ConcernOut,
    ConcernsOut,
    DutyOut,
    JoinDutyIn,
    OfferDutyIn,
    OnDutyOut,
    OutcomeIn,
    TonightOut,
)
from shared.auth.dependencies import CarerEntrance, DispatcherEntrance
from shared.domain.errors import NotFound

router = new_router()


@router.get("/alerts", tags=["safety"], response_model=AlertsOut)
def show_alerts(
    door: DispatcherEntrance,
    state: Annotated[str | None, Query(pattern="^(open|closed)$")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> dict[str, Any]:
    """What somebody must look at, worst and soonest due first; or what is settled, the latest first."""
    return {"rows": door.read(alerts_listed, state, limit)}


@router.post("/alerts/{alert_id}/acknowledge", tags=["safety"], response_model=AlertStateOut, responses=NOT_POSSIBLE)
def acknowledge_alert(door: DispatcherEntrance, alert_id: UUID) -> Response:
    """The caller has it; it rings at nobody else."""
    return door.do(alerts.acknowledge, commands.AcknowledgeAlert(alert_id=alert_id), present=_alert)


@router.post("/alerts/{alert_id}/close", tags=["safety"], response_model=AlertStateOut, responses=NOT_FOUND)
def close_alert(door: DispatcherEntrance, alert_id: UUID, body: OutcomeIn) -> Response:
    """It is settled, and how."""
    command = commands.CloseAlert(alert_id=alert_id, outcome=body.outcome)
    return door.do(alerts.close, command, present=_alert)


@router.get("/duty", tags=["safety"], response_model=DutyOut)
def show_duty(door: DispatcherEntrance) -> dict[str, Any]:
    """Who is on duty, and how it went from hand to hand."""
    return door.read(duty_now)


@router.post("/duty/join", tags=["safety"], status_code=204)
def join_duty(door: DispatcherEntrance, body: JoinDutyIn) -> Response:
    """The caller may be rung at night, by this name and phone."""
    return door.do(duty.join, commands.JoinDuty(**body.model_dump()))


@router.post("/duty/offer", tags=["safety"], status_code=204, responses=NOT_POSSIBLE)
def offer_duty(door: DispatcherEntrance, body: OfferDutyIn) -> Response:
    """Hand the duty to a colleague, who has it once they take it."""
    return door.do(duty.offer, commands.OfferDuty(to_account_id=body.to_account_id))


@router.post("/duty/take", tags=["safety"], status_code=204, responses=NOT_POSSIBLE)
def take_duty(door: DispatcherEntrance) -> Response:
    """The caller has the duty from now on."""
    return door.do(duty.take, commands.TakeDuty())


@router.post("/duty/{account_id}/leave", tags=["safety"], status_code=204, responses=NOT_POSSIBLE)
def leave_duty(door: DispatcherEntrance, account_id: UUID) -> Response:
    """This account is rung at night no more; who is on duty hands it over first."""
    return door.do(duty.leave, commands.LeaveDuty(account_id=account_id))


@router.get("/my/on-call", tags=["my visits"], response_model=OnDutyOut, responses=NOT_FOUND)
def show_on_call(door: CarerEntrance) -> dict[str, Any]:
    """Whom to ring now."""
    found = door.read(on_call)
    if found is None:
        raise NotFound("Nobody is on duty at your desk.")
    return found


@router.get("/concerns", tags=["safety"], response_model=ConcernsOut)
def show_concerns(door: DispatcherEntrance) -> dict[str, Any]:
    """Concerns said in confidence, unread ones first; not what they say."""
    return {"rows": door.read(concerns_listed)}


@router.post("/concerns/{concern_id}/read", tags=["safety"], response_model=ConcernOut, responses=NOT_FOUND)
def read_concern(door: DispatcherEntrance, concern_id: UUID) -> Response:
    """Open a concern; who read it first is kept."""
    return door.do(concerns.read, commands.ReadConcern(concern_id=concern_id), present=ConcernOut.model_validate)


@router.post("/concerns/{concern_id}/close", tags=["safety"], status_code=204, responses=NOT_POSSIBLE)
def close_concern(door: DispatcherEntrance, concern_id: UUID, body: OutcomeIn) -> Response:
    """What became of it."""
    return door.do(concerns.close, commands.CloseConcern(concern_id=concern_id, outcome=body.outcome))


@router.get("/tonight", tags=["safety"], response_model=TonightOut)
def show_tonight(door: DispatcherEntrance) -> dict[str, Any]:
    """Tonight's list as it is now: who, where, when, phone numbers."""
    return door.read(tonight_now, door.runner.clock.now())


@router.get("/tonight.html", tags=["safety"], response_class=Response, responses=NOT_FOUND)
def print_tonight(door: DispatcherEntrance) -> Response:
    """Tonight's list as it is saved, to be printed."""
    return Response(door.read(tonight_page), media_type="text/html; charset=utf-8")


def _alert(alert: Alert) -> AlertStateOut:
    return AlertStateOut(alert_id=alert.alert_id, version=alert.version, state=alert.state)
