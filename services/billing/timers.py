"""What billing does when its time comes: charge a visit that is over, do the next part of a run."""

from uuid import UUID

from services.billing.commands import ChargeVisit, DoRunPart
from services.billing.domain.charge import CHARGE_VISIT
from services.billing.domain.run import RUN_PART
from services.billing.handlers.charging import charge_visit
from services.billing.handlers.runs import do_run_part
from shared.timers import Timers

timers = Timers()

timers.on(CHARGE_VISIT, charge_visit, command=lambda due: ChargeVisit(visit_id=due.key_uuid))
timers.on(
    RUN_PART,
    do_run_part,
    command=lambda due: DoRunPart(run_id=UUID(due.facts["run_id"]), party_id=UUID(due.facts["party_id"])),
)
