"""A desk's dated choices for its roster: when a visit counts as late, missing or missed, and when a shift ends."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from shared.domain.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Minutes and metres; `shift_pause_minutes` is how long a carer may wait between visits of one shift."""

    missing_check_in_after_minutes: int
    missing_check_out_after_minutes: int
    missed_after_minutes: int
    earliest_check_in_minutes: int
    clock_skew_minutes: int
    late_after_minutes: int
    offline_after_minutes: int
    position_within_metres: int
    shift_pause_minutes: int


def policy_of(choices: Mapping[str, int]) -> Policy:
    """A policy with every choice made."""
    return Policy(**choices)


def changed(policy: Policy, choices: Mapping[str, int]) -> Policy:
    """The policy with some choices made anew. Raises Invalid for one we don't know or one below zero."""
    known = {field.name for field in fields(Policy)}
    for name, value in choices.items():
        if name not in known:
            raise Invalid(f"{name} is not a choice of the roster's policy.", pointer=f"#/choices/{name}")
        if value < 0:
            raise Invalid(f"{name} is 0 or more.", pointer=f"#/choices/{name}")
    return replace(policy, **choices)
