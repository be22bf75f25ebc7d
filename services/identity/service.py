"""The identity service, described once."""

from collections.abc import Mapping
from typing import Any, cast

from services.identity.adapters.passwords import Passwords
from services.identity.adapters.signing import Seal
from services.identity.api import desk, messages, sign_in
from services.identity.settings import IdentitySettings
from services.identity.subscriptions import subscriptions
from services.identity.timers import chores, effects, timers
from shared.service import RunningService, Service


def _prepare(running: RunningService) -> Mapping[str, Any]:
    settings = cast("IdentitySettings", running.settings)
    return {"passwords": Passwords(settings.password_min_length), "seal": Seal(settings.key_secret)}


SERVICE = Service(
    name="identity",
    routers=[sign_in.router, desk.router, messages.router],
    subscriptions=subscriptions,
    timers=timers,
    settings_class=IdentitySettings,
    effects=effects,
    chores=chores,
    prepare=_prepare,
)
