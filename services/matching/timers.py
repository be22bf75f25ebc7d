"""What matching does when its time comes: look at a visit, send a wave, end an offer, call the dispatcher."""

from uuid import UUID

from services.matching.commands import (
    ArrangeVisit,
    CallDispatcher,
    ExpireOffer,
    LookAgain,
    ReleaseAbsentCarer,
    SendNextWave,
)
from services.matching.handlers import offers, placements, visits
from shared.timers import Timers

timers = Timers()

timers.on(
    "open-placement", placements.arrange_visit, command=lambda due: ArrangeVisit(visit_id=UUID(due.facts["visit_id"]))
)
timers.on(
    "next-wave",
    placements.send_next_wave,
    command=lambda due: SendNextWave(placement_id=UUID(due.facts["placement_id"]), step=due.facts["step"]),
)
timers.on("look-again", placements.look_again, command=lambda due: LookAgain())
timers.on(
    "call-dispatcher",
    placements.call_dispatcher,
    command=lambda due: CallDispatcher(placement_id=UUID(due.facts["placement_id"])),
)
timers.on("offer-expiry", offers.expire_offer, command=lambda due: ExpireOffer(offer_id=due.key_uuid))
timers.on(
    "carer-absent",
    visits.release_absent_carer,
    command=lambda due: ReleaseAbsentCarer(absence_id=UUID(due.facts["absence_id"])),
)
