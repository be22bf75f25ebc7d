"""What the billing service says: what care costs and pays, and what was invoiced, paid and paid out."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from shared.domain.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffBand:
    """A supplement in percent of the base for hours of one kind: night, early, late, weekend, holiday."""

    code: str
    percent: int
    from_minute: int | None = None
    until_minute: int | None = None
    weekdays: tuple[int, ...] = ()
    holidays: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffFacts:
    """Per hour, per household or per child, in minor units; rounding in minutes, stated."""

    minor_per_hour: int
    currency: str
    per: str
    minimum_minutes: int
    rounding_minutes: int
    rounding: str
    bands: tuple[TariffBand, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffChanged(Event):
    """A desk's tariff from `valid_from` on. `party` is family (what it pays) or carer (what they earn)."""

    wire_name: ClassVar[str] = "tariff.changed.v1"
    key_field: ClassVar[str] = "tariff_id"

    tariff_id: UUID
    party: str
    mode: str
    valid_from: date
    tariff: TariffFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingChanged(Event):
    wire_name: ClassVar[str] = "funding.changed.v1"
    key_field: ClassVar[str] = "family_id"

    family_id: UUID
    funder_id: UUID
    percent: int
    valid_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceIssued(Event):
    wire_name: ClassVar[str] = "invoice.issued.v1"
    key_field: ClassVar[str] = "invoice_id"

    invoice_id: UUID
    number: str
    family_id: UUID
    total_minor: int
    currency: str
    issued_on: date
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceCancelled(Event):
    """Cancelled by a credit note of its own number; the invoice itself is never edited."""

    wire_name: ClassVar[str] = "invoice.cancelled.v1"
    key_field: ClassVar[str] = "invoice_id"

    invoice_id: UUID
    credit_note_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaid(Event):
    wire_name: ClassVar[str] = "invoice.paid.v1"
    key_field: ClassVar[str] = "invoice_id"

    invoice_id: UUID
    amount_minor: int
    currency: str
    paid_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutOrdered(Event):
    wire_name: ClassVar[str] = "payout.ordered.v1"
    key_field: ClassVar[str] = "payout_id"

    payout_id: UUID
    carer_id: UUID
    amount_minor: int
    currency: str
    ordered_on: date
