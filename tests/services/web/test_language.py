"""Three languages, and times and money as each of them writes them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir

from services.web.language import LANGUAGES, LOCALE, Words, best_of, messages
from services.web.notices import words_for_code
from tests.services.web.conftest import Pages

WEB = LOCALE.parent
KEYWORDS = {"_": None, "N_": None, "say": None, "gettext": None, "ngettext": (1, 2), "ungettext": (1, 2)}
HOW = [("**.py", "python"), ("templates/**.html", "jinja2")]


def written() -> set[str | tuple[str, ...]]:
    """Every text the code and the templates ask a translation for."""
    found = extract_from_dir(str(WEB), HOW, {"templates/**.html": {"newstyle_gettext": "true"}}, KEYWORDS)
    return {message for _, _, message, _, _ in found if message}


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_every_text_is_translated_and_no_translation_is_left_over(language: str) -> None:
    catalogue = messages(language)
    known = {message.id for message in catalogue if message.id}
    wanted = written()
    plurals = {message[0] for message in wanted if isinstance(message, tuple)}
    assert known == {message for message in wanted if message not in plurals}
    for message in catalogue:
        if message.id:
            parts = message.string if isinstance(message.string, tuple | list) else [message.string]
            assert all(parts), message.id
            assert message.python_format or not message.check(), message.id


def test_a_night_says_that_it_ends_the_next_day() -> None:
    start, end = "2026-06-01T20:00:00+00:00", "2026-06-02T06:00:00+00:00"
    assert Words("en", "Europe/London").hours(start, end) == "21:00–07:00 (+1 day)"
    assert Words("nl", "Europe/Brussels").hours(start, end) == "22:00–08:00 (+1 dag)"
    assert Words("fr", "Europe/Brussels").hours(start, "2026-06-03T06:00:00+00:00") == "22:00–08:00 (+2 jours)"


def test_a_visit_is_shown_on_its_own_wall_clock_wherever_the_desk_is() -> None:
    assert Words("en", "Europe/Brussels").clock("2026-06-01T20:00:00+00:00", "Europe/London") == "21:00"


def test_a_night_of_the_clock_change_is_as_long_as_a_stopwatch_says() -> None:
    words = Words("en", "Europe/Brussels")
    assert words.hours("2026-10-24T20:00:00+00:00", "2026-10-25T06:00:00+00:00") == "22:00–07:00 (+1 day)"
    assert words.length("2026-10-24T20:00:00+00:00", "2026-10-25T06:00:00+00:00") == "10 h"
    assert words.length("2026-10-24T20:00:00+00:00", "2026-10-24T21:05:00+00:00") == "1 h 05"


@pytest.mark.parametrize(
    ("language", "currency", "shown"),
    [("en", "GBP", "£1,234.56"), ("nl", "EUR", "€\u00a01.234,56"), ("fr", "EUR", "1\u202f234,56\u00a0€")],
)
def test_money_is_written_as_people_write_it(language: str, currency: str, shown: str) -> None:
    assert Words(language, "UTC").money(123456, currency) == shown


def test_minor_units_follow_the_currency() -> None:
    assert Words("en", "UTC").money(500, "JPY") == "JP¥500"


def test_an_hour_of_an_offer_counts_the_way_there_and_back() -> None:
    offer = {
        "visits": [{"start": "2026-06-01T20:00:00+00:00", "end": "2026-06-02T06:00:00+00:00"}],
        "travel_minutes": 24,
        "pay_minor": 12480,
        "currency": "GBP",
    }
    assert Words("en", "UTC").rate(offer) == "£12.00"


def test_children_under_two_are_told_in_months() -> None:
    words = Words("nl", "UTC")
    assert (words.months(0), words.months(23), words.months(24), words.months(95)) == (
        "0 mnd",
        "23 mnd",
        "2 jr",
        "7 jr",
    )


def test_the_browsers_first_language_that_we_have_is_taken() -> None:
    assert best_of("de-DE,fr-BE;q=0.8,en;q=0.5") == "fr"
    assert best_of("") == "en"


def test_being_confirmed_is_not_certain_in_any_language() -> None:
    for language in LANGUAGES:
        assert words_for_code("accepted", language) != words_for_code("certain", language)


def test_a_reader_chooses_a_language_and_keeps_it(signed_in: Callable[[str], Pages]) -> None:
    pages = signed_in("dispatcher")
    assert '<html lang="en">' in pages.get("/board").text
    answer = pages.get("/language/nl?back=/roster")
    assert answer.headers["location"] == "/roster"
    text = pages.get("/board").text
    assert '<html lang="nl">' in text
    assert "Bezoeken zonder zekere opvang" in text
    assert pages.get("/language/xx?back=//evil.example").headers["location"] == "/"


def test_what_a_page_says_is_only_in_catalogues_and_never_compiled_into_the_tree() -> None:
    assert not list(Path(LOCALE).rglob("*.mo"))
