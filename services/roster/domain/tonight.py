"""Tonight's list: who is where and whom to ring, as a page and as text that can be read with the system down."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.domain.values import TimeWindow

# The list that is begun in the afternoon is tonight's until late the next morning.
_ENDS = time(11, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One visit of the night; nobody is named where none has it yet."""

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
    flag: str = ""


def night_of(now: datetime, zone: str, begins_minute: int) -> date | None:
    """The local day whose night it is now: from the desk's minute of that day until the next morning; None by day."""
    local = now.astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    if minute >= begins_minute:
        return local.date()
    if local.time() < _ENDS:
        return local.date() - timedelta(days=1)
    return None


def night_window(on: date, zone: str, begins_minute: int) -> TimeWindow:
    """From the desk's minute of the day until the next morning."""
    local = ZoneInfo(zone)
    begins = time(begins_minute // 60, begins_minute % 60)
    return TimeWindow(datetime.combine(on, begins, local), datetime.combine(on + timedelta(days=1), _ENDS, local))


def next_beginning(now: datetime, zone: str, begins_minute: int) -> datetime:
    """When the next list begins."""
    local = now.astimezone(ZoneInfo(zone))
    begins = time(begins_minute // 60, begins_minute % 60)
    today = datetime.combine(local.date(), begins, ZoneInfo(zone))
    return today if today > now else datetime.combine(local.date() + timedelta(days=1), begins, ZoneInfo(zone))


def as_text(
    desk: str, on: date, made_at: datetime, zone: str, lines: Sequence[Line], on_call: str, language: str
) -> str:
    """The list for a mail or a plain printer."""
    words = _WORDS.get(language, _WORDS["en"])
    local = ZoneInfo(zone)
    head = [
        f"{desk}: {words['title']} {on.isoformat()}",
        f"{words['made']} {made_at.astimezone(local):%Y-%m-%d %H:%M}. {words['on_call']}: {on_call or '-'}",
        "",
    ]
    body = [
        f"{_hours(line)}  {line.carer or words['nobody']}"
        f"{' ' + line.carer_phone if line.carer_phone else ''}\n"
        f"    {line.family}{', ' + line.address if line.address else ''}"
        f"{', ' + line.family_phone if line.family_phone else ''}"
        f" ({_count(line.children, words)}; {_state(line, words)})"
        for line in lines
    ]
    return "\n".join([*head, *(body or [words["none"]])]) + "\n"


def as_page(
    desk: str, on: date, made_at: datetime, zone: str, lines: Sequence[Line], on_call: str, language: str
) -> str:
    """The list as a page that needs nothing else: it is opened from a folder and printed."""
    words = _WORDS.get(language, _WORDS["en"])
    code = language if language in _WORDS else "en"
    local = ZoneInfo(zone)
    rows = "\n".join(
        "<tr"
        + (' class="nobody"' if not line.carer else "")
        + f"><td>{_e(_hours(line))}</td>"
        + f"<td>{_e(line.carer or words['nobody'])}<br>{_phone(line.carer_phone)}</td>"
        + f"<td>{_e(line.family)}<br>{_phone(line.family_phone)}</td>"
        + f"<td>{_e(line.address)}</td><td>{_e(_count(line.children, words))}</td><td>{_e(_state(line, words))}</td></tr>"
        for line in lines
    )
    titles = "".join(
        f'<th scope="col">{_e(words[name])}</th>' for name in ("when", "carer", "family", "where", "who", "how")
    )
    table = (
        f"<table><thead><tr>{titles}</tr></thead><tbody>{rows}</tbody></table>"
        if lines
        else f"<p>{_e(words['none'])}</p>"
    )
    made = f"{_e(words['made'])} {made_at.astimezone(local):%Y-%m-%d %H:%M}"
    return (
        f'<!doctype html><html lang="{code}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{_e(words["title"])} {on.isoformat()}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{_e(desk)}: {_e(words['title'])} {on.isoformat()}</h1>"
        f"<p>{made}. {_e(words['on_call'])}: <b>{_e(on_call or '-')}</b></p>{table}</body></html>\n"
    )


def _hours(line: Line) -> str:
    local = ZoneInfo(line.zone)
    start, end = line.start.astimezone(local), line.end.astimezone(local)
    later = f" (+{(end.date() - start.date()).days})" if end.date() > start.date() else ""
    return f"{start:%a %H:%M}-{end:%H:%M}{later}"


def _count(children: int, words: Mapping[str, str]) -> str:
    return f"{children} {words['child' if children == 1 else 'children']}"


def _state(line: Line, words: Mapping[str, str]) -> str:
    state = words.get(line.state, line.state)
    return f"{state}, {words.get(line.flag, line.flag)}" if line.flag else state


def _phone(number: str) -> str:
    return f'<a href="tel:{_e(number.replace(" ", ""))}">{_e(number)}</a>' if number else ""


def _e(text: str) -> str:
    return html.escape(text)


_STYLE = (
    "body{font:13px/1.4 sans-serif;margin:16px}h1{font-size:18px;margin:0 0 4px}table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #999;padding:4px 6px;text-align:left;vertical-align:top}tr.nobody td{font-weight:bold}"
    "tr{break-inside:avoid}a{color:inherit}"
)
_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "tonight",
        "made": "As known at",
        "on_call": "On duty",
        "none": "No visits tonight.",
        "nobody": "NOBODY YET",
        "when": "When",
        "carer": "Who comes",
        "family": "To whom",
        "where": "Where",
        "who": "Children",
        "how": "How it stands",
        "child": "child",
        "children": "children",
        "open": "nobody found yet",
        "rostered": "planned",
        "on_the_way": "on the way",
        "started": "running",
        "completed": "over",
        "missed": "missed",
        "cancelled": "cancelled",
        "missing_check_in": "has not checked in",
        "missing_check_out": "has not checked out",
        "carer_absent": "the carer is absent",
        "not_confirmed": "has not confirmed",
        "nobody_came": "nobody came for the children",
        "next_at_risk": "the carer is held elsewhere",
    },
    "nl": {
        "title": "vanavond",
        "made": "Zoals bekend om",
        "on_call": "Wacht",
        "none": "Geen bezoeken vanavond.",
        "nobody": "NOG NIEMAND",
        "when": "Wanneer",
        "carer": "Wie komt",
        "family": "Bij wie",
        "where": "Waar",
        "who": "Kinderen",
        "how": "Hoe het staat",
        "child": "kind",
        "children": "kinderen",
        "open": "nog niemand gevonden",
        "rostered": "gepland",
        "on_the_way": "onderweg",
        "started": "bezig",
        "completed": "voorbij",
        "missed": "gemist",
        "cancelled": "geannuleerd",
        "missing_check_in": "nog niet ingecheckt",
        "missing_check_out": "nog niet uitgecheckt",
        "carer_absent": "de opvanger is afwezig",
        "not_confirmed": "heeft niet bevestigd",
        "nobody_came": "niemand haalde de kinderen op",
        "next_at_risk": "de opvanger zit elders vast",
    },
    "fr": {
        "title": "ce soir",
        "made": "Situation à",
        "on_call": "De garde",
        "none": "Aucune garde ce soir.",
        "nobody": "PERSONNE ENCORE",
        "when": "Quand",
        "carer": "Qui vient",
        "family": "Chez qui",
        "where": "Où",
        "who": "Enfants",
        "how": "Où en est-on",
        "child": "enfant",
        "children": "enfants",
        "open": "personne encore",
        "rostered": "prévu",
        "on_the_way": "en route",
        "started": "en cours",
        "completed": "terminé",
        "missed": "manqué",
        "cancelled": "annulé",
        "missing_check_in": "arrivée non signalée",
        "missing_check_out": "départ non signalé",
        "carer_absent": "l'intervenante est absente",
        "not_confirmed": "n'a pas confirmé",
        "nobody_came": "personne n'est venu chercher les enfants",
        "next_at_risk": "l'intervenante est retenue ailleurs",
    },
}
