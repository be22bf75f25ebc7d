"""The pages' words and numbers in the reader's language: gettext catalogues read at start, dates and money by babel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, get_currency_precision
from babel.support import NullTranslations, Translations

LOCALE = Path(__file__).parent / "locale"
# Each language by its own name, and the region whose habits of date and number it follows.
LANGUAGES = {"en": "English", "nl": "Nederlands", "fr": "Français"}
_REGIONS = {"en": "en_GB", "nl": "nl_BE", "fr": "fr_BE"}
DEFAULT = "en"


@cache
def catalogue(language: str) -> NullTranslations:
    """The translations of one language, a file for each part of the pages; English needs none."""
    if language == DEFAULT:
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, messages(language))
    compiled.seek(0)
    return Translations(compiled)


def messages(language: str) -> Catalog:
    """Every message of a language. Raises ValueError for one that two files translate."""
    found = Catalog(locale=language)
    for source in sorted((LOCALE / language / "LC_MESSAGES").glob("*.po")):
        with source.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id and message.id in found:
                    raise ValueError(f"{source.name} translates again: {message.id}")
                found[message.id] = message
    return found


def best_of(accept_language: str) -> str:
    """The first language of a browser's wishes that we have."""
    for wish in accept_language.split(","):
        language = wish.split(";")[0].strip().lower().split("-")[0]
        if language in LANGUAGES:
            return language
    return DEFAULT


@dataclass(frozen=True, slots=True)
class Words:
    """How one reader reads: language, and the wall clock shown unless a visit names its own."""

    language: str
    zone: str

    @property
    def locale(self) -> Locale:
        return Locale.parse(_REGIONS[self.language])

    def say(self, message: str, **named: Any) -> str:
        """The message in the reader's language."""
        said = str(catalogue(self.language).ugettext(message))
        return said % named if named else said

    def local(self, instant: datetime | str, zone: str | None = None) -> datetime:
        """The instant on the wall clock of the zone."""
        read = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
        return read.astimezone(ZoneInfo(zone or self.zone))

    def clock(self, instant: datetime | str, zone: str | None = None) -> str:
        """18:42"""
        return format_time(self.local(instant, zone).timetz(), "HH:mm", locale=self.locale)

    def day(self, on: date | datetime | str, zone: str | None = None) -> str:
        """Tue 24 Nov"""
        return format_date(self._date(on, zone), "EEE d MMM", locale=self.locale)

    def long_day(self, on: date | datetime | str, zone: str | None = None) -> str:
        """Tuesday 24 November 2026"""
        return format_date(self._date(on, zone), "EEEE d MMMM y", locale=self.locale)

    def dated(self, on: date | datetime | str, zone: str | None = None) -> str:
        """24 Nov 2026"""
        return format_date(self._date(on, zone), "d MMM y", locale=self.locale)

    def moment(self, instant: datetime | str, zone: str | None = None) -> str:
        """24 Nov 18:42"""
        return format_datetime(self.local(instant, zone), "d MMM HH:mm", locale=self.locale)

    def weekday(self, number: int) -> str:
        """Monday is 0."""
        return str(self.locale.days["stand-alone"]["wide"][number])

    def hours(self, start: datetime | str, end: datetime | str, zone: str | None = None) -> str:
        """21:00–07:00, with how many days later it ends"""
        begins, ends = self.local(start, zone), self.local(end, zone)
        nights = (ends.date() - begins.date()).days
        later = ""
        if nights:
            days = catalogue(self.language).ungettext("day", "days", nights)
            later = f" (+{nights} {days})"
        return f"{self.clock(start, zone)}–{self.clock(end, zone)}{later}"

    def length(self, start: datetime | str, end: datetime | str) -> str:
        """Elapsed time, as a stopwatch counts it: 10 h, 7 h 30"""
        return self.minutes(_elapsed_minutes(start, end))

    def minutes(self, minutes: float) -> str:
        """45 min, 10 h, 7 h 30"""
        hours, rest = divmod(int(minutes), 60)
        if not hours:
            return f"{rest} min"
        return f"{hours} h {rest:02d}" if rest else f"{hours} h"

    def money(self, minor: int, currency: str) -> str:
        """€ 12,34: an integer of minor units as people write it"""
        return str(format_currency(major(minor, currency), currency, locale=self.locale))

    def rate(self, offer: Mapping[str, Any]) -> str:
        """What an hour of an offer is worth, the way there and back counted as hours too"""
        minutes = sum(_elapsed_minutes(visit["start"], visit["end"]) for visit in offer["visits"])
        hours = Fraction(minutes + int(offer["travel_minutes"]), 60)
        return self.money(round(offer["pay_minor"] / hours), offer["currency"])

    def number(self, value: float) -> str:
        """12,5"""
        return str(format_decimal(value, format="#,##0.##", locale=self.locale))

    def joined(self, words: Sequence[str]) -> str:
        """Mia, Noor and Sam"""
        return str(format_list(list(words), locale=self.locale))

    def age(self, born: date | str, on: date) -> str:
        """How old a child is: in months under two, else in years"""
        birth = date.fromisoformat(born) if isinstance(born, str) else born
        return self.months((on.year - birth.year) * 12 + on.month - birth.month - (on.day < birth.day))

    def months(self, months: int) -> str:
        """An age that is given in whole months"""
        number, unit = (max(months, 0), self.say("mo")) if months < 24 else (months // 12, self.say("yr"))
        return f"{number} {unit}"

    def _date(self, on: date | datetime | str, zone: str | None) -> date:
        if isinstance(on, str) and len(on) == len("2026-11-24"):
            return date.fromisoformat(on)
        if isinstance(on, date) and not isinstance(on, datetime):
            return on
        return self.local(on, zone).date()


def _elapsed_minutes(start: datetime | str, end: datetime | str) -> int:
    # Two times of one zone are subtracted by their wall clocks, which lie when the clock changes between them.
    first, last = (datetime.fromisoformat(at) if isinstance(at, str) else at for at in (start, end))
    return int((last.astimezone(UTC) - first.astimezone(UTC)).total_seconds()) // 60


def major(minor: int, currency: str) -> Decimal:
    """Minor units as an exact amount of the currency."""
    return Decimal(minor).scaleb(-get_currency_precision(currency))


def first_instant(on: date, zone: str) -> datetime:
    """When a local day begins."""
    return datetime.combine(on, time(), ZoneInfo(zone))


def one_day(on: date, zone: str) -> tuple[datetime, datetime]:
    """The instants between which a local day lies; 23 or 25 hours where the clock changes."""
    return first_instant(on, zone), first_instant(on + timedelta(days=1), zone)
