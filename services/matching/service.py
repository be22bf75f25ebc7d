"""Matching in one description: its routes, what it hears, what it does on time."""

from services.matching.api import router
from services.matching.settings import Settings
from services.matching.subscriptions import subscriptions
from services.matching.timers import timers
from shared.service import Service

SERVICE = Service(
    name="matching", routers=(router,), subscriptions=subscriptions, timers=timers, settings_class=Settings
)
