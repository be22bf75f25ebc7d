"""The roster in one description: its routes, what it hears, what it does on time."""

from services.roster.api import carers, desk, family, my, safety, travel, visits
from services.roster.settings import RosterSettings
from services.roster.subscriptions import subscriptions
from services.roster.timers import timers
from shared.service import Service

SERVICE = Service(
    name="roster",
    routers=tuple(part.router for part in (carers, visits, my, family, safety, travel, desk)),
    subscriptions=subscriptions,
    timers=timers,
    settings_class=RosterSettings,
)
