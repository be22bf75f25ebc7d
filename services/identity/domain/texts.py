"""What people are told, in their language: an offer never says the address nor a child's name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_currency, get_currency_precision

LANGUAGES = ("en", "nl", "fr")
_LOCALES = {"en": "en_GB", "nl": "nl_NL", "fr": "fr_FR"}
# A message stays short enough for a phone; the rest is behind the link.
_VISITS_NAMED = 4

_TEXTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": {
        "offer": (
            "Can you care on {first}?",
            "{desk}: can you care in {area} on {visits}? You would earn {pay}. Please answer until {until}.",
        ),
        "offer-taken": (
            "No longer needed: {first}",
            "{desk}: the care in {area} on {visits} was taken by another at {at}. Thank you for being there.",
        ),
        "offer-changed": (
            "Changed: {first}",
            "{desk}: what was asked for in {area} on {visits} has changed, so that offer no longer holds.",
        ),
        "offer-cancelled": (
            "Cancelled: {first}",
            "{desk}: the care in {area} on {visits} is no longer needed.",
        ),
        "visit-certain": (
            "{carer} comes on {first}",
            "{desk}: it is certain. {carer} comes on {visits}.",
        ),
        "visit-open": (
            "We are looking again for {first}",
            "{desk}: {carer} can't come on {visits} after all. We are looking for somebody else and will tell you.",
        ),
        "invoice": (
            "Invoice {number}",
            "{desk}: invoice {number} over {total} is ready. Please pay it by {due}.",
        ),
        "and-more": ("", "and {count} more"),
    },
    "nl": {
        "offer": (
            "Kunt u opvangen op {first}?",
            "{desk}: kunt u opvang geven in {area} op {visits}? U verdient {pay}. Graag antwoord vóór {until}.",
        ),
        "offer-taken": (
            "Niet meer nodig: {first}",
            "{desk}: de opvang in {area} op {visits} is om {at} door iemand anders aangenomen. Dank dat u klaarstond.",
        ),
        "offer-changed": (
            "Gewijzigd: {first}",
            "{desk}: de vraag in {area} op {visits} is gewijzigd; dat aanbod geldt niet meer.",
        ),
        "offer-cancelled": (
            "Geannuleerd: {first}",
            "{desk}: de opvang in {area} op {visits} is niet meer nodig.",
        ),
        "visit-certain": (
            "{carer} komt op {first}",
            "{desk}: het is zeker. {carer} komt op {visits}.",
        ),
        "visit-open": (
            "We zoeken opnieuw voor {first}",
            "{desk}: {carer} kan toch niet komen op {visits}. We zoeken iemand anders en laten het u weten.",
        ),
        "invoice": (
            "Factuur {number}",
            "{desk}: factuur {number} van {total} staat klaar. Graag betalen vóór {due}.",
        ),
        "and-more": ("", "en nog {count}"),
    },
    "fr": {
        "offer": (
            "Pouvez-vous garder le {first} ?",
            "{desk} : pouvez-vous assurer la garde à {area}, {visits} ? Vous gagneriez {pay}. "
            "Merci de répondre avant {until}.",
        ),
        "offer-taken": (
            "Plus nécessaire : {first}",
            "{desk} : la garde à {area}, {visits}, a été prise par une autre personne à {at}. "
            "Merci de votre disponibilité.",
        ),
        "offer-changed": (
            "Modifié : {first}",
            "{desk} : la demande à {area}, {visits}, a changé ; cette proposition n'est plus valable.",
        ),
        "offer-cancelled": (
            "Annulé : {first}",
            "{desk} : la garde à {area}, {visits}, n'est plus nécessaire.",
        ),
        "visit-certain": (
            "{carer} vient le {first}",
            "{desk} : c'est certain. {carer} vient le {visits}.",
        ),
        "visit-open": (
            "Nous cherchons à nouveau : {first}",
            "{desk} : {carer} ne peut finalement pas venir le {visits}. "
            "Nous cherchons quelqu'un d'autre et vous tiendrons au courant.",
        ),
        "invoice": (
            "Facture {number}",
            "{desk} : la facture {number} de {total} est prête. Merci de la régler avant le {due}.",
        ),
        "and-more": ("", "et {count} de plus"),
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A message's subject and text."""

    language: str
    subject: str
    text: str


def language_of(wished: Sequence[str], desk_languages: Sequence[str]) -> str:
    """The first language we have texts in: of those the person speaks, then of the desk's, then English."""
    codes = [code.lower()[:2] for code in (*wished, *desk_languages)]
    return next((code for code in codes if code in LANGUAGES), LANGUAGES[0])


def write(
    kind: str,
    language: str,
    *,
    desk: str,
    visits: Sequence[tuple[datetime, datetime]] = (),
    zone: str = "UTC",
    **facts: str,
) -> Words:
    """The words of one kind of message; visits are told in the wall-clock time of their place."""
    subject, text = _TEXTS[language][kind]
    told = [_hours(start, end, zone, language) for start, end in visits]
    named = ", ".join(told[:_VISITS_NAMED])
    if len(told) > _VISITS_NAMED:
        named += " " + _TEXTS[language]["and-more"][1].format(count=len(told) - _VISITS_NAMED)
    values = {"desk": desk, "visits": named, "first": told[0] if told else "", **facts}
    return Words(language=language, subject=subject.format_map(values), text=text.format_map(values))


def money(minor: int, currency: str, language: str) -> str:
    """An amount of minor units as that language writes it."""
    amount = Decimal(minor).scaleb(-get_currency_precision(currency))
    return format_currency(amount, currency, locale=_LOCALES[language])


def moment(at: datetime, zone: str, language: str) -> str:
    """A day and a time on the wall clock."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{day(local.date(), language)} {local:%H:%M}"


def clock_time(at: datetime, zone: str) -> str:
    """A time on the wall clock."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


def day(on: date, language: str) -> str:
    """A day, short, with its weekday."""
    return format_date(on, "EEE d MMM", locale=_LOCALES[language])


def _hours(start: datetime, end: datetime, zone: str, language: str) -> str:
    return f"{moment(start, zone, language)}–{clock_time(end, zone)}"
