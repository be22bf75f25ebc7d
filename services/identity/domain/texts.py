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
        "alert": (
            "{what}",
            "{desk}: {what}. Please look until {until}.",
        ),
        "alert-again": (
            "{what} (asked again)",
            "{desk}: {what}. Nobody has looked yet. Please look until {until}.",
        ),
        "coming-asked": (
            "Do you still come on {first}?",
            "{desk}: do you still come on {visits}? Please say so until {until}.",
        ),
        "stay-asked": (
            "Can you stay until {until}?",
            "{desk}: can you stay until {until}? It is paid, and it is your choice.",
        ),
        "swap-asked": (
            "{carer} asks you for {first}",
            "{desk}: {carer} asks whether you take over {visits}. Nothing changes before you and the family agree.",
        ),
        "swap-asked-family": (
            "{other} instead of {carer} on {first}?",
            "{desk}: may {other} come instead of {carer} on {visits}? Please say whether that is all right.",
        ),
        "swap-done": (
            "Your swap is done",
            "{desk}: your swap is done; everybody agreed.",
        ),
        "swap-ended": (
            "Your swap did not happen",
            "{desk}: your swap did not happen. The visit stays yours.",
        ),
        "correction-proposed": (
            "Times to agree to",
            "{desk}: somebody put the times of a visit right: {visits}. Please say whether you agree.",
        ),
        "credential-lapsing": (
            "Your {paper} lapses in {days} days",
            "{desk}: your {paper} is good until {until}. Please bring a new one in time.",
        ),
        "tonight": (
            "Tonight's list",
            "{list}",
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
        "alert": (
            "{what}",
            "{desk}: {what}. Kijk er graag naar vóór {until}.",
        ),
        "alert-again": (
            "{what} (opnieuw gevraagd)",
            "{desk}: {what}. Nog niemand keek ernaar. Kijk er graag naar vóór {until}.",
        ),
        "coming-asked": (
            "Komt u nog op {first}?",
            "{desk}: komt u nog op {visits}? Laat het weten vóór {until}.",
        ),
        "stay-asked": (
            "Kunt u blijven tot {until}?",
            "{desk}: kunt u blijven tot {until}? Het wordt betaald en het is uw keuze.",
        ),
        "swap-asked": (
            "{carer} vraagt u voor {first}",
            "{desk}: {carer} vraagt of u {visits} overneemt. Er verandert niets voor u en het gezin akkoord zijn.",
        ),
        "swap-asked-family": (
            "{other} in plaats van {carer} op {first}?",
            "{desk}: mag {other} komen in plaats van {carer} op {visits}? Laat weten of dat goed is.",
        ),
        "swap-done": (
            "Uw ruil is gebeurd",
            "{desk}: uw ruil is gebeurd; iedereen was akkoord.",
        ),
        "swap-ended": (
            "Uw ruil ging niet door",
            "{desk}: uw ruil ging niet door. Het bezoek blijft van u.",
        ),
        "correction-proposed": (
            "Tijden om mee akkoord te gaan",
            "{desk}: iemand zette de tijden van een bezoek recht: {visits}. Laat weten of u akkoord bent.",
        ),
        "credential-lapsing": (
            "Uw {paper} vervalt over {days} dagen",
            "{desk}: uw {paper} is geldig tot {until}. Breng op tijd een nieuw.",
        ),
        "tonight": (
            "De lijst van vanavond",
            "{list}",
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
        "alert": (
            "{what}",
            "{desk} : {what}. Merci de regarder avant {until}.",
        ),
        "alert-again": (
            "{what} (nouvelle demande)",
            "{desk} : {what}. Personne n'a encore regardé. Merci de regarder avant {until}.",
        ),
        "coming-asked": (
            "Venez-vous toujours le {first} ?",
            "{desk} : venez-vous toujours le {visits} ? Merci de le dire avant {until}.",
        ),
        "stay-asked": (
            "Pouvez-vous rester jusqu'à {until} ?",
            "{desk} : pouvez-vous rester jusqu'à {until} ? C'est payé, et c'est votre choix.",
        ),
        "swap-asked": (
            "{carer} vous demande pour {first}",
            "{desk} : {carer} demande si vous reprenez {visits}. Rien ne change avant votre accord et celui de la famille.",
        ),
        "swap-asked-family": (
            "{other} à la place de {carer} le {first} ?",
            "{desk} : {other} peut-il venir à la place de {carer} le {visits} ? Merci de dire si cela vous va.",
        ),
        "swap-done": (
            "Votre échange est fait",
            "{desk} : votre échange est fait ; tout le monde est d'accord.",
        ),
        "swap-ended": (
            "Votre échange n'a pas eu lieu",
            "{desk} : votre échange n'a pas eu lieu. La garde reste la vôtre.",
        ),
        "correction-proposed": (
            "Heures à confirmer",
            "{desk} : les heures d'une garde ont été corrigées : {visits}. Merci de dire si vous êtes d'accord.",
        ),
        "credential-lapsing": (
            "Votre {paper} expire dans {days} jours",
            "{desk} : votre {paper} est valable jusqu'au {until}. Merci d'en apporter un nouveau à temps.",
        ),
        "tonight": (
            "La liste de ce soir",
            "{list}",
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
