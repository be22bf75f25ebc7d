"""What billing can be told to do."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.contracts.billing import TariffFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTariff:
    """From `valid_from` (local day care begins) on, this is what a family pays or a carer earns in this mode."""

    party: str
    mode: str
    valid_from: date
    tariff: TariffFacts
    tariff_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBillingPolicy:
    """From `valid_from` (day of issue) on, the desk invoices so."""

    valid_from: date
    invoice_prefix: str
    due_days: int
    shared_wait_hours: int
    creditor_name: str
    iban: str | None = None
    bic: str | None = None
    policy_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeVisit:
    """Decide what this visit costs, together with those that shared its carer."""

    visit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueInvoice:
    """Invoice a family's unbilled care of these local days, both included, with corrections of earlier days."""

    family_id: UUID
    period_from: date
    period_until: date
    invoice_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelInvoice:
    invoice_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPayout:
    """Pay a carer what they earned on these local days, both included, with corrections of earlier days."""

    carer_id: UUID
    period_from: date
    period_until: date
    payout_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartInvoiceRun:
    """Invoice every family of the desk that has unbilled care in the period, each in a transaction of its own."""

    period_from: date
    period_until: date
    run_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPayoutRun:
    period_from: date
    period_until: date
    run_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoRunPart:
    """One family's invoice or one carer's payout of a run."""

    run_id: UUID
    party_id: UUID
