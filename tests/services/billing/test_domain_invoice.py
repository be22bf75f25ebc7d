"""Numbers, payment references, the text of a payment code, and the invoice on paper."""

import re
import zlib
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649
from stdnum.be import ogm_vcs

from services.billing.adapters.invoice_pdf import invoice_pdf
from services.billing.domain.invoice import (
    Invoice,
    InvoiceLine,
    credit_note_number,
    invoice_number,
    payment_code,
    printed_reference,
    structured_reference,
)
from services.billing.domain.policy import BillingPolicy, default_policy
from shared.domain.errors import Invalid
from shared.domain.values import Money
from tests.services.billing.town import named

CREDITOR = {"name": "Opvang Turnhout", "iban": "BE68539007547034", "bic": "KREDBEBB"}
LINE: dict[str, Any] = {
    "on": "2026-05-29",
    "kind": "charge",
    "correction": False,
    "shared": True,
    "mode": "family_home",
    "zone": "Europe/Brussels",
    "carer": "Łukasz",
    "times": [["2026-05-29T18:00:00+00:00", "2026-05-29T22:00:00+00:00"]],
}


def invoice(**changes: Any) -> Invoice:
    facts: dict[str, Any] = {
        "invoice_id": named("invoice"),
        "family_id": named("Ames"),
        "number": "TUR-2026-000017",
        "period_from": date(2026, 5, 1),
        "period_until": date(2026, 5, 31),
        "issued_on": date(2026, 6, 1),
        "due_on": date(2026, 6, 15),
        "total": Money(123456, "EUR"),
        "reference": structured_reference("be_vl", "TUR", 2026, 17),
        "language": "nl",
        "bill_to": {"name": "Gezin Peeters", "address": "Grote Markt 1, Turnhout"},
        "creditor": CREDITOR,
        "lines": (InvoiceLine(line=1, charge_id=named("c"), amount=Money(123456, "EUR"), facts=LINE),),
    }
    return Invoice(**{**facts, **changes})


def words_of(pdf: bytes) -> str:
    """What is written on the pages, as far as the built-in fonts' letters go."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", pdf, re.S)
    pages = b"".join(zlib.decompress(each) for each in streams if each[:1] == b"x")
    written = re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", pages)
    plain = b" ".join(re.sub(rb"\\([()\\])", rb"\1", each) for each in written)
    return re.sub(r"\s+", " ", plain.decode("cp1252"))


def test_numbers_read_as_people_say_them() -> None:
    assert invoice_number("BRI", 2026, 17) == "BRI-2026-000017"
    assert credit_note_number("BRI", 2026, 1) == "BRI-CN-2026-000001"


@given(st.integers(2000, 2100), st.integers(1, 999_999))
def test_a_belgian_reference_has_the_check_digits_banks_ask_for(year: int, sequence: int) -> None:
    reference = structured_reference("be_vl", "TUR", year, sequence)
    assert len(reference) == 12
    assert int(reference[:10]) % 97 in (int(reference[10:]), int(reference[10:]) - 97)
    assert ogm_vcs.is_valid(printed_reference(reference))


@given(st.from_regex(r"[A-Z0-9]{2,6}", fullmatch=True), st.integers(2000, 2100), st.integers(1, 9_999_999))
def test_elsewhere_it_is_an_iso_11649_reference(prefix: str, year: int, sequence: int) -> None:
    reference = structured_reference("nl", prefix, year, sequence)
    assert iso11649.is_valid(reference)
    assert len(reference) <= 25


def test_references_are_printed_as_people_read_them() -> None:
    assert printed_reference("202600001789") == "+++202/6000/01789+++"
    assert printed_reference("RF18539007547034") == "RF18 5390 0754 7034"


def test_the_payment_code_says_whom_how_much_and_what_for() -> None:
    made = invoice()
    assert payment_code(made) == "\n".join(
        ["BCD", "002", "1", "SCT", "KREDBEBB", "Opvang Turnhout", "BE68539007547034", "EUR1234.56", "", made.reference]
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"total": Money(100, "GBP")},
        {"total": Money(0, "EUR")},
        {"creditor": {**CREDITOR, "iban": None}},
        {"credit_note_number": "TUR-CN-2026-000001"},
    ],
)
def test_what_cannot_be_paid_by_code_has_none(changes: dict[str, Any]) -> None:
    assert payment_code(invoice(**changes)) is None


def test_the_invoice_on_paper_says_everything_in_the_familys_language() -> None:
    told = words_of(invoice_pdf(invoice()))
    for words in (
        "Factuur TUR-2026-000017",
        "Gezin Peeters",
        "1 juni 2026",
        "15 juni 2026",
        "20:00–00:00",
        "Lukasz",
        "gedeelde opvang",
        "€ 1.234,56",
        "BE68 5390 0754 7034",
        printed_reference(invoice().reference),
    ):
        assert words in told, told


@pytest.mark.parametrize(
    ("language", "word"), [("fr", "Facture"), ("en", "Invoice"), ("pl", "Invoice"), ("", "Invoice")]
)
def test_a_language_we_have_no_words_for_is_english(language: str, word: str) -> None:
    assert f"{word} TUR-2026-000017" in words_of(invoice_pdf(invoice(language=language)))


def test_corrections_are_called_so_on_paper() -> None:
    lines = tuple(
        InvoiceLine(
            line=number,
            charge_id=named(kind),
            amount=Money(minor, "GBP"),
            facts={**LINE, "kind": kind, "correction": True, "shared": False, "carer": None},
        )
        for number, (kind, minor) in enumerate((("reversal", -6400), ("charge", 4800)), start=1)
    )
    told = words_of(invoice_pdf(invoice(language="en", lines=lines, total=Money(-1600, "GBP"))))
    assert "taken back" in told
    assert "with the corrected time" in told
    assert "-£64.00" in told


def test_a_cancelled_invoice_says_so_and_asks_for_nothing() -> None:
    told = words_of(invoice_pdf(invoice(credit_note_number="TUR-CN-2026-000001")))
    assert "Geannuleerd door creditnota TUR-CN-2026-000001" in told
    assert "Er is niets te betalen." in told
    assert "Gelieve" not in told


def test_an_erased_familys_invoice_names_nobody() -> None:
    told = words_of(invoice_pdf(invoice(bill_to={"name": None, "address": None}, language="en")))
    assert "To the family" in told


def test_the_same_invoice_is_the_same_paper_and_a_long_one_has_more_pages() -> None:
    assert invoice_pdf(invoice()) == invoice_pdf(invoice())
    many = tuple(replace(invoice().lines[0], line=number) for number in range(1, 120))
    assert invoice_pdf(invoice(lines=many)).count(b"/Type /Page\n") > 2


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"invoice_prefix": "b"}, "#/invoice_prefix"),
        ({"due_days": -1}, "#/due_days"),
        ({"shared_wait_hours": -1}, "#/shared_wait_hours"),
        ({"creditor_name": ""}, "#/creditor_name"),
        ({"iban": "BE68539007547035"}, "#/iban"),
        ({"bic": "KRED"}, "#/bic"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_by_its_field(change: dict[str, Any], pointer: str) -> None:
    good: dict[str, Any] = {"invoice_prefix": "BRI", "due_days": 14, "shared_wait_hours": 24, "creditor_name": "Bri"}
    BillingPolicy(**good)
    with pytest.raises(Invalid) as refused:
        BillingPolicy(**{**good, **change})
    assert refused.value.pointer == pointer


@pytest.mark.parametrize(("name", "prefix"), [("Brighton", "BRI"), ("’s-Hertogenbosch", "SHE"), ("Q", "QXX")])
def test_a_new_desk_invoices_under_the_letters_of_its_name(name: str, prefix: str) -> None:
    policy = default_policy("due_days = 14\nshared_wait_hours = 24", name)
    assert (policy.invoice_prefix, policy.creditor_name) == (prefix, name)
