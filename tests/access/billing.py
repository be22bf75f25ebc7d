"""The billing service's routes and whom each lets in."""

from shared.auth.roles import Role
from tests.access.rows import Row

_CLERK = frozenset({Role.CLERK})
_FAMILY = frozenset({Role.FAMILY})
_CARER = frozenset({Role.CARER})

ACCESS = [
    Row("POST", "/tariffs", _CLERK),
    Row("GET", "/tariffs", _CLERK),
    Row("POST", "/policy", _CLERK),
    Row("GET", "/policy", _CLERK),
    Row("GET", "/charges", _CLERK),
    Row("GET", "/charges/{charge_id}", _CLERK),
    Row("GET", "/visits/waiting", _CLERK),
    Row("GET", "/visits/{visit_id}/trace", _CLERK),
    Row("POST", "/invoices", _CLERK),
    Row("POST", "/invoice-runs", _CLERK),
    Row("GET", "/runs/{run_id}", _CLERK),
    Row("GET", "/invoices", _CLERK),
    Row("GET", "/invoices/{invoice_id}", _CLERK),
    Row("GET", "/invoices/{invoice_id}/pdf", _CLERK),
    Row("POST", "/invoices/{invoice_id}/cancel", _CLERK),
    Row("GET", "/my/invoices", _FAMILY),
    Row("GET", "/my/invoices/{invoice_id}", _FAMILY),
    Row("GET", "/my/invoices/{invoice_id}/pdf", _FAMILY),
    Row("POST", "/payouts", _CLERK),
    Row("POST", "/payout-runs", _CLERK),
    Row("GET", "/payouts", _CLERK),
    Row("GET", "/my/payouts", _CARER),
    Row("GET", "/ledger/trial-balance", _CLERK),
    Row("GET", "/ledger/postings", _CLERK),
]
