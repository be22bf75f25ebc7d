"""Alerts, duty, concerns, tonight's list."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from shared.http.schema import Body, Out, Text

_Said = Annotated[str, Field(min_length=1, max_length=5000)]


class OutcomeIn(Body):
    outcome: Text


class JoinDutyIn(Body):
    name: Text
    phone: Text | None = None
    position: Annotated[int, Field(ge=1, le=99)] = 1


class OfferDutyIn(Body):
    to_account_id: UUID


class HelpIn(Body):
    visit_id: UUID | None = None


class ConcernIn(Body):
    """About a family (said by a carer) or a carer (said by a family); only the desk reads it."""

    about_id: UUID
    text: _Said
    visit_id: UUID | None = None


class AlertOut(Out):
    """What is to be looked at: what it is about is in `facts` and the ids, whom it waits for in `owner_account_id`."""

    alert_id: UUID
    version: int
    kind: str
    severity: str
    state: str
    level: int
    visit_id: UUID | None
    carer_id: UUID | None
    family_id: UUID | None
    facts: dict[str, Any]
    owner_account_id: UUID | None
    owner_name: str | None
    carer_name: str | None
    carer_phone: str | None
    family_name: str | None
    start: datetime | None
    end: datetime | None
    zone: str | None
    raised_at: datetime
    due_at: datetime
    acknowledged_at: datetime | None
    closed_at: datetime | None
    outcome: str


class AlertsOut(Out):
    rows: tuple[AlertOut, ...]


class AlertStateOut(Out):
    alert_id: UUID
    version: int
    state: str


class DutyPersonOut(Out):
    account_id: UUID
    name: str
    phone: str | None
    position: int


class OnDutyOut(Out):
    account_id: UUID
    name: str
    phone: str | None
    since: datetime


class DutyHistoryOut(Out):
    at: datetime
    what: str
    from_name: str
    to_name: str


class DutyOut(Out):
    """Who has the duty, to whom it is offered, who may have it, and how it went from hand to hand."""

    on_duty: OnDutyOut | None
    offered_to: UUID | None
    offered_at: datetime | None
    people: tuple[DutyPersonOut, ...]
    history: tuple[DutyHistoryOut, ...]


class ConcernIdOut(Out):
    concern_id: UUID


class ConcernLineOut(Out):
    """That there is a concern; what it says is read by opening it."""

    concern_id: UUID
    said_by: str
    said_by_name: str
    about: str
    about_name: str
    said_at: datetime
    read_at: datetime | None
    closed_at: datetime | None


class ConcernOut(ConcernLineOut):
    text: str
    visit_id: UUID | None
    outcome: str


class ConcernsOut(Out):
    rows: tuple[ConcernLineOut, ...]


class TonightLineOut(Out):
    start: datetime
    end: datetime
    zone: str
    state: str
    carer: str
    carer_phone: str
    family: str
    family_phone: str
    address: str
    children: int
    flag: str


class TonightOut(Out):
    """Tonight's list as it is now, and when it was last saved where it can be read with the system down."""

    on: date
    made_at: datetime | None
    saved: bool
    rows: tuple[TonightLineOut, ...]
