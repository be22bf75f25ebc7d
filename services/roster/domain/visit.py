"""A visit on the roster: it guards its own course from rostered to completed, missed or cancelled."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.roster.domain.visit_terms import (
    AWAITED,
    HOLDING,
    CancelledBy,
    Flag,
    Kind,
    Leaving,
    State,
    Terms,
    presences_of,
)
from shared.contracts import roster as said
from shared.contracts.roster import Presence
from shared.domain.aggregate import Aggregate
from shared.domain.errors import Conflict, Invalid
from shared.domain.event import Event
from shared.domain.values import Place

_AS_AGREED = (
    *("visit_version", "family_id", "carer_id", "kind", "mode", "starts_at", "ends_at", "zone"),
    *("shared_care_id", "urgent"),
)


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
    kind: str
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
    legs: list[dict[str, Any]]
    urgent: bool
    alert: str | None
    coming_at: datetime | None
    set_out_at: datetime | None
    expected_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    handed_to: str | None
    presences: dict[str, Any]
    check_in: dict[str, Any] | None
    check_out: dict[str, Any] | None
    review: str | None

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
        self._say(
            said.VisitRostered,
            visit_version=self.visit_version,
            family_id=self.family_id,
            carer_id=self.carer_id,
            start=self.starts_at,
            end=self.ends_at,
            mode=self.mode,
        )

    def refuse(self, terms: Terms, reason: str, sentence: str) -> None:
        """Not have it on these terms; one that is rostered or over stays as it is until matching takes it back."""
        if self.state in (State.REFUSED, State.RELEASED):
            self._take(terms)
            self.state = State.REFUSED
        self._say(
            said.VisitRefused,
            visit_version=terms.visit_version,
            carer_id=terms.carer_id,
            reason=reason,
            sentence=sentence,
        )

    def release(self) -> bool:
        """Free the carer of a visit that hasn't begun; says whether there was one to free."""
        if self.state not in AWAITED:
            return False
        self.state = State.RELEASED
        self.alert = None
        self.version += 1
        return True

    def confirm_coming(self, at: datetime) -> bool:
        """The carer says that they still come; says whether it is news. Raises Conflict for a visit not awaited."""
        self._check_awaited()
        if self.coming_at is not None:
            return False
        self.coming_at = at
        if self.alert == Flag.NOT_CONFIRMED:
            self.alert = None
        self.version += 1
        return True

    def set_out(self, at: datetime, expected_at: datetime) -> bool:
        """The carer is on the way; says whether it is news. Raises Conflict for a visit that isn't awaited."""
        self._check_awaited()
        if self.state == State.ON_THE_WAY:
            return False
        self.state = State.ON_THE_WAY
        self.set_out_at, self.expected_at = at, expected_at
        self.coming_at = self.coming_at or at
        if self.alert == Flag.NOT_CONFIRMED:
            self.alert = None
        self._say(said.VisitOnTheWay, carer_id=self.carer_id, at=at, expected_at=expected_at)
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
        self._say(said.VisitStarted, carer_id=self.carer_id, started_at=at)

    def note_child(self, child_id: UUID, what: str, at: datetime) -> None:
        """A child came later (`came`) or was fetched earlier (`left`) than the visit itself.

        Raises Invalid for a child this visit is not for, or one who leaves before coming; Conflict while it isn't running.
        """
        if child_id not in self.child_ids:
            raise Invalid("This visit is not for that child.", pointer="#/child_id")
        if self.state != State.STARTED or self.started_at is None:
            raise Conflict("The visit is not running. Check in first.", code="not-checked-in")
        known = dict(self.presences.get(str(child_id), {}))
        known[what] = at.isoformat()
        came = datetime.fromisoformat(known["came"]) if "came" in known else self.started_at
        if "left" in known and datetime.fromisoformat(known["left"]) <= came:
            raise Invalid("A child can only leave after coming.", pointer="#/happened_at")
        self.presences = {**self.presences, str(child_id): known}
        self.version += 1

    def complete(self, leaving: Leaving) -> None:
        """The carer leaves. Raises Conflict before a check-in or after a check-out.

        Raises Invalid for a time before the check-in, or where nobody is named who took the children over.
        """
        if self.ended_at is not None:
            raise Conflict(f"You checked out already, at {self._clock(self.ended_at)}.", code="already")
        self._check_still_on()
        if self.started_at is None or self.state != State.STARTED:
            raise Conflict(
                "There is no check-in yet. Check in first; give the time you came if it was earlier.",
                code="not-checked-in",
            )
        if leaving.at <= self.started_at:
            raise Invalid("The check-out must come after the check-in.", pointer="#/happened_at")
        if self.kind == Kind.CARE and not leaving.handed_to:
            raise Invalid(
                "A visit ends when somebody takes the children over: say who. If nobody comes, tell us so and stay.",
                pointer="#/handed_to",
            )
        self.check_out = leaving.how
        self.handed_to = leaving.handed_to
        self._end(leaving.at, leaving.presences)

    def extend(self, until: datetime) -> None:
        """The carer stays longer, as agreed. Raises Conflict for a visit that is over, Invalid for an earlier end."""
        if self.state not in (*AWAITED, State.STARTED):
            raise Conflict("This visit is over; nobody can stay longer now.", code="over")
        if until <= self.ends_at:
            raise Invalid("That is not longer than agreed already.", pointer="#/until")
        self.ends_at = self.held_until = until
        if self.alert == Flag.MISSING_CHECK_OUT:
            self.alert = None
        self._say(
            said.VisitMoved,
            visit_version=self.visit_version,
            carer_id=self.carer_id,
            start=self.starts_at,
            end=self.ends_at,
        )

    def check_may_change_hands(self) -> None:
        """Raises Conflict for a visit that is not only planned."""
        if self.state != State.ROSTERED:
            raise Conflict("Only a visit that is planned can change hands.", code="not-rostered")

    def reassign(self, to_carer_id: UUID, place: Place) -> None:
        """A colleague takes it over, at their own home where care is at the carer's. Raises Conflict unless it is planned."""
        self.check_may_change_hands()
        from_carer_id = self.carer_id
        self.carer_id = to_carer_id
        self._be_at(place)
        self.coming_at = None
        self.alert = None
        self._say(
            said.VisitReassigned,
            visit_version=self.visit_version,
            from_carer_id=from_carer_id,
            to_carer_id=to_carer_id,
        )

    def miss(self) -> bool:
        """Nobody checked in: say so. Says whether it was still waited for."""
        if self.state not in AWAITED:
            return False
        self.state = State.MISSED
        self._say(said.VisitMissed, carer_id=self.carer_id)
        return True

    def cancel(self, by: str, at: datetime) -> None:
        """It will not happen. Raises Invalid for an unknown `by`, Conflict once it has begun or is over."""
        if by not in tuple(CancelledBy):
            raise Invalid(f"A visit is cancelled by {', '.join(CancelledBy)}.", pointer="#/by")
        if self.state == State.CANCELLED:
            raise Conflict("This visit is cancelled already.", code="already-cancelled")
        if self.state not in AWAITED:
            raise Conflict(
                f"This visit is {self.state}; only one that is rostered can be cancelled.", code="not-rostered"
            )
        self.state = State.CANCELLED
        self.alert = None
        self._say(said.VisitCancelled, carer_id=self.carer_id, by=by, at=at)

    def check_may_be_corrected(self) -> None:
        """Raises Conflict for a visit that no carer has."""
        if self.state not in HOLDING:
            raise Conflict(f"This visit is {self.state}; it has no times to put right.", code="not-held")

    def correct(self, started_at: datetime, ended_at: datetime, reason: str) -> None:
        """Put the times right; a visit whose check-in or check-out is missing is completed with them.

        Raises Conflict for a visit that no carer has.
        """
        self.check_may_be_corrected()
        if self.state == State.COMPLETED:
            self.started_at, self.ended_at = started_at, ended_at
            self._say(
                said.VisitCorrected,
                carer_id=self.carer_id,
                started_at=started_at,
                ended_at=ended_at,
                reason=reason,
                presences=self.presences_between(started_at, ended_at),
            )
            return
        if self.state == State.STARTED:
            self.started_at = started_at
        else:
            self.start(started_at, {"corrected": True})
        self._end(ended_at, self.presences_between(started_at, ended_at))

    def flag(self, flag: Flag) -> bool:
        """Show the desk that something is missing; says whether it still is."""
        awaited = (State.STARTED,) if flag in (Flag.MISSING_CHECK_OUT, Flag.NOBODY_CAME) else AWAITED
        if self.state not in awaited or self.alert == flag:
            return False
        if flag is Flag.MISSING_CHECK_IN and self.alert == Flag.CARER_ABSENT:
            return False
        self.alert = flag
        self.version += 1
        return True

    def unflag(self, flag: Flag) -> bool:
        """What was missing no longer is; says whether it was shown."""
        if self.alert != flag:
            return False
        self.alert = None
        self.version += 1
        return True

    def presences_between(self, start: datetime, end: datetime) -> tuple[Presence, ...]:
        """Children noted as come later or left earlier, within these times; the others were there throughout."""
        return presences_of(self.presences, start, end)

    def _end(self, at: datetime, presences: Sequence[Presence]) -> None:
        assert self.started_at is not None
        self.state = State.COMPLETED
        self.alert = None
        self.ended_at = at
        self.presences = {
            str(each.child_id): {"came": each.start.isoformat(), "left": each.end.isoformat()} for each in presences
        }
        if self.starts_at < at < self.held_until:
            self.held_until = at
        self._say(
            said.VisitCompleted,
            visit_version=self.visit_version,
            carer_id=self.carer_id,
            started_at=self.started_at,
            ended_at=at,
            presences=tuple(presences),
        )

    def _say(self, event: Callable[..., Event], **facts: Any) -> None:
        """One more version, and the event that tells of it."""
        self.version += 1
        self.record(event(desk_id=self.desk_id, version=self.version, visit_id=self.visit_id, **facts))

    def _clock(self, instant: datetime) -> str:
        return f"{instant.astimezone(ZoneInfo(self.zone)):%H:%M}"

    def _check_awaited(self) -> None:
        self._check_still_on()
        if self.state not in AWAITED:
            raise Conflict("This visit has begun or is over.", code="begun")

    def _check_still_on(self) -> None:
        if self.state == State.CANCELLED:
            raise Conflict("This visit was cancelled. Ring the desk if you are at the door.", code="cancelled")
        if self.state in (State.RELEASED, State.REFUSED):
            raise Conflict(
                "This visit is no longer yours. Ring the desk if you are at the door.", code="no-longer-yours"
            )

    def _take(self, terms: Terms) -> None:
        for agreed in _AS_AGREED:
            setattr(self, agreed, getattr(terms, agreed))
        self.held_until = terms.ends_at
        self._be_at(terms.place)
        self.child_ids = list(terms.child_ids)
        self.children_born = list(terms.children_born)
        self.legs = [dict(leg) for leg in terms.legs]

    def _be_at(self, place: Place) -> None:
        self.place_id = place.place_id
        self.latitude = place.latitude
        self.longitude = place.longitude
        self.area = place.area

    def _forget_times(self) -> None:
        self.coming_at = self.set_out_at = self.expected_at = None
        self.started_at = self.ended_at = None
        self.handed_to = None
        self.presences = {}
        self.check_in = self.check_out = None
        self.review = None
