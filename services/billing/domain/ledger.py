"""Double entry: accounts, and postings whose entries sum to zero in each currency."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid5

from shared.domain.values import Money

_ACCOUNTS = UUID("0d0a6b0e-5a8a-4f5e-8b53-9a0a8c1f6e21")


class Account(StrEnum):
    """The desk's accounts; receivable and payable are kept per family and per carer. The agency's margin is income less cost."""

    FAMILY_RECEIVABLE = "family_receivable"
    CARE_INCOME = "care_income"
    CARER_COST = "carer_cost"
    CARER_PAYABLE = "carer_payable"
    BANK_CLEARING = "bank_clearing"


class Cause(StrEnum):
    """What a posting was made for; its id is the stretch's or the payout's."""

    STRETCH = "stretch"
    REVERSAL = "reversal"
    PAYOUT = "payout"


@dataclass(frozen=True, slots=True)
class Entry:
    """So much on one account; a debit is above zero, a credit below."""

    account: Account
    party_id: UUID | None
    amount: Money


def charge_entries(parts: Mapping[UUID, Money], total: Money, carer_id: UUID, pay: Money) -> list[Entry]:
    """Families owe their parts, the desk earned the whole; the carer is owed their pay, which the desk spent."""
    return [
        *(Entry(Account.FAMILY_RECEIVABLE, family, part) for family, part in sorted(parts.items(), key=_by_text)),
        Entry(Account.CARE_INCOME, None, -total),
        Entry(Account.CARER_COST, None, pay),
        Entry(Account.CARER_PAYABLE, carer_id, -pay),
    ]


def payout_entries(carer_id: UUID, amount: Money) -> list[Entry]:
    """What the carer was owed is on its way to their bank."""
    return [Entry(Account.CARER_PAYABLE, carer_id, amount), Entry(Account.BANK_CLEARING, None, -amount)]


def reversed_entries(entries: list[Entry]) -> list[Entry]:
    """The same entries with the opposite sign: posting and reversal leave nothing behind."""
    return [Entry(entry.account, entry.party_id, -entry.amount) for entry in entries]


def account_id(desk_id: UUID, account: Account, party_id: UUID | None, currency: str) -> UUID:
    """The id of an account follows from what it is, so that two postings never open it twice."""
    return uuid5(_ACCOUNTS, f"{desk_id}/{account}/{party_id or ''}/{currency}")


def _by_text(part: tuple[UUID, Money]) -> str:
    return str(part[0])
