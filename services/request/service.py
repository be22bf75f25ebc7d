"""The request service in one description: its routes, what it hears, what it does on time."""

from services.request.api import (
    care_requests,
    families,
    household,
    privacy,
    referrals,
    register,
    rules,
    shared_care,
    single_visits,
)
from services.request.settings import RequestSettings
from services.request.subscriptions import subscriptions
from services.request.timers import timers
from shared.service import Service

SERVICE = Service(
    name="request",
    routers=(
        families.router,
        privacy.router,
        referrals.router,
        shared_care.router,
        care_requests.router,
        single_visits.router,
        register.router,
        rules.router,
        household.router,
    ),
    subscriptions=subscriptions,
    timers=timers,
    settings_class=RequestSettings,
)
