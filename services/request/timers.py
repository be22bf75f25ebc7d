"""What the request service does when its time comes."""

from uuid import UUID

from services.request.commands.care_requests import ExtendHorizon, LookAtPlan, LookWhetherRegular
from services.request.commands.desk import CloseRegister, PlaceAnew
from services.request.commands.families import LiveOn
from services.request.commands.single_visits import ExpireHold, Introduce
from services.request.handlers import introductions, orders, plans, register, regular, single_visits
from services.request.handlers.care_requests import HORIZON, extend_horizon
from services.request.handlers.families import MOVE, live_on
from shared.timers import Timers

timers = Timers()
timers.on(HORIZON, extend_horizon, command=lambda due: ExtendHorizon(care_request_id=due.key_uuid))
timers.on(plans.PLAN, plans.look_at_plan, command=lambda due: LookAtPlan(care_request_id=due.key_uuid))
timers.on(plans.HOLD, single_visits.expire_hold, command=lambda due: ExpireHold(care_request_id=due.key_uuid))
timers.on(MOVE, live_on, command=lambda due: LiveOn(family_id=due.key_uuid))
timers.on(
    introductions.INTRODUCE,
    introductions.introduce,
    command=lambda due: Introduce(
        care_request_id=UUID(due.facts["care_request_id"]), carer_id=UUID(due.facts["carer_id"])
    ),
)
timers.on(
    regular.REGULAR,
    regular.look_whether_regular,
    command=lambda due: LookWhetherRegular(family_id=due.key_uuid),
)
timers.on(orders.ORDER, orders.place_anew, command=lambda due: PlaceAnew())
timers.on(register.REGISTER, register.close_register, command=lambda due: CloseRegister())
