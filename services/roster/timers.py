"""What the roster does when its time comes: book, ask, remind, miss who doesn't come or go, ring the next on duty."""

from datetime import date
from uuid import UUID

from services.roster.commands.carers import (
    RemindOfPaper,
    RemindOfReview,
    TellAvailability,
    TellPaperLapsed,
    TellReturned,
)
from services.roster.commands.safety import EscalateAlert, MakeTonight, ReadConcern
from services.roster.commands.travel import RecordWayHome
from services.roster.commands.visits import (
    AskComing,
    BookVisit,
    FlagMissingCheckIn,
    FlagMissingCheckOut,
    LapseSwap,
    MarkMissed,
    NoteSilence,
)
from services.roster.handlers import (
    absences,
    alerts,
    assignments,
    availability,
    booking,
    concerns,
    copies,
    onboarding,
    papers,
    swaps,
    tonight,
    travel,
    visits,
)
from shared.db.timers import Due
from shared.timers import Timers

timers = Timers()

timers.on(copies.BOOK, assignments.book_visit, command=lambda due: BookVisit(visit_id=due.key_uuid))
timers.on(booking.ASK_COMING, visits.ask_coming, command=lambda due: AskComing(visit_id=due.key_uuid))
timers.on(booking.COMING_SILENT, visits.note_silence, command=lambda due: NoteSilence(visit_id=due.key_uuid))
timers.on(
    booking.MISSING_CHECK_IN,
    visits.flag_missing_check_in,
    command=lambda due: FlagMissingCheckIn(visit_id=due.key_uuid),
)
timers.on(booking.MISSED, visits.mark_missed, command=lambda due: MarkMissed(visit_id=due.key_uuid))
timers.on(
    booking.MISSING_CHECK_OUT,
    visits.flag_missing_check_out,
    command=lambda due: FlagMissingCheckOut(visit_id=due.key_uuid),
)
timers.on(travel.END_OF_SHIFT, travel.record_way_home, command=lambda due: RecordWayHome(visit_id=due.key_uuid))
timers.on(swaps.LAPSE, swaps.lapse, command=lambda due: LapseSwap(swap_id=due.key_uuid))

timers.on(
    papers.REMIND,
    papers.remind,
    command=lambda due: RemindOfPaper(credential_id=due.key_uuid, days=due.facts["days"]),
)
timers.on(papers.LAPSE, papers.tell_lapsed, command=lambda due: TellPaperLapsed(credential_id=due.key_uuid))
timers.on(onboarding.REVIEW, onboarding.remind_of_review, command=lambda due: RemindOfReview(carer_id=due.key_uuid))
timers.on(availability.TELL, availability.tell_again, command=lambda due: TellAvailability(carer_id=due.key_uuid))


def _returned(due: Due) -> TellReturned:
    return TellReturned(carer_id=UUID(due.facts["carer_id"]), absence_id=due.key_uuid)


timers.on(absences.RETURNED, absences.tell_returned, command=_returned)

timers.on(alerts.ESCALATE, alerts.escalate, command=lambda due: EscalateAlert(alert_id=due.key_uuid))
timers.on(concerns.UNREAD, concerns.tell_unread, command=lambda due: ReadConcern(concern_id=due.key_uuid))


def _night(due: Due) -> MakeTonight:
    return MakeTonight(on=date.fromisoformat(due.key))


timers.on(tonight.BEGIN, tonight.begin_evening, command=lambda due: MakeTonight())
timers.on(tonight.CHANGED, tonight.make_tonight, command=_night)
timers.on(tonight.MAIL, tonight.mail_tonight, command=_night)
