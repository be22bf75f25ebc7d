"""A parent's roster as it arrives: a spreadsheet's CSV in whatever encoding, or a calendar file; every bad line named."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from shared.domain.errors import Invalid

MOST_LINES = 2000
_LONGEST_SHOWN = 60
_DELIMITERS = ";,\t|"
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y", "%d-%m-%y", "%d.%m.%y", "%Y%m%d")
_TIME = re.compile(r"(\d{1,2})\s*[:hHuU.]?\s*(\d{2})?(?::\d{2})?")
_STRETCH = re.compile(r"(.+?)\s*(?:-|–|tot|to|until|à)\s*(.+)")
# What the columns of a roster are called in the languages of our desks.
_NAMES = {
    "day": {"date", "day", "datum", "dag", "jour", "journée"},
    "start": {"start", "from", "begin", "begint", "van", "aanvang", "de", "début", "debut", "starttijd", "begintijd"},
    "end": {"end", "until", "to", "eind", "einde", "tot", "fin", "à", "a", "eindtijd"},
    "hours": {"hours", "shift", "uren", "dienst", "heures", "horaire", "service"},
}
_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A stretch of work on the clock of the home, from the line it was read from."""

    line: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """A line that can't be used, why, and what it said (shortened)."""

    line: int
    code: str
    sentence: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What was read. `first_day` and `last_day` are those the good lines are about."""

    shifts: tuple[Shift, ...]
    bad_lines: tuple[BadLine, ...]

    @property
    def first_day(self) -> date | None:
        return min((shift.start.date() for shift in self.shifts), default=None)

    @property
    def last_day(self) -> date | None:
        return max((shift.start.date() for shift in self.shifts), default=None)


class _Bad(Exception):
    """This line, for this reason."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


def read_schedule(content: bytes, zone: str, *, today: date, last_day: date) -> Schedule:
    """Read a roster of days from today through `last_day`, on the clock of `zone`.

    Raises Invalid for what is neither CSV nor iCalendar, is empty, or has more lines than anybody works days.
    """
    text = decoded(content)
    if not text.strip():
        raise Invalid("The file is empty.", pointer="#/content")
    if text.lstrip().upper().startswith("BEGIN:VCALENDAR"):
        found, bad = _calendar(text, zone, today, last_day)
    else:
        found, bad = _table(text)
    shifts, more = _sound(found, today, last_day, dict(enumerate(text.splitlines(), 1)))
    return Schedule(shifts=tuple(shifts), bad_lines=tuple(sorted([*bad, *more], key=lambda each: each.line)))


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8 or UTF-16 by its mark, else UTF-8, else Western European as old spreadsheets write it."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError as error:
                raise _unreadable() from error
    for encoding in ("utf-8", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            raise _unreadable()
        return text
    raise _unreadable()


def _unreadable() -> Invalid:
    return Invalid(
        "This is no text: save the roster as CSV, or export it as a calendar (.ics).",
        pointer="#/content",
        code="not-text",
    )


def _table(text: str) -> tuple[list[Shift], list[BadLine]]:
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        raise Invalid(f"A roster has {MOST_LINES} lines at most; this has {len(lines)}.", pointer="#/content")
    delimiter = max(_DELIMITERS, key=lambda each: sum(each in line for line in lines[:20]))
    columns: dict[str, int] | None = None
    shifts, bad = [], []
    for number, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in next(csv.reader(io.StringIO(line), delimiter=delimiter), [])]
        if not any(cells):
            continue
        named = _header(cells)
        if columns is None and named is not None:
            columns = named
            continue
        try:
            shifts.append(_shift(number, cells, columns or {"day": 0, "start": 1, "end": 2}))
        except _Bad as why:
            bad.append(BadLine(line=number, code=why.code, sentence=why.sentence, said=line[:_LONGEST_SHOWN]))
    if not shifts and not bad:
        raise Invalid("The file has no line with a day and its hours.", pointer="#/content")
    return shifts, bad


def _header(cells: list[str]) -> dict[str, int] | None:
    found: dict[str, int] = {}
    for number, cell in enumerate(cells):
        for name, known in _NAMES.items():
            if cell.casefold().strip(" :") in known:
                found.setdefault(name, number)
    return found if "day" in found and ("start" in found or "hours" in found) else None


def _shift(number: int, cells: list[str], columns: dict[str, int]) -> Shift:
    def cell(name: str) -> str:
        place = columns.get(name)
        return cells[place] if place is not None and place < len(cells) else ""

    start, end = cell("start"), cell("end")
    if not start and cell("hours"):
        stretch = _STRETCH.fullmatch(cell("hours"))
        if stretch is None:
            raise _Bad("hours", f"{cell('hours')!r} is no stretch of time such as 06:00-14:00.")
        start, end = stretch.groups()
    for name, value in (("day", cell("day")), ("start", start), ("end", end)):
        if not value:
            raise _Bad("missing", f"The {name} is missing.")
    day = _date(cell("day"))
    opens, closes = _at(day, start), _at(day, end)
    if closes <= opens:
        closes += timedelta(days=1)
    return Shift(line=number, start=opens, end=closes)


def _date(written: str) -> date:
    for form in _DATES:
        try:
            return datetime.strptime(written.split(" ")[-1] if " " in written else written, form).date()  # noqa: DTZ007
        except ValueError:
            continue
    raise _Bad("day", f"{written!r} is no day. Write it as 2026-10-24 or 24/10/2026.")


def _at(day: date, written: str) -> datetime:
    found = _TIME.fullmatch(written)
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
    if len(written) == 4 and written.isdecimal():
        hour, minute = int(written[:2]), int(written[2:])
    if (hour, minute) == (24, 0):
        return datetime.combine(day + timedelta(days=1), time())
    if hour > 23 or minute > 59:
        raise _Bad("time", f"{written!r} is no time of day. Write it as 06:30; midnight is 00:00 or 24:00.")
    return datetime.combine(day, time(hour, minute))


def _calendar(text: str, zone: str, today: date, last_day: date) -> tuple[list[Shift], list[BadLine]]:
    shifts, bad = [], []
    events = list(_events(text))
    if len(events) > MOST_LINES:
        raise Invalid(f"A calendar has {MOST_LINES} events at most; this has {len(events)}.", pointer="#/content")
    zones = "".join(block for _, block in _blocks(text, "VTIMEZONE"))
    for line, event in events:
        try:
            shifts += list(_occurrences(line, zones, event, zone, today, last_day))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            sentence = "This event can't be read: check its start, end and repetition."
            if isinstance(error, _Unusable):
                sentence = str(error)
            bad.append(BadLine(line=line, code="event", sentence=sentence, said=_summary(event)))
    return shifts, bad


class _Unusable(ValueError):
    """An event that is no shift, in words."""


def _occurrences(line: int, zones: str, event: str, zone: str, today: date, last_day: date) -> Iterator[Shift]:
    calendar = icalendar.Calendar.from_ical(
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//roster//\r\n{zones}{event}END:VCALENDAR\r\n"
    )
    (parsed,) = calendar.walk("VEVENT")
    if parsed.errors:
        raise _Unusable(f"{parsed.errors[0][0]} can't be read.")
    if str(parsed.get("STATUS", "")).upper() == "CANCELLED":
        return
    rule = parsed.get("RRULE")
    if rule is not None and set(rule.get("FREQ", [])) & _OFTEN:
        raise _Unusable("This event repeats more often than once a day.")
    local = ZoneInfo(zone)
    begin = datetime.combine(today - timedelta(days=1), time(), local)
    end = datetime.combine(last_day + timedelta(days=1), time(), local)
    found = recurring_ical_events.of(calendar, skip_bad_series=False).between(begin, end)
    if not found and rule is None:
        found = [parsed]
    for each in found:
        starts, ends = each.start, each.end
        if not isinstance(starts, datetime) or not isinstance(ends, datetime):
            raise _Unusable("This event is about a whole day: it has no hours.")
        yield Shift(line=line, start=_on_clock(starts, local), end=_on_clock(ends, local))


def _on_clock(at: datetime, local: ZoneInfo) -> datetime:
    return (at if at.tzinfo is None else at.astimezone(local)).replace(tzinfo=None, fold=0)


def _events(text: str) -> Iterator[tuple[int, str]]:
    return _blocks(text, "VEVENT")


def _blocks(text: str, name: str) -> Iterator[tuple[int, str]]:
    """Each block of this name with the line it begins on."""
    begins = 0
    kept: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip().upper() == f"BEGIN:{name}":
            begins, kept = number, []
        if begins:
            kept.append(line)
        if line.strip().upper() == f"END:{name}" and begins:
            yield begins, "\r\n".join(kept) + "\r\n"
            begins = 0


def _summary(event: str) -> str:
    found = re.search(r"^SUMMARY[^:]*:(.*)$", event, re.MULTILINE)
    return found[1].strip()[:_LONGEST_SHOWN] if found else ""


def _sound(found: list[Shift], today: date, last_day: date, lines: dict[int, str]) -> tuple[list[Shift], list[BadLine]]:
    """Those in reach that don't lie upon another; of two that do, the later line gives way."""
    kept: list[Shift] = []
    bad = []
    for shift in sorted(found, key=lambda each: (each.line, each.start)):
        why = _why_not(shift, kept, today, last_day)
        if why is None:
            kept.append(shift)
        else:
            said = lines.get(shift.line, "")[:_LONGEST_SHOWN]
            bad.append(BadLine(line=shift.line, code=why[0], sentence=why[1], said=said))
    return sorted(kept, key=lambda each: each.start), bad


def _why_not(shift: Shift, kept: list[Shift], today: date, last_day: date) -> tuple[str, str] | None:
    day = shift.start.date()
    if shift.end <= shift.start:
        return "order", "It ends before it starts."
    if day < today:
        return "past", f"{day.isoformat()} is over."
    if day > last_day:
        return "far", f"{day.isoformat()} is too far ahead: visits are planned until {last_day.isoformat()}."
    if any(other.start < shift.end and shift.start < other.end for other in kept):
        return "overlap", "It overlaps another line of this roster."
    return None
