"""The roster in one description: its routes, what it hears, what it does on time."""

from services.roster.api import router
from services.roster.settings import RosterSettings
from services.roster.subscriptions import subscriptions
from services.roster.timers import timers
from shared.service import Service

SERVICE = Service(
    name="roster", routers=(router,), subscriptions=subscriptions, timers=timers, settings_class=RosterSettings
)
