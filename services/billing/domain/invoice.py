"""An invoice as it was issued: its number, its payment reference, its lines, and the text of its payment code."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from stdnum.be import ogm_vcs
from stdnum.iso7064 import mod_97_10

from shared.domain.errors import Invalid
from shared.domain.values import Money

_OGM_MOST = 999_999
_EPC_LEAST, _EPC_MOST = 1, 99_999_999_999
_LONGEST_EPC_NAME = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One charge or its reversal, copied when the invoice was issued."""

    line: int
    charge_id: UUID
    amount: Money
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """What a family was asked to pay. It never changes; `credit_note_number` says that it was cancelled."""

    invoice_id: UUID
    family_id: UUID
    number: str
    period_from: date
    period_until: date
    issued_on: date
    due_on: date
    total: Money
    reference: str
    language: str
    bill_to: Mapping[str, Any]
    creditor: Mapping[str, Any]
    lines: tuple[InvoiceLine, ...]
    credit_note_number: str | None = None


def check_period(first: date, last: date) -> None:
    """Raises Invalid for a period that ends before it begins."""
    if last < first:
        raise Invalid("The period ends before it begins. Give its first and its last day.", pointer="#/until")


def invoice_number(prefix: str, year: int, sequence: int) -> str:
    """Such as BRI-2026-000017."""
    return f"{prefix}-{year}-{sequence:06d}"


def credit_note_number(prefix: str, year: int, sequence: int) -> str:
    """Such as BRI-CN-2026-000001: credit notes have a series of their own."""
    return f"{prefix}-CN-{year}-{sequence:06d}"


def structured_reference(country: str, prefix: str, year: int, sequence: int) -> str:
    """The Belgian OGM (12 digits) at Belgian desks, an ISO 11649 reference elsewhere; bare, as banks carry it."""
    if country.startswith("be_") and sequence <= _OGM_MOST:
        digits = f"{year:04d}{sequence:06d}"
        return digits + ogm_vcs.calc_check_digits(digits)
    payload = f"{prefix}{year}{sequence:06d}"
    return f"RF{mod_97_10.calc_check_digits(payload + 'RF')}{payload}"


def printed_reference(reference: str) -> str:
    """As people read it: +++202/6000/01711+++, or RF18 5390 0754 7034."""
    if reference.startswith("RF"):
        return " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))
    return f"+++{ogm_vcs.format(reference)}+++"


def payment_code(invoice: Invoice) -> str | None:
    """The text of the EPC069-12 QR code; None where it can't be paid so: not in euro, no IBAN, nothing to pay, cancelled.

    The Belgian reference stands in the line of the ISO one, as Belgian banks read it: 12 bare digits.
    """
    iban = invoice.creditor.get("iban")
    payable = _EPC_LEAST <= invoice.total.minor <= _EPC_MOST
    if invoice.total.currency != "EUR" or not iban or not payable or invoice.credit_note_number:
        return None
    amount = f"EUR{Decimal(invoice.total.minor).scaleb(-2):.2f}"
    name = str(invoice.creditor["name"])[:_LONGEST_EPC_NAME]
    bic = invoice.creditor.get("bic") or ""
    return "\n".join(["BCD", "002", "1", "SCT", bic, name, iban, amount, "", invoice.reference])
