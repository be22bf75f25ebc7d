"""What the billing service says: what care costs and pays, who helps to pay, and what was invoiced, paid and paid out."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from shared.domain.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffBand:
    """A supplement on hours of one kind (night, early, late, weekend, holiday): percent of the base, so much an hour, or both.

    One that `stacks` comes on top of the band that holds; of the others only one holds.
    """

    code: str
    percent: int
    from_minute: int | None = None
    until_minute: int | None = None
    weekdays: tuple[int, ...] = ()
    holidays: bool = False
    minor_per_hour: int = 0
    stacks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeBandFacts:
    """What a child from so many months old until, not including, so many costs more, in percent."""

    code: str
    percent: int
    from_months: int = 0
    until_months: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortNoticeFacts:
    """A supplement on a visit asked for less than so many hours before it begins: percent of its time, or an amount."""

    hours: int
    percent: int = 0
    minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedPriceFacts:
    """A price for so many minutes as one; what is longer adds the rest by the hour."""

    minutes: int
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationFacts:
    """Cancelled less than so many hours before it begins, a visit costs this much of its price; 0 hours is a no-show."""

    hours: int
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffFacts:
    """Per hour, per household or per child, in minor units; rounding in minutes, stated. `shared.domain.tariffs` prices by it.

    `rounding_of` says what is rounded: each visit's minutes, or the sum of them. With `minor_per_session` it is by the
    session begun; `fixed` are prices for durations. Standby and introductions cost the percent given, None is by who
    pays. `share` is hundredths of a percent of the family's price, for what an agency keeps. `respite_days` are absences
    a year that cost nothing; None is without limit.
    """

    minor_per_hour: int
    currency: str
    per: str
    minimum_minutes: int
    rounding_minutes: int
    rounding: str
    bands: tuple[TariffBand, ...] = ()
    rounding_of: str = "visit"
    minor_per_session: int | None = None
    session_minutes: int = 0
    fixed: tuple[FixedPriceFacts, ...] = ()
    ages: tuple[AgeBandFacts, ...] = ()
    siblings: tuple[int, ...] = ()
    notice: tuple[ShortNoticeFacts, ...] = ()
    minimum_minor: int = 0
    ceiling_minor: int | None = None
    floor_minor_per_hour: int | None = None
    ceiling_minor_per_hour: int | None = None
    minor_per_meal: int = 0
    minor_per_km: int = 0
    minor_per_travel_hour: int = 0
    minor_per_waiting_hour: int = 0
    share: int = 0
    standby_percent: int | None = None
    introduction_percent: int | None = None
    cancellation: tuple[CancellationFacts, ...] = ()
    respite_days: int | None = 0
    deposit_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffChanged(Event):
    """A tariff from `valid_from` on, through `valid_until` if it has an end (then the one before holds again).

    `party` is family (what it pays), carer (what they earn), agency (what it keeps) or funder (what it pays). What it
    names besides (a family, a carer, a price group, a funder, an agency) must all be so; the most specific applies.
    """

    wire_name: ClassVar[str] = "tariff.changed.v1"
    key_field: ClassVar[str] = "tariff_id"

    tariff_id: UUID
    party: str
    mode: str
    valid_from: date
    tariff: TariffFacts
    valid_until: date | None = None
    family_id: UUID | None = None
    carer_id: UUID | None = None
    price_group: str | None = None
    funder_id: UUID | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceGroupChanged(Event):
    """From that day on the family pays by the tariffs of this price group; None is none. Why is billing's alone to know."""

    wire_name: ClassVar[str] = "price_group.changed.v1"
    key_field: ClassVar[str] = "family_id"

    family_id: UUID
    price_group: str | None
    valid_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingChanged(Event):
    """Somebody helps a family to pay, from `valid_from` on through `valid_until`; `shared.domain.funding` applies it.

    `kind` is percent (and hundredths of one, of what is left to pay), hours (so many minutes a period are paid for),
    amount (so much an hour), bank (hours prepaid by the family) or voucher (an amount to draw on). `period` is week,
    month, year or all, for the minutes and the most it pays. Several apply in their `order`. One of a child is for that
    child's part.
    """

    wire_name: ClassVar[str] = "funding.changed.v1"
    key_field: ClassVar[str] = "family_id"

    family_id: UUID
    funder_id: UUID | None
    percent: int
    valid_from: date
    funding_id: UUID | None = None
    kind: str = "percent"
    child_id: UUID | None = None
    valid_until: date | None = None
    period: str = "all"
    minutes: int | None = None
    minor: int | None = None
    minor_per_hour: int | None = None
    cap_minor_per_hour: int | None = None
    weekdays: tuple[int, ...] = ()
    between: tuple[tuple[date, date], ...] = ()
    order: int = 0
    hundredths: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceIssued(Event):
    """A family owes. `delivery` is how it gets the invoice: email (with the number and a link), or print."""

    wire_name: ClassVar[str] = "invoice.issued.v1"
    key_field: ClassVar[str] = "invoice_id"

    invoice_id: UUID
    number: str
    family_id: UUID
    total_minor: int
    currency: str
    issued_on: date
    due_on: date
    delivery: str = "email"


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
