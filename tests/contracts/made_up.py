"""One night of care in Brighton, from which every event's sample is made: values by what a field is called."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID, uuid5

T = TypeVar("T")

_NAMES = UUID("b1a5f0b6-8a5b-4a86-9a0c-4d1f4c1f7e10")
# The night in which the clocks go back.
_START, _END = datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 10, 25, 6, tzinfo=UTC)
_SAID_AT = datetime(2026, 10, 19, 9, tzinfo=UTC)

# By `Class.field`, else by the field's name, else by its type.
_VALUES: Mapping[str, Any] = {
    "address": "12 Example Terrace, Hove",
    "affiliation": "independent",
    "allergies": ("peanut",),
    "area": "Hove",
    "at": _START,
    "born": date(2023, 5, 1),
    "by": "family",
    "care_needs": ("asthma",),
    "channels": ("phone", "email"),
    "code": "night",
    "country": "en",
    "credit_note_number": "BRI-2026-C0001",
    "currency": "GBP",
    "decides": "desk",
    "due_at": _START,
    "due_on": date(2026, 11, 9),
    "email": "ames@example.org",
    "end": _END,
    "ended_at": _END,
    "expires_at": datetime(2026, 10, 19, 10, tzinfo=UTC),
    "flexible_after_minutes": 30,
    "flexible_before_minutes": 30,
    "first_monday": date(2026, 10, 19),
    "first_name": "Kit",
    "form_of_address": "Dr",
    "how": "crow_flies",
    "introduction": "waived",
    "kind": "care",
    "language": "en",
    "languages": ("en", "fr"),
    "last_name": "Field",
    "latitude": 50.8225,
    "longitude": -0.1372,
    "max_distance_km": 20,
    "mode": "family_home",
    "modes": ("family_home", "carer_home"),
    "must": ("no_pets",),
    "name": "Ames",
    "number": "BRI-2026-0001",
    "on": date(2026, 10, 25),
    "opt_ins": ("nights", "weekends"),
    "party": "family",
    "per": "household",
    "pets": ("cat",),
    "phone": "+44 1273 555 014",
    "role": "carer",
    "price_ceiling_minor": 2500,
    "rounding": "up",
    "rule": "overlap",
    "sentence": "Ada would have 7 hours of rest; 11 are needed.",
    "severity": "warning",
    "skills": ("first_aid",),
    "start": _START,
    "started_at": _START,
    "starts_at": _START,
    "stranger": False,
    "transport": "car",
    "travel_rule": "equal",
    "urgency": "planned",
    "valid_from": date(2026, 1, 1),
    "valid_until": date(2026, 12, 31),
    "weekdays": (5, 6),
    "wishes": ("language:fr",),
    "zone": "Europe/London",
    "AlertRaised.kind": "missing_check_in",
    "CareRequestUnfilled.reasons": (("availability", 31), ("distance", 6)),
    "CarerAbsent.reason": "sick",
    "CarerFacts.distances_km": (("nights", 5),),
    "CarerFacts.first_name": "Ada",
    "CredentialFacts.kind": "good_conduct",
    "DeskFacts.name": "Brighton Evening Desk",
    "DispatcherCalled.reason": "nobody_left",
    "LeaveBy.at": time(22),
    "OfferWithdrawn.reason": "taken",
    "OptionFacts.first_name": "Ada",
    "QuietHours.end": time(7),
    "QuietHours.start": time(22),
    "RelaxationFacts.code": "distance",
    "TariffBand.from_minute": 22 * 60,
    "TariffBand.until_minute": 7 * 60,
    "VisitLeg.kind": "pick_up",
    "VisitRefused.reason": "rest",
    "VisitTerms.version": 1,
    "VisitUnassigned.reason": "carer_absent",
    "WeeklyHours.end": time(8),
    "WeeklyHours.start": time(18),
}
_IDS = {
    "excluded_carer": "a carer they had trouble with",
    "excluded_family": "a family they had trouble with",
    "from_carer": "carer",
    "host_family": "family",
    "backup_carer": "other carer",
    "to_carer": "other carer",
    "merged_family": "other family",
    "remainder_family": "family",
    "favourite_carer": "carer",
    "ask_first_carer": "carer",
    "only_carer": "carer",
    "person": "carer",
    "removed_visit": "a visit no longer wanted",
}
# A thing's first word has version 1; what comes after it has one more.
_LATER = (
    "Changed",
    "Amended",
    "Started",
    "Declined",
    "Accepted",
    "Expired",
    "Withdrawn",
    "Unassigned",
    "Closed",
    "Ended",
)
_LAST = ("Completed", "Cancelled", "Missed", "Erased", "Merged", "Paid")


def made_up(kind: type[T]) -> T:
    """A dataclass of the contracts with a value in each of its fields; the same each time."""
    hints = get_type_hints(kind)
    values = {each.name: _value(kind, each.name, hints[each.name]) for each in fields(kind)}  # type: ignore[arg-type]
    # A yes or no that has a default means the ordinary case by it.
    values |= {each.name: each.default for each in fields(kind) if isinstance(each.default, bool)}  # type: ignore[arg-type]
    return kind(**values)


def _value(kind: type, name: str, hint: Any) -> Any:
    if name == "version" and kind.__name__.endswith((*_LATER, *_LAST)):
        return 3 if kind.__name__.endswith(_LAST) else 2
    known = next((_VALUES[key] for key in (f"{kind.__name__}.{name}", name) if key in _VALUES), None)
    if known is not None and _fits(known, hint):
        return known
    return _of_type(name, hint)


def _fits(value: Any, hint: Any) -> bool:
    """Whether what is known of the name is of the field's type: `start` is an instant here and a time of day there."""
    inner = _without_none(hint)
    if get_origin(inner) is tuple:
        return isinstance(value, tuple)
    return type(value) is inner


def _of_type(name: str, hint: Any) -> Any:
    inner = _without_none(hint)
    if get_origin(inner) is tuple:
        first, *rest = get_args(inner)
        if rest != [...]:
            return tuple(_of_type(name, each) for each in (first, *rest))
        if first is UUID:
            return tuple(map(_id, _many(name.removesuffix("_ids"))))
        return (_of_type(name, first),)
    if is_dataclass(inner) and isinstance(inner, type):
        return made_up(inner)
    if inner is UUID:
        return _id(name.removesuffix("_id"))
    plain = {bool: False, int: 1, float: 1.0, str: f"a {name.replace('_', ' ')}", date: date(2026, 10, 26)}
    return {**plain, datetime: _SAID_AT, time: time(18)}[inner]


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        (inner,) = (each for each in get_args(hint) if each is not NoneType)
        return inner
    return hint


def _many(name: str) -> tuple[str, ...]:
    return (name, f"other {name}") if name == "family" else (name,)


def _id(name: str) -> UUID:
    return uuid5(_NAMES, _IDS.get(name, name))
