"""An invoice on paper: what was cared, what it comes to, how to pay it, and the code a banking app reads."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import segno
from anyascii import anyascii
from babel.dates import format_date, format_time
from babel.numbers import format_currency, get_currency_precision
from fpdf import FPDF

from services.billing.adapters.invoice_words import WORDS, Words
from services.billing.domain.invoice import Invoice, InvoiceLine, payment_code, printed_reference
from shared.domain.values import Money

_MARGIN = 18
_WIDE, _NARROW = 132, 42
_CODE_WIDTH = 32
_QUIET_ZONE = 4
_BUILT_IN_LETTERS = "cp1252"


def invoice_pdf(invoice: Invoice) -> bytes:
    """The same bytes for the same invoice; its words and numbers as the family's language has them, English otherwise."""
    words = WORDS.get(invoice.language[:2], WORDS["en"])
    paper = _paper(invoice, words)
    _heading(paper, invoice, words)
    _lines(paper, invoice, words)
    _payment(paper, invoice, words)
    return bytes(paper.output())


def _paper(invoice: Invoice, words: Words) -> FPDF:
    paper = FPDF(format="A4")
    paper.core_fonts_encoding = _BUILT_IN_LETTERS
    paper.set_creation_date(datetime.combine(invoice.issued_on, time(), UTC))
    paper.set_title(_printable(f"{words.invoice} {invoice.number}"))
    paper.set_author(_printable(str(invoice.creditor["name"])))
    paper.set_lang(words.locale)
    paper.set_margin(_MARGIN)
    paper.set_auto_page_break(True, _MARGIN)
    paper.add_page()
    return paper


def _heading(paper: FPDF, invoice: Invoice, words: Words) -> None:
    _text(paper, str(invoice.creditor["name"]), size=12, bold=True)
    paper.ln(8)
    _text(paper, str(invoice.bill_to["name"] or words.family))
    if invoice.bill_to["address"]:
        _text(paper, str(invoice.bill_to["address"]))
    paper.ln(8)
    _text(paper, f"{words.invoice} {invoice.number}", size=18, bold=True)
    if invoice.credit_note_number:
        _text(paper, words.cancelled.format(number=invoice.credit_note_number), bold=True)
    period = f"{_day(invoice.period_from, words)} – {_day(invoice.period_until, words)}"
    for name, value in (
        (words.issued, _day(invoice.issued_on, words)),
        (words.period, period),
        (words.due, _day(invoice.due_on, words)),
    ):
        _text(paper, f"{name}: {value}")
    paper.ln(6)


def _lines(paper: FPDF, invoice: Invoice, words: Words) -> None:
    paper.set_font("helvetica", size=10)
    style = {"borders_layout": "HORIZONTAL_LINES", "col_widths": (_WIDE, _NARROW), "text_align": ("LEFT", "RIGHT")}
    with paper.table(line_height=6, first_row_as_headings=True, **style) as table:
        table.row([_printable(words.care), _printable(words.amount)])
        for line in invoice.lines:
            table.row([_printable(_said(line, words)), _printable(_money(line.amount, words))])
        table.row([_printable(words.total), _printable(_money(invoice.total, words))])
    paper.ln(8)


def _payment(paper: FPDF, invoice: Invoice, words: Words) -> None:
    if invoice.credit_note_number or invoice.total.minor == 0:
        _text(paper, words.nothing_to_pay, bold=True)
        return
    code = payment_code(invoice)
    if paper.will_page_break(_CODE_WIDTH + 2):
        paper.add_page()
    top = paper.get_y()
    if code is not None:
        _draw_code(paper, code, x=paper.w - _MARGIN - _CODE_WIDTH, y=top)
    _text(paper, words.pay.format(amount=_money(invoice.total, words), day=_day(invoice.due_on, words)), bold=True)
    _text(paper, f"{words.to}: {invoice.creditor['name']}")
    if invoice.creditor.get("iban"):
        _text(paper, f"IBAN: {_in_fours(str(invoice.creditor['iban']))}")
    if invoice.creditor.get("bic"):
        _text(paper, f"BIC: {invoice.creditor['bic']}")
    _text(paper, f"{words.reference}: {printed_reference(invoice.reference)}")


def _draw_code(paper: FPDF, code: str, *, x: float, y: float) -> None:
    """EPC069-12: error correction M, at most version 13; drawn as squares."""
    made = segno.make_qr(code, error="m", boost_error=False, encoding="utf-8")
    rows = list(made.matrix_iter(border=_QUIET_ZONE))
    side = _CODE_WIDTH / len(rows)
    paper.set_fill_color(0)
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            if dark:
                paper.rect(x + across * side, y + down * side, side, side, style="F")


def _said(line: InvoiceLine, words: Words) -> str:
    facts = line.facts
    zone = ZoneInfo(str(facts["zone"]))
    times = ", ".join("–".join(_clock(each, zone, words) for each in pair) for pair in facts["times"])
    said = [f"{_day(date.fromisoformat(facts['on']), words)}, {times}"]
    if facts["carer"]:
        said.append(str(facts["carer"]))
    if facts["shared"]:
        said.append(words.shared)
    if facts["kind"] == "reversal":
        said.append(words.taken_back)
    elif facts["correction"]:
        said.append(words.put_right)
    return " · ".join(said)


def _text(paper: FPDF, said: str, *, size: int = 10, bold: bool = False) -> None:
    paper.set_font("helvetica", style="B" if bold else "", size=size)
    paper.multi_cell(_WIDE, size * 0.55, _printable(said), align="L", new_x="LMARGIN", new_y="NEXT")


def _printable(said: str) -> str:
    """In letters the built-in fonts have; others as near as those can write them (Łukasz becomes Lukasz)."""
    plain = said.replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")
    return "".join(each if _has(each) else anyascii(each) for each in plain)


def _has(letter: str) -> bool:
    try:
        letter.encode(_BUILT_IN_LETTERS)
    except UnicodeEncodeError:
        return False
    return True


def _money(amount: Money, words: Words) -> str:
    major = Decimal(amount.minor).scaleb(-get_currency_precision(amount.currency))
    said: str = format_currency(major, amount.currency, locale=words.locale)
    return said


def _day(day: date, words: Words) -> str:
    said: str = format_date(day, format="long", locale=words.locale)
    return said


def _clock(instant: Any, zone: ZoneInfo, words: Words) -> str:
    said: str = format_time(datetime.fromisoformat(instant).astimezone(zone), format="short", locale=words.locale)
    return said


def _in_fours(iban: str) -> str:
    return " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
