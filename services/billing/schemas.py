"""What comes in and goes out over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from shared.contracts.billing import TariffBand, TariffFacts
from shared.http.schema import Body, Out, Text

_Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]
_Whole = Annotated[int, Field(ge=0, le=100_000_000)]
_MinuteOfDay = Annotated[int, Field(ge=0, le=1440)]


class BandIn(Body):
    """A supplement in percent, by local minutes after midnight, by weekday (Monday is 0), or on public holidays."""

    code: Text
    percent: Annotated[int, Field(ge=-100, le=1000)]
    from_minute: _MinuteOfDay | None = None
    until_minute: _MinuteOfDay | None = None
    weekdays: Annotated[tuple[Annotated[int, Field(ge=0, le=6)], ...], Field(max_length=7)] = ()
    holidays: bool = False


class TariffFactsIn(Body):
    """Per hour and household or child, in minor units (pence, cents)."""

    minor_per_hour: _Whole
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    per: str
    minimum_minutes: Annotated[int, Field(ge=0, le=1440)]
    rounding_minutes: Annotated[int, Field(ge=1, le=1440)]
    rounding: str
    bands: Annotated[tuple[BandIn, ...], Field(max_length=20)] = ()

    def facts(self) -> TariffFacts:
        """As the contract states it."""
        bands = tuple(TariffBand(**band.model_dump()) for band in self.bands)
        return TariffFacts(**{**self.model_dump(exclude={"bands"}), "bands": bands})


class TariffIn(Body):
    party: str
    mode: str
    valid_from: _Day
    tariff: TariffFactsIn


class TariffOut(Out):
    tariff_id: UUID
    party: str
    mode: str
    valid_from: date
    tariff: Annotated[dict[str, Any], Field(validation_alias="facts")]
    set_at: datetime


class PolicyIn(Body):
    """How the desk invoices from a day of issue on."""

    valid_from: _Day
    invoice_prefix: str
    due_days: Annotated[int, Field(ge=0, le=365)]
    shared_wait_hours: Annotated[int, Field(ge=0, le=24 * 14)]
    creditor_name: str
    iban: str | None = None
    bic: str | None = None


class PolicyOut(Out):
    invoice_prefix: str
    due_days: int
    shared_wait_hours: int
    creditor_name: str
    iban: str | None
    bic: str | None


class ChargeOut(Out):
    """What a family owes for one stretch of care, or the reversal of that; `minor` is below zero for a reversal."""

    charge_id: UUID
    stretch_id: UUID
    family_id: UUID
    family_name: str | None
    carer_id: UUID
    carer_name: str | None
    on: date
    minor: int
    currency: str
    kind: str
    correction: bool
    shared: bool
    invoice_id: UUID | None


class ChargeSheetOut(ChargeOut):
    """A charge with its allocation sheet: the price's lines, who was there when, and each family's part."""

    mode: str
    zone: str
    total_minor: int
    charged_at: datetime
    reverses_charge_id: UUID | None
    family_tariff_id: UUID
    sheet: dict[str, Any]
    family_names: dict[str, str | None]


class WaitingVisitOut(Out):
    """A visit that is over and not charged yet; `charge_state` says what it waits for."""

    visit_id: UUID
    family_id: UUID
    family_name: str | None
    carer_id: UUID
    carer_name: str | None
    mode: str
    started_at: datetime
    ended_at: datetime
    charge_state: str


class PeriodIn(Body):
    """Local days, both included."""

    from_: Annotated[_Day, Field(alias="from")]
    until: _Day


class InvoiceIn(PeriodIn):
    family_id: UUID


class PayoutIn(PeriodIn):
    carer_id: UUID


class ReasonIn(Body):
    reason: Text


class InvoiceOut(Out):
    invoice_id: UUID
    family_id: UUID
    family_name: str | None
    number: str
    period_from: date
    period_until: date
    issued_on: date
    due_on: date
    total_minor: int
    currency: str
    credit_note_number: str | None


class InvoiceLineOut(Out):
    line: int
    charge_id: UUID
    minor: int
    currency: str
    facts: dict[str, Any]


class CreditNoteOut(Out):
    credit_note_id: UUID
    invoice_id: UUID
    number: str
    issued_on: date
    reason: str


class InvoiceSheetOut(InvoiceOut):
    """An invoice as it was issued, with its lines and the payment reference as people read it."""

    reference: str
    bill_to: dict[str, Any]
    creditor: dict[str, Any]
    lines: list[InvoiceLineOut]
    credit_note: CreditNoteOut | None


class IssuedOut(Out):
    invoice_id: UUID
    number: str
    total_minor: int
    currency: str


class PayoutOut(Out):
    """`travel_metres` is the carer's way of these days, for their own records."""

    payout_id: UUID
    carer_id: UUID
    carer_name: str | None
    period_from: date
    period_until: date
    ordered_on: date
    minor: int
    currency: str
    travel_metres: int


class PayoutOrderedOut(Out):
    payout_id: UUID
    minor: int
    currency: str


class RunStartedOut(Out):
    run_id: UUID
    kind: str


class RunPartOut(Out):
    """One family's invoice or one carer's payout; `reason` says why there is none."""

    party_id: UUID
    state: str
    result_id: UUID | None
    reason: str | None


class RunOut(Out):
    """A run and how far it is, with a page of its parts."""

    run_id: UUID
    kind: str
    period_from: date
    period_until: date
    started_at: datetime
    waiting: int
    done: int
    refused: int
    rows: list[RunPartOut]
    next_after: str | None


class BalanceOut(Out):
    """One account; a debit balance is above zero, a credit balance below."""

    account_id: UUID
    kind: str
    party_id: UUID | None
    party_name: str | None
    currency: str
    balance_minor: int


class SumOut(Out):
    currency: str
    balance_minor: int


class TrialBalanceOut(Out):
    """Accounts that aren't at zero. `sums` are over all of them, whatever page this is; each must be 0."""

    at: datetime
    sums: list[SumOut]
    rows: list[BalanceOut]
    next_after: str | None


class EntryOut(Out):
    kind: str
    party_id: UUID | None
    minor: int
    currency: str


class PostingOut(Out):
    posting_id: UUID
    posted_at: datetime
    cause_kind: str
    cause_id: UUID
    reverses_posting_id: UUID | None
    entries: list[EntryOut]


class TracedChargeOut(Out):
    """A charge, with the numbers of every invoice it was on."""

    charge_id: UUID
    family_id: UUID
    kind: str
    minor: int
    currency: str
    charged_at: datetime
    invoice_numbers: list[str]


class TracedEarningOut(Out):
    earning_id: UUID
    carer_id: UUID
    kind: str
    minor: int
    currency: str
    payout_id: UUID | None


class TracedStretchOut(Out):
    """One way the visit was charged; the `current` one holds, the others were reversed."""

    stretch_id: UUID
    current: bool
    starts_at: datetime
    ends_at: datetime
    charged_at: datetime
    visit_ids: list[UUID]
    charges: list[TracedChargeOut]
    earnings: list[TracedEarningOut]
    postings: list[PostingOut]


class TraceOut(Out):
    """From the visit as asked for to the money: what was cared, what it was charged as, and where that went."""

    visit_id: UUID
    family_id: UUID | None
    family_name: str | None
    carer_id: UUID | None
    carer_name: str | None
    state: str | None
    started_at: datetime | None
    ended_at: datetime | None
    charge_state: str | None
    stretches: list[TracedStretchOut]
