"""A desk's dated choices for its roster: when a visit counts as late or missed, who is rung when, what is paid."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from shared.domain.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Minutes, metres, percent and counts; of a limit 0 means the country's own.

    At the door: when a check-in or check-out is missing (sooner for a night, a baby or an emergency), when a visit is
    missed, how far a phone's clock, position and network may be off before somebody looks. `shift_pause_minutes` is how
    long a carer may wait between visits of one shift.

    At night: how long before a night the carer is asked whether they still come, and when silence alerts; how soon an
    alert of each severity goes on to the next on duty; when tonight's list is saved; how soon a concern is read.

    On a visit card: from how many hours before until how many after the visit all of it is shown.

    Families who come late: from how many minutes it counts, and how often on one weekday before the desk is told.

    Travel: whether the first and last legs are paid, and from which length on; the road in percent of the straight line
    by mode; the longest leg that can be; whether routes are measured by the installation's engine.

    Limits: what the desk asks beyond the country. Ratio: how many children more it tolerates, for how long at most,
    where somebody says so for a carer and a time. Months: from which minute of the day an evening is late, and the
    credit for unsocial hours in percent.
    """

    missing_check_in_after_minutes: int
    missing_check_in_urgent_minutes: int
    missing_check_out_after_minutes: int
    missed_after_minutes: int
    earliest_check_in_minutes: int
    clock_skew_minutes: int
    late_after_minutes: int
    offline_after_minutes: int
    position_within_metres: int
    shift_pause_minutes: int
    coming_asked_minutes: int
    coming_silent_minutes: int
    escalate_low_minutes: int
    escalate_medium_minutes: int
    escalate_high_minutes: int
    escalate_critical_minutes: int
    tonight_at_minute: int
    concern_read_minutes: int
    card_hours_before: int
    card_hours_after: int
    overrun_minutes: int
    overrun_times: int
    pay_first_and_last_legs: int
    first_leg_from_metres: int
    longest_leg_km: int
    detour_foot_percent: int
    detour_bike_percent: int
    detour_public_transport_percent: int
    detour_car_percent: int
    measure_routes: int
    daily_rest_minutes: int
    weekly_rest_minutes: int
    longest_week_minutes: int
    longest_stretch_minutes: int
    break_after_minutes: int
    average_week_minutes: int
    nights_in_a_row: int
    tolerated_children: int
    tolerated_minutes: int
    late_evening_from_minute: int
    unsocial_credit_percent: int


# The highest a choice may be, where one that is too high can't be meant.
_MOST = {
    "tonight_at_minute": 24 * 60 - 1,
    "late_evening_from_minute": 24 * 60,
    "tolerated_children": 10,
    "pay_first_and_last_legs": 1,
    "measure_routes": 1,
    "unsocial_credit_percent": 100,
}
_LEAST = {
    "missed_after_minutes": 1,
    "escalate_low_minutes": 1,
    "escalate_medium_minutes": 1,
    "escalate_high_minutes": 1,
    "escalate_critical_minutes": 1,
    "overrun_times": 2,
    "longest_leg_km": 1,
}
_DETOURS = ("detour_foot_percent", "detour_bike_percent", "detour_public_transport_percent", "detour_car_percent")


def policy_of(choices: Mapping[str, int]) -> Policy:
    """A policy with every choice made."""
    return Policy(**choices)


def changed(policy: Policy, choices: Mapping[str, int]) -> Policy:
    """The policy with some choices made anew. Raises Invalid for one we don't know or one that can't be meant."""
    known = {field.name for field in fields(Policy)}
    for name, value in choices.items():
        if name not in known:
            raise Invalid(f"{name} is not a choice of the roster's policy.", pointer=f"#/choices/{name}")
        least = _LEAST.get(name, 0)
        if value < least:
            raise Invalid(f"{name} is {least} or more.", pointer=f"#/choices/{name}")
        if value > _MOST.get(name, value):
            raise Invalid(f"{name} is {_MOST[name]} or less.", pointer=f"#/choices/{name}")
        if name in _DETOURS and 0 < value < 100:
            raise Invalid(
                "No road is shorter than the straight line: 100 percent or more, or 0 for the country's own.",
                pointer=f"#/choices/{name}",
            )
    made = replace(policy, **choices)
    if made.coming_silent_minutes >= made.coming_asked_minutes and made.coming_asked_minutes:
        raise Invalid(
            "Silence can only be noticed after the question: ask earlier, or wait less.",
            pointer="#/choices/coming_silent_minutes",
        )
    return made
