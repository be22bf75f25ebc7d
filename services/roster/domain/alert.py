"""An alert: something a person must look at, with an owner, a deadline, an acknowledgement and an escalation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.roster.domain.policy import Policy
from shared.contracts.roster_notices import (
    AlertClosed,
    AlertRaised,
)
from shared.domain.aggregate import Aggregate
from shared.domain.errors import Conflict, Invalid


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class AlertKind(StrEnum):
    """What somebody must look at. What it is about travels with it; what to do is said where it is read."""

    MISSING_CHECK_IN = "missing_check_in"
    MISSING_CHECK_OUT = "missing_check_out"
    MISSED = "missed"
    CARER_ABSENT = "carer_absent"
    NOT_CONFIRMED = "not_confirmed"
    HELP = "help"
    NOBODY_CAME = "nobody_came"
    NEXT_AT_RISK = "next_at_risk"
    TOO_MANY_CHILDREN = "too_many_children"
    ALLERGIES_UNKNOWN = "allergies_unknown"
    PAPER_LAPSES = "paper_lapses"
    PAPER_LAPSED = "paper_lapsed"
    CARER_REVIEW = "carer_review"
    TOLD_LATE = "told_late"
    LATE_AGAIN = "late_again"
    CONCERN = "concern"
    CALENDAR_TROUBLE = "calendar_trouble"
    LEG_TOO_LONG = "leg_too_long"
    DUTY_UNCLEAR = "duty_unclear"


class AlertState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


# An alert that nobody answers goes round among those on duty; after so many rings it stays on the screen only.
MOST_LEVELS = 12


@dataclass(frozen=True, slots=True)
class Owner:
    """Who must look, and where they are rung; nobody in particular where nobody is on duty."""

    account_id: UUID | None
    phone: str | None = None


class Alert(Aggregate):
    """One thing for a person to look at. Whoever acknowledges it has it from then on."""

    desk_id: UUID
    alert_id: UUID
    version: int
    kind: str
    about: str
    severity: str
    visit_id: UUID | None
    carer_id: UUID | None
    family_id: UUID | None
    facts: dict[str, Any]
    state: str
    level: int
    owner_account_id: UUID | None
    asked: list[str]
    raised_at: datetime
    due_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: UUID | None
    closed_at: datetime | None
    closed_by: UUID | None
    outcome: str

    def __init__(
        self,
        desk_id: UUID,
        alert_id: UUID,
        kind: AlertKind,
        about: str,
        severity: Severity,
        *,
        owner: Owner,
        at: datetime,
        due_at: datetime,
        visit_id: UUID | None = None,
        carer_id: UUID | None = None,
        family_id: UUID | None = None,
        facts: dict[str, Any] | None = None,
    ) -> None:
        self.desk_id, self.alert_id = desk_id, alert_id
        self.version = 0
        self.kind, self.about, self.severity = kind, about, severity
        self.visit_id, self.carer_id, self.family_id = visit_id, carer_id, family_id
        self.facts = dict(facts or {})
        self.state = AlertState.OPEN
        self.level = 0
        self.asked = []
        self.raised_at = at
        self.acknowledged_at = self.acknowledged_by = None
        self.closed_at = self.closed_by = None
        self.outcome = ""
        self._ring(owner, due_at)

    def ring_next(self, owner: Owner, due_at: datetime) -> bool:
        """Nobody acknowledged it in time: it goes to the next on duty. Says whether it still rings."""
        if self.state != AlertState.OPEN or self.level >= MOST_LEVELS:
            return False
        self._ring(owner, due_at)
        return True

    def worsen(self, severity: Severity, owner: Owner, due_at: datetime) -> bool:
        """The same thing turned out worse; says whether it did. Who had acknowledged it is asked again."""
        order = list(Severity)
        if self.state == AlertState.CLOSED or order.index(severity) <= order.index(Severity(self.severity)):
            return False
        self.severity = severity
        self.state = AlertState.OPEN
        self.acknowledged_at = self.acknowledged_by = None
        self._ring(owner, due_at)
        return True

    def acknowledge(self, account_id: UUID | None, at: datetime) -> bool:
        """Somebody has it; says whether it was nobody's. Raises Conflict once it is closed."""
        if self.state == AlertState.CLOSED:
            raise Conflict("This alert is closed already.", code="already-closed")
        if self.state == AlertState.ACKNOWLEDGED:
            return False
        self.state = AlertState.ACKNOWLEDGED
        self.acknowledged_at, self.acknowledged_by = at, account_id
        self.owner_account_id = account_id or self.owner_account_id
        self.version += 1
        return True

    def close(self, outcome: str, account_id: UUID | None, at: datetime) -> bool:
        """It is settled; says whether it was open. Raises Invalid where nobody says how a person settled it."""
        if self.state == AlertState.CLOSED:
            return False
        if not outcome:
            raise Invalid("Say in a few words how it ended.", pointer="#/outcome")
        self.state = AlertState.CLOSED
        self.closed_at, self.closed_by, self.outcome = at, account_id, outcome
        self.version += 1
        self.record(AlertClosed(desk_id=self.desk_id, version=self.version, alert_id=self.alert_id))
        return True

    def _ring(self, owner: Owner, due_at: datetime) -> None:
        self.level += 1
        self.owner_account_id = owner.account_id
        if owner.account_id is not None:
            self.asked = [*self.asked, str(owner.account_id)]
        self.due_at = due_at
        self.version += 1
        self.record(
            AlertRaised(
                desk_id=self.desk_id,
                version=self.version,
                alert_id=self.alert_id,
                kind=self.kind,
                severity=self.severity,
                owner_account_id=owner.account_id,
                owner_phone=owner.phone,
                due_at=due_at,
                visit_id=self.visit_id,
                carer_id=self.carer_id,
                level=self.level,
            )
        )


def minutes_until_next(severity: str, policy: Policy) -> int:
    """How long the owner of an alert has before it goes to the next on duty."""
    return {
        Severity.LOW: policy.escalate_low_minutes,
        Severity.MEDIUM: policy.escalate_medium_minutes,
        Severity.HIGH: policy.escalate_high_minutes,
        Severity.CRITICAL: policy.escalate_critical_minutes,
    }[Severity(severity)]


def next_owner(on_duty: UUID | None, people: Sequence[UUID], asked: Sequence[str]) -> UUID | None:
    """Whom an alert goes to: who is on duty first, then the others in their order, then round again."""
    order = [*([on_duty] if on_duty else []), *(each for each in people if each != on_duty)]
    if not order:
        return None
    rounds = {each: asked.count(str(each)) for each in order}
    fewest = min(rounds.values())
    return next(each for each in order if rounds[each] == fewest)
