"""Who may come: hard rules, cheapest first, each saying no with a code, a plain sentence and its source."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from services.matching.domain.availability import covered_until, touches, weekdays_of
from services.matching.domain.calendar import Calendar
from services.matching.domain.carer import Busy
from services.matching.domain.need import CARER_HOME, FAMILY_HOME
from shared.domain import ratios, working_time
from shared.domain.credentials import Reason, missing
from shared.domain.ratios import ChildPresence
from shared.domain.travel import haversine_km

CARERS_WISH = "the carer's own wish"
CARERS_CALENDAR = "the carer's calendar"
FAMILYS_WISH = "the family's wish"
DESKS_POLICY = "the desk's policy"
_REASONS = {
    Reason.NEVER_HELD: "is not on record",
    Reason.NOT_YET_VALID: "is not valid yet",
    Reason.EXPIRED: "has expired",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuledOut:
    """Why not this carer: the rule's code, its numbers in a sentence, and whose rule it is."""

    code: str
    sentence: str
    source: str


Check = Callable[[Calendar], RuledOut | None]


def rule_out(calendar: Calendar) -> RuledOut | None:
    """The first rule that says no to this carer for this need, or None: then they may be asked."""
    return _first(ALL, calendar)


def unsafe(calendar: Calendar) -> RuledOut | None:
    """The first rule that not even the carer's own yes can set aside, or None.

    What is left out are wishes of the carer (hours, distance, opt-ins): saying yes to a visit changes those.
    """
    return _first(SAFETY, calendar)


def excluded(calendar: Calendar) -> RuledOut | None:
    """The family asked not to be sent this carer."""
    if any(calendar.carer.carer_id in visit.excluded_carer_ids for visit in calendar.need.visits):
        return RuledOut(code="excluded", sentence="The family asked for somebody else.", source=FAMILYS_WISH)
    return None


def refused(calendar: Calendar) -> RuledOut | None:
    """The roster or the desk said no to this carer for these very terms."""
    for carer_id, sentence in calendar.need.refused:
        if carer_id == calendar.carer.carer_id:
            return RuledOut(code="refused", sentence=sentence, source=CARERS_CALENDAR)
    return None


def mode(calendar: Calendar) -> RuledOut | None:
    """The carer works where care is asked for."""
    if calendar.need.mode in calendar.carer.modes:
        return None
    where = "their own home" if calendar.need.mode == CARER_HOME else "the family's home"
    return RuledOut(code="mode", sentence=f"They don't care for children at {where}.", source=CARERS_WISH)


def skills(calendar: Calendar) -> RuledOut | None:
    """The carer can do what every visit asks for."""
    asked = {skill for visit in calendar.need.visits for skill in visit.skills}
    lacking = sorted(asked - set(calendar.carer.skills))
    if not lacking:
        return None
    return RuledOut(
        code="skills", sentence=f"Asked for and not among their skills: {_list(lacking)}.", source=CARERS_WISH
    )


def opt_ins(calendar: Calendar) -> RuledOut | None:
    """The carer opted in to nights, weekends, single visits, or a sick child, where the need is one."""
    need, rules, has = calendar.need, calendar.rules, calendar.carer.opt_ins
    asked = []
    if need.urgent:
        asked.append(("sick_child", "urgent requests and sick children"))
    elif need.occasional:
        asked.append(("occasional", "single visits"))
    if touches(need.window, need.zone, rules.night_starts, rules.night_ends):
        asked.append(("nights", f"nights ({rules.night_starts:%H:%M} to {rules.night_ends:%H:%M})"))
    if weekdays_of(need.window, need.zone) & set(rules.weekend_days):
        asked.append(("weekends", "weekends"))
    for code, words in asked:
        if code not in has:
            return RuledOut(code=f"opt_in.{code}", sentence=f"They did not opt in to {words}.", source=CARERS_WISH)
    return None


def distance(calendar: Calendar) -> RuledOut | None:
    """Not farther than the carer travels; to a childminder, not farther than a family is asked to bring a child."""
    home = calendar.carer.home
    for visit in calendar.need.visits:
        place = visit.place or visit.home
        at_carers = visit.mode == CARER_HOME
        most = calendar.rules.carer_home_longest_km if at_carers else calendar.carer.max_distance_km
        km = haversine_km(home.latitude, home.longitude, place.latitude, place.longitude)
        if km > most:
            source, whose = (DESKS_POLICY, "a family is asked to go") if at_carers else (CARERS_WISH, "they travel")
            sentence = f"{km:.1f} km away, and {whose} at most {most} km."
            return RuledOut(code="distance", sentence=sentence, source=source)
    return None


def absence(calendar: Calendar) -> RuledOut | None:
    """The carer has not said that they can't come."""
    for away in calendar.carer.absences:
        if away.overlaps(calendar.need.window):
            zone = calendar.need.zone
            sentence = f"Away from {_at(away.start, zone)} to {_at(away.end, zone)}."
            return RuledOut(code="absent", sentence=sentence, source=CARERS_CALENDAR)
    return None


def availability(calendar: Calendar) -> RuledOut | None:
    """The carer's weekly hours cover the visit without a gap, nights across midnight included."""
    window, zone = calendar.need.window, calendar.need.zone
    until = covered_until(calendar.carer.hours, calendar.carer.hours_zone, window)
    if until >= window.end:
        return None
    if until == window.start:
        sentence = f"Not free on {_at(window.start, zone)}, when the visit starts."
    else:
        sentence = f"Free until {_at(until, zone)}; the visit lasts until {_at(window.end, zone)}."
    return RuledOut(code="availability", sentence=sentence, source=CARERS_WISH)


def credentials(calendar: Calendar) -> RuledOut | None:
    """Every paper the country asks for in this mode is good on every minute of the visit."""
    need, rules = calendar.need, calendar.rules
    lacking = missing(rules.credentials[need.mode], calendar.carer.credentials, need.window, need.zone)
    if not lacking:
        return None
    paper = lacking[0]
    words = f"Their {paper.kind.replace('_', ' ')} {_REASONS[paper.reason]} on {_at(paper.at, need.zone)}"
    sentence = f"{words}; {len(lacking)} papers are missing in all." if len(lacking) > 1 else f"{words}."
    return RuledOut(code="credentials", sentence=sentence, source=rules.credential_sources[need.mode])


def overlap(calendar: Calendar) -> RuledOut | None:
    """The carer isn't somewhere else at that time."""
    for other in calendar.beside:
        if other.place.place_id != calendar.place.place_id:
            return RuledOut(code="overlaps", sentence=f"Busy {_span(other, calendar)}.", source=CARERS_CALENDAR)
    return None


def consent(calendar: Calendar) -> RuledOut | None:
    """Two families are cared for at once at a family's home only where both agreed to share."""
    if calendar.need.mode != FAMILY_HOME:
        return None
    for other in calendar.beside:
        if other.shared_care_id is None or any(
            visit.shared_care_id != other.shared_care_id for visit in calendar.need.visits
        ):
            sentence = f"With a family there {_span(other, calendar)} that has not agreed to share."
            return RuledOut(code="consent", sentence=sentence, source=FAMILYS_WISH)
    return None


def travel(calendar: Calendar) -> RuledOut | None:
    """There is time for the way from the visit before and to the visit after."""
    need, zone = calendar.need, calendar.need.zone
    if (before := calendar.before) is not None:
        way = calendar.leg(before.place, calendar.place).minutes
        gap = int((need.window.start - before.window.end).total_seconds()) // 60
        if gap < way:
            sentence = f"Busy until {_at(before.window.end, zone)}, {way} min away; this visit starts {gap} min later."
            return RuledOut(code="too-far", sentence=sentence, source=CARERS_CALENDAR)
    if (after := calendar.after) is not None:
        way = calendar.leg(calendar.place, after.place).minutes
        gap = int((after.window.start - need.window.end).total_seconds()) // 60
        if gap < way:
            sentence = f"Busy from {_at(after.window.start, zone)}, {way} min away; this visit ends {gap} min before."
            return RuledOut(code="too-far", sentence=sentence, source=CARERS_CALENDAR)
    return None


def ratio(calendar: Calendar) -> RuledOut | None:
    """No more children at once than the country allows, at any moment, by the ages of that day."""
    need, carer = calendar.need, calendar.carer
    here = [
        ChildPresence(child_id=child.child_id, born=child.born, window=other.window)
        for other in calendar.beside
        if other.place.place_id == calendar.place.place_id
        for child in other.children
    ]
    new = [
        ChildPresence(child_id=child.child_id, born=child.born, window=visit.window)
        for visit in need.visits
        for child in visit.children
    ]
    breach = ratios.check_adding(here, new, calendar.rules.ratios[need.mode], need.zone, carer.own_children_born)
    if breach is None:
        return None
    start, end = _at(breach.window.start, need.zone), _at(breach.window.end, need.zone)
    sentence = f"{breach.children} children ({breach.cap}) from {start} to {end}, where {breach.most} are allowed."
    return RuledOut(code="ratio", sentence=sentence, source=breach.source)


def rest(calendar: Calendar) -> RuledOut | None:
    """With this visit the carer still has their rest and works no longer than allowed; travel counts as work."""
    way = calendar.minutes_from_home(calendar.place)
    breach = working_time.check(
        calendar.work(),
        calendar.need.window,
        calendar.rules.working_time,
        travel_before_minutes=way,
        travel_after_minutes=way,
        zone=calendar.need.zone,
        stays=working_time.stays_at(
            [
                *((each.place.place_id, each.window) for each in calendar.busy),
                (calendar.place.place_id, calendar.need.window),
            ]
        ),
    )
    if breach is None:
        return None
    since = _at(breach.window.start, calendar.need.zone)
    sentence = f"{working_time.sentence(breach)} Counted from {since} on."
    return RuledOut(code="rest", sentence=sentence, source=breach.source)


# Cheapest first, and what looks at the calendar last: most carers never get that far.
ALL: Sequence[Check] = (
    excluded,
    refused,
    mode,
    skills,
    distance,
    opt_ins,
    absence,
    availability,
    credentials,
    overlap,
    consent,
    travel,
    ratio,
    rest,
)
SAFETY: Sequence[Check] = (excluded, refused, mode, absence, credentials, overlap, consent, travel, ratio, rest)


def _first(checks: Sequence[Check], calendar: Calendar) -> RuledOut | None:
    for check in checks:
        if (said := check(calendar)) is not None:
            return said
    return None


def _at(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%a %d %b %H:%M}"


def _span(other: Busy, calendar: Calendar) -> str:
    zone = calendar.need.zone
    return f"from {_at(other.window.start, zone)} to {_at(other.window.end, zone)}"


def _list(words: Sequence[str]) -> str:
    return ", ".join(word.replace("_", " ") for word in words)
