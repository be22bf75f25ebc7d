"""What the roster does when its time comes: book what was assigned, miss who doesn't come or go, end a shift."""

from services.roster.commands import (
    BookVisit,
    FlagMissingCheckIn,
    FlagMissingCheckOut,
    MarkMissed,
    RecordWayHome,
)
from services.roster.handlers import assignments, travel, visits
from shared.timers import Timers

timers = Timers()

timers.on(assignments.BOOK, assignments.book_visit, command=lambda due: BookVisit(visit_id=due.key_uuid))
timers.on(
    assignments.MISSING_CHECK_IN,
    visits.flag_missing_check_in,
    command=lambda due: FlagMissingCheckIn(visit_id=due.key_uuid),
)
timers.on(assignments.MISSED, visits.mark_missed, command=lambda due: MarkMissed(visit_id=due.key_uuid))
timers.on(
    visits.MISSING_CHECK_OUT,
    visits.flag_missing_check_out,
    command=lambda due: FlagMissingCheckOut(visit_id=due.key_uuid),
)
timers.on(travel.END_OF_SHIFT, travel.record_way_home, command=lambda due: RecordWayHome(visit_id=due.key_uuid))
