"""What the request service does when its time comes: patterns become visits further ahead."""

from services.request.commands import ExtendHorizon
from services.request.handlers.care_requests import HORIZON, extend_horizon
from shared.timers import Timers

timers = Timers()
timers.on(HORIZON, extend_horizon, command=lambda due: ExtendHorizon(care_request_id=due.key_uuid))
