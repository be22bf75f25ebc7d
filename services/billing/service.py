"""Billing in one description: its routes, what it hears, what it does on time."""

from services.billing.api import charges, invoices, ledger, payouts, tariffs
from services.billing.settings import BillingSettings
from services.billing.subscriptions import subscriptions
from services.billing.timers import timers
from shared.service import Service

SERVICE = Service(
    name="billing",
    routers=(tariffs.router, charges.router, invoices.router, payouts.router, ledger.router),
    subscriptions=subscriptions,
    timers=timers,
    settings_class=BillingSettings,
)
