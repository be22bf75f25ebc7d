"""A desk's dated choices for its invoices: prefix, days to pay, the account to pay to."""

import re
import tomllib
from dataclasses import dataclass

from stdnum import iban as iban_rules

from shared.domain.errors import Invalid

_PREFIX = re.compile(r"[A-Z0-9]{2,6}")
_BIC = re.compile(r"[A-Z0-9]{8}([A-Z0-9]{3})?")
_PREFIX_LETTERS = 3
_LONGEST_CREDITOR = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingPolicy:
    """How a desk invoices: `creditor_name` and `iban` go into the payment code; without an IBAN there is none."""

    invoice_prefix: str
    due_days: int
    shared_wait_hours: int
    creditor_name: str
    iban: str | None = None
    bic: str | None = None

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.invoice_prefix):
            raise Invalid("A prefix has 2 to 6 capital letters or digits, such as BRI.", pointer="#/invoice_prefix")
        if self.due_days < 0:
            raise Invalid("Days to pay are 0 or more.", pointer="#/due_days")
        if self.shared_wait_hours < 0:
            raise Invalid("Hours to wait are 0 or more.", pointer="#/shared_wait_hours")
        if not 0 < len(self.creditor_name) <= _LONGEST_CREDITOR:
            raise Invalid("The name to pay to has 1 to 70 characters.", pointer="#/creditor_name")
        # Country by country the library also knows lists of banks, which lag behind; the check digits are the rule.
        if self.iban is not None and not iban_rules.is_valid(self.iban, check_country=False):
            raise Invalid("This IBAN's check digits are wrong. Compare it with the bank's letter.", pointer="#/iban")
        if self.bic is not None and not _BIC.fullmatch(self.bic):
            raise Invalid("A BIC has 8 or 11 capital letters or digits.", pointer="#/bic")


def default_policy(defaults: str, desk_name: str) -> BillingPolicy:
    """The policy of a desk that has set none, from the shipped defaults (TOML) and the desk's own name."""
    data = tomllib.loads(defaults)
    letters = re.sub(r"[^A-Z]", "", desk_name.upper())
    return BillingPolicy(
        invoice_prefix=letters[:_PREFIX_LETTERS].ljust(_PREFIX_LETTERS, "X"),
        due_days=data["due_days"],
        shared_wait_hours=data["shared_wait_hours"],
        creditor_name=desk_name[:_LONGEST_CREDITOR],
    )
