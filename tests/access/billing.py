"""The billing service's routes and whom each lets in."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from services.billing.commands import StartInvoiceRun
from services.billing.handlers.runs import start_invoice_run
from services.billing.tables import charges
from shared.auth.roles import Role
from tests.access.rows import Row, Things, another_desk
from tests.services.billing.town import FRIDAY, MAY, Town, named
from tests.support.service import Trial

_CLERK = frozenset({Role.CLERK})
_FAMILY = frozenset({Role.FAMILY})
_CARER = frozenset({Role.CARER})
_PERIOD = {"from": "2026-05-01", "until": "2026-05-31"}
_TARIFF: dict[str, Any] = {
    "party": "family",
    "mode": "carer_home",
    "valid_from": "2026-01-01",
    "tariff": {
        "minor_per_hour": 1850,
        "currency": "GBP",
        "per": "household",
        "minimum_minutes": 0,
        "rounding_minutes": 1,
        "rounding": "up",
    },
}
_POLICY = {
    "valid_from": "2026-07-01",
    "invoice_prefix": "BRI",
    "due_days": 14,
    "shared_wait_hours": 48,
    "creditor_name": "Brighton Evening Care",
}

ACCESS = [
    Row("POST", "/tariffs", _CLERK, body=_TARIFF),
    Row("GET", "/tariffs", _CLERK),
    Row("POST", "/policy", _CLERK, body=_POLICY),
    Row("GET", "/policy", _CLERK),
    Row("GET", "/charges", _CLERK, query="family_id={family_id}", shows=("charge_id",), elsewhere=200),
    Row("GET", "/charges/{charge_id}", _CLERK, shows=("family_id",)),
    Row("GET", "/visits/waiting", _CLERK, shows=("waiting_visit_id",)),
    Row("GET", "/visits/{visit_id}/trace", _CLERK, shows=("charge_id",)),
    Row("POST", "/invoices", _CLERK, body={"family_id": "{other_family_id}", **_PERIOD}),
    Row("POST", "/invoice-runs", _CLERK, body=_PERIOD),
    Row("GET", "/runs/{run_id}", _CLERK),
    Row("GET", "/invoices", _CLERK, query="family_id={family_id}", shows=("invoice_id",), elsewhere=200),
    Row("GET", "/invoices/{invoice_id}", _CLERK, shows=("family_id",)),
    Row("GET", "/invoices/{invoice_id}/pdf", _CLERK),
    Row(
        "POST",
        "/invoices/{invoice_id}/cancel",
        _CLERK,
        body={"reason": "sent to the wrong address"},
        of={"invoice_id": "cancelled_invoice_id"},
    ),
    Row("GET", "/my/invoices", _FAMILY, shows=("invoice_id",)),
    Row("GET", "/my/invoices/{invoice_id}", _FAMILY, shows=("charge_id",)),
    Row("GET", "/my/invoices/{invoice_id}/pdf", _FAMILY),
    Row("POST", "/payouts", _CLERK, body={"carer_id": "{carer_id}", **_PERIOD}),
    Row("POST", "/payout-runs", _CLERK, body=_PERIOD),
    Row("GET", "/payouts", _CLERK, query="carer_id={carer_id}", shows=("carer_id",), elsewhere=200),
    Row("GET", "/my/payouts", _CARER, shows=("carer_id",)),
    Row("GET", "/ledger/trial-balance", _CLERK),
    Row("GET", "/ledger/postings", _CLERK, shows=("stretch_id",)),
]


def things(trial: Trial, elsewhere: UUID) -> Things:
    """Two families' care charged, one family's invoiced, another's invoice to cancel; a visit without a tariff."""
    town = Town(trial)
    town.desk()
    town.tariffs()
    another_desk(trial, elsewhere)
    for name in ("Ames", "Bell", "Cole"):
        town.family(name)
    ada = town.carer("Ada")
    visit = town.cared("visit", "Ames")
    town.cared("visit of Bell", "Bell", FRIDAY - timedelta(days=1))
    town.cared("visit of Cole", "Cole", FRIDAY - timedelta(days=2))
    waiting = town.cared("without a tariff", "Ames", FRIDAY - timedelta(days=3), mode="carer_home")
    invoice, cancelled = town.invoice("Ames"), town.invoice("Cole")
    run = trial.run(start_invoice_run, StartInvoiceRun(**MAY))
    charge = next(row for row in town.rows(charges) if row.family_id == named("Ames"))
    return Things(
        ids={
            "family_id": str(named("Ames")),
            "other_family_id": str(named("Bell")),
            "carer_id": str(ada),
            "visit_id": str(visit),
            "waiting_visit_id": str(waiting),
            "charge_id": str(charge.charge_id),
            "stretch_id": str(charge.stretch_id),
            "invoice_id": str(invoice.invoice_id),
            "cancelled_invoice_id": str(cancelled.invoice_id),
            "run_id": str(run.run_id),
        },
        carer_id=ada,
        family_id=named("Ames"),
    )
