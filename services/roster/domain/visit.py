"""A visit on the roster: it guards its own course from rostered to completed, missed or cancelled."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.contracts.roster import (
    VisitCancelled,
    VisitCompleted,
    VisitCorrected,
    VisitMissed,
    VisitRefused,
    VisitRostered,
    VisitStarted,
)
from shared.domain.aggregate import Aggregate
from shared.domain.errors import Conflict, Invalid
from shared.domain.values import Place


class State(StrEnum):
    REFUSED = "refused"
    ROSTERED = "rostered"
    STARTED = "started"
    COMPLETED = "completed"
    MISSED = "missed"
    CANCELLED = "cancelled"
    RELEASED = "released"


# States in which the carer is held at the visit's place for its time.
HOLDING = (State.ROSTERED, State.STARTED, State.COMPLETED, State.MISSED)


class Alert(StrEnum):
    MISSING_CHECK_IN = "missing_check_in"
    MISSING_CHECK_OUT = "missing_check_out"
    CARER_ABSENT = "carer_absent"


class CancelledBy(StrEnum):
    FAMILY = "family"
    CARER = "carer"
    DESK = "desk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the visit is, in the version a carer said yes to."""

    visit_version: int
    family_id: UUID
    carer_id: UUID
    mode: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    place: Place
    shared_care_id: UUID | None
    child_ids: tuple[UUID, ...]
    children_born: tuple[date, ...]


class Visit(Aggregate):
    """One stretch of care as the roster has it. `version` counts what the roster said of it.

    `held_until` is until when the carer can't be elsewhere: the agreed end, or the real one if it came first.
    """

    desk_id: UUID
    visit_id: UUID
    version: int
    visit_version: int
    family_id: UUID
    carer_id: UUID
    state: str
    mode: str
    starts_at: datetime
    ends_at: datetime
    held_until: datetime
    zone: str
    place_id: UUID
    latitude: float
    longitude: float
    area: str
    shared_care_id: UUID | None
    child_ids: list[UUID]
    children_born: list[date]
    alert: str | None
    started_at: datetime | None
    ended_at: datetime | None
    check_in: dict[str, Any] | None
    check_out: dict[str, Any] | None

    def __init__(self, desk_id: UUID, visit_id: UUID, terms: Terms) -> None:
        self.desk_id = desk_id
        self.visit_id = visit_id
        self.version = 0
        self._take(terms)
        self.state = State.RELEASED
        self.alert = None
        self._forget_times()

    @property
    def place(self) -> Place:
        """Where the visit is, without its address."""
        return Place(
            place_id=self.place_id,
            latitude=self.latitude,
            longitude=self.longitude,
            zone=self.zone,
            area=self.area,
        )

    @property
    def has_begun(self) -> bool:
        """Begun or over: only the roster's own people change it now."""
        return self.state in (State.STARTED, State.COMPLETED, State.MISSED, State.CANCELLED)

    def roster(self, terms: Terms) -> None:
        """Have the visit, on these terms."""
        self._take(terms)
        self.state = State.ROSTERED
        self.alert = None
        self._forget_times()
        self.version += 1
        self.record(
            VisitRostered(
                desk_id=self.desk_id,
                version=self.version,
                visit_id=self.visit_id,
                visit_version=self.visit_version,
                family_id=self.family_id,
                carer_id=self.carer_id,
                start=self.starts_at,
                end=self.ends_at,
            )
        )

    def refuse(self, terms: Terms, reason: str, sentence: str) -> None:
        """Not have it on these terms; one that is rostered or over stays as it is until matching takes it back."""
        if self.state in (State.REFUSED, State.RELEASED):
            self._take(terms)
            self.state = State.REFUSED
        self.version += 1
        self.record(
            VisitRefused(
                desk_id=self.desk_id,
                version=self.version,
                visit_id=self.visit_id,
                visit_version=terms.visit_version,
                carer_id=terms.carer_id,
                reason=reason,
                sentence=sentence,
            )
        )

    def release(self) -> bool:
        """Free the carer of a visit that hasn't begun; says whether there was one to free."""
        if self.state != State.ROSTERED:
            return False
        self.state = State.RELEASED
        self.alert = None
        self.version += 1
        return True

    def check_may_start(self) -> None:
        """Raises Conflict for a visit that was begun, cancelled or freed."""
        if self.started_at is not None:
            raise Conflict(f"You checked in already, at {self._clock(self.started_at)}.", code="already")
        self._check_still_on()

    def start(self, at: datetime, how: dict[str, Any]) -> None:
        """The carer is there. Raises Conflict as `check_may_start` does.

        A visit given up as missed may still begin: the phone was offline.
        """
        self.check_may_start()
        self.state = State.STARTED
        self.alert = None
        self.started_at = at
        self.check_in = how
        self.version += 1
        self.record(
            VisitStarted(
                desk_id=self.desk_id,
                version=self.version,
                visit_id=self.visit_id,
                carer_id=self.carer_id,
                started_at=at,
            )
        )

    def complete(self, at: datetime, how: dict[str, Any]) -> None:
        """The carer leaves. Raises Conflict before a check-in or after a check-out, Invalid for a time before it."""
        if self.ended_at is not None:
            raise Conflict(f"You checked out already, at {self._clock(self.ended_at)}.", code="already")
        self._check_still_on()
        if self.started_at is None or self.state != State.STARTED:
            raise Conflict(
                "There is no check-in yet. Check in first; give the time you came if it was earlier.",
                code="not-checked-in",
            )
        if at <= self.started_at:
            raise Invalid("The check-out must come after the check-in.", pointer="#/happened_at")
        self.check_out = how
        self._end(at)

    def miss(self) -> bool:
        """Nobody checked in: say so. Says whether it was still waited for."""
        if self.state != State.ROSTERED:
            return False
        self.state = State.MISSED
        self.version += 1
        self.record(
            VisitMissed(desk_id=self.desk_id, version=self.version, visit_id=self.visit_id, carer_id=self.carer_id)
        )
        return True

    def cancel(self, by: str) -> None:
        """It will not happen. Raises Invalid for an unknown `by`, Conflict once it has begun or is over."""
        if by not in tuple(CancelledBy):
            raise Invalid(f"A visit is cancelled by {', '.join(CancelledBy)}.", pointer="#/by")
        if self.state == State.CANCELLED:
            raise Conflict("This visit is cancelled already.", code="already-cancelled")
        if self.state != State.ROSTERED:
            raise Conflict(
                f"This visit is {self.state}; only one that is rostered can be cancelled.", code="not-rostered"
            )
        self.state = State.CANCELLED
        self.alert = None
        self.version += 1
        self.record(
            VisitCancelled(
                desk_id=self.desk_id, version=self.version, visit_id=self.visit_id, carer_id=self.carer_id, by=by
            )
        )

    def correct(self, started_at: datetime, ended_at: datetime, reason: str) -> None:
        """Put the times right; a visit whose check-in or check-out is missing is completed with them.

        Raises Conflict for a visit that no carer has.
        """
        if self.state not in HOLDING:
            raise Conflict(f"This visit is {self.state}; it has no times to put right.", code="not-held")
        if self.state == State.COMPLETED:
            self.started_at, self.ended_at = started_at, ended_at
            self.version += 1
            self.record(
                VisitCorrected(
                    desk_id=self.desk_id,
                    version=self.version,
                    visit_id=self.visit_id,
                    carer_id=self.carer_id,
                    started_at=started_at,
                    ended_at=ended_at,
                    reason=reason,
                )
            )
            return
        if self.state == State.STARTED:
            self.started_at = started_at
        else:
            self.start(started_at, {"corrected": True})
        self._end(ended_at)

    def flag(self, alert: Alert) -> bool:
        """Show the desk that something is missing; says whether it still is."""
        awaited = State.STARTED if alert is Alert.MISSING_CHECK_OUT else State.ROSTERED
        if self.state != awaited or self.alert == alert:
            return False
        self.alert = alert
        self.version += 1
        return True

    def _end(self, at: datetime) -> None:
        assert self.started_at is not None
        self.state = State.COMPLETED
        self.alert = None
        self.ended_at = at
        if self.starts_at < at < self.held_until:
            self.held_until = at
        self.version += 1
        self.record(
            VisitCompleted(
                desk_id=self.desk_id,
                version=self.version,
                visit_id=self.visit_id,
                visit_version=self.visit_version,
                carer_id=self.carer_id,
                started_at=self.started_at,
                ended_at=at,
            )
        )

    def _clock(self, instant: datetime) -> str:
        return f"{instant.astimezone(ZoneInfo(self.zone)):%H:%M}"

    def _check_still_on(self) -> None:
        if self.state == State.CANCELLED:
            raise Conflict("This visit was cancelled. Ring the desk if you are at the door.", code="cancelled")
        if self.state in (State.RELEASED, State.REFUSED):
            raise Conflict(
                "This visit is no longer yours. Ring the desk if you are at the door.", code="no-longer-yours"
            )

    def _take(self, terms: Terms) -> None:
        self.visit_version = terms.visit_version
        self.family_id = terms.family_id
        self.carer_id = terms.carer_id
        self.mode = terms.mode
        self.starts_at = terms.starts_at
        self.ends_at = terms.ends_at
        self.held_until = terms.ends_at
        self.zone = terms.zone
        self.place_id = terms.place.place_id
        self.latitude = terms.place.latitude
        self.longitude = terms.place.longitude
        self.area = terms.place.area
        self.shared_care_id = terms.shared_care_id
        self.child_ids = list(terms.child_ids)
        self.children_born = list(terms.children_born)

    def _forget_times(self) -> None:
        self.started_at = self.ended_at = None
        self.check_in = self.check_out = None
