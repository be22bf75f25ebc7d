"""The desk's own: its choices, files it brings, calendars it gives out."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.roster.schemas.values import Amount
from shared.http.schema import Body, Out, Text


class PolicyIn(Body):
    """What the desk chooses from `valid_from` on, in minutes, metres, percent and counts; what it leaves out stays as it is."""

    valid_from: date
    missing_check_in_after_minutes: Amount | None = None
    missing_check_in_urgent_minutes: Amount | None = None
    missing_check_out_after_minutes: Amount | None = None
    missed_after_minutes: Amount | None = None
    earliest_check_in_minutes: Amount | None = None
    clock_skew_minutes: Amount | None = None
    late_after_minutes: Amount | None = None
    offline_after_minutes: Amount | None = None
    position_within_metres: Amount | None = None
    shift_pause_minutes: Amount | None = None
    coming_asked_minutes: Amount | None = None
    coming_silent_minutes: Amount | None = None
    escalate_low_minutes: Amount | None = None
    escalate_medium_minutes: Amount | None = None
    escalate_high_minutes: Amount | None = None
    escalate_critical_minutes: Amount | None = None
    tonight_at_minute: Amount | None = None
    concern_read_minutes: Amount | None = None
    card_hours_before: Amount | None = None
    card_hours_after: Amount | None = None
    overrun_minutes: Amount | None = None
    overrun_times: Amount | None = None
    pay_first_and_last_legs: Amount | None = None
    first_leg_from_metres: Amount | None = None
    longest_leg_km: Amount | None = None
    detour_foot_percent: Amount | None = None
    detour_bike_percent: Amount | None = None
    detour_public_transport_percent: Amount | None = None
    detour_car_percent: Amount | None = None
    measure_routes: Amount | None = None
    daily_rest_minutes: Amount | None = None
    weekly_rest_minutes: Amount | None = None
    longest_week_minutes: Amount | None = None
    longest_stretch_minutes: Amount | None = None
    break_after_minutes: Amount | None = None
    average_week_minutes: Amount | None = None
    nights_in_a_row: Amount | None = None
    tolerated_children: Amount | None = None
    tolerated_minutes: Amount | None = None
    late_evening_from_minute: Amount | None = None
    unsocial_credit_percent: Amount | None = None

    def choices(self) -> dict[str, int]:
        """Only what was chosen."""
        chosen: dict[str, int] = self.model_dump(exclude={"valid_from"}, exclude_none=True)
        return chosen


class ImportIn(Body):
    """A file to bring: `lrk` is the Dutch register as it is published, `carers` a plain table of the desk's own carers."""

    kind: Literal["lrk", "carers", "places"]
    file_name: Text


class ImportIdOut(Out):
    import_id: UUID


class ImportOut(Out):
    """How far an import is: waiting, reading, done or failed; lines by what became of them."""

    import_id: UUID
    kind: str
    file_name: str
    state: str
    bytes: int
    bytes_read: int
    line: int
    added: int
    changed: int
    unchanged: int
    skipped: int
    refused: int
    trouble: str
    begun_at: datetime
    ended_at: datetime | None


class ImportsOut(Out):
    rows: tuple[ImportOut, ...]


class RefusalOut(Out):
    """A line that was not taken over, and why."""

    line: int
    field: str
    why: str
    text: str


class RegisterEntryOut(Out):
    """A childminder as the country's register has them."""

    source: str
    number: str
    name: str
    holder: str
    registered: str
    registered_on: date | None
    ended_on: date | None
    places: int | None
    town: str
    municipality: str
    phone: str
    email: str
    url: str
    carer_id: UUID | None


class CalendarLinkOut(Out):
    """The address of a calendar feed: whoever has it reads it, so it is shown once. A new one ends the old one."""

    path: str


class CalendarStateOut(Out):
    given_at: datetime | None
