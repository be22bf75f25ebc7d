"""What billing hears: copies of what others own, and from the roster the time that was really cared."""

from services.billing.handlers import copies
from shared.bus.subscriptions import Subscriptions
from shared.contracts import identity, request, roster

subscriptions = Subscriptions("billing")

subscriptions.on(identity.DeskRegistered, copies.keep_desk)
subscriptions.on(identity.DeskChanged, copies.keep_desk)

subscriptions.on(request.FamilyRegistered, copies.keep_family)
subscriptions.on(request.FamilyChanged, copies.keep_family)
subscriptions.on(request.FamilyErased, copies.erase_family)
subscriptions.on(request.CareRequestOpened, copies.keep_visit_terms)
subscriptions.on(request.CareRequestAmended, copies.keep_visit_terms)
subscriptions.on(request.SharedCareAgreed, copies.keep_shared_care)
subscriptions.on(request.SharedCareEnded, copies.end_shared_care)

subscriptions.on(roster.CarerRegistered, copies.keep_carer)
subscriptions.on(roster.CarerChanged, copies.keep_carer)
subscriptions.on(roster.VisitRostered, copies.keep_rostered_visit)
subscriptions.on(roster.VisitMoved, copies.keep_moved_visit)
subscriptions.on(roster.VisitReassigned, copies.keep_reassigned_visit)
subscriptions.on(roster.VisitStarted, copies.keep_started_visit)
subscriptions.on(roster.VisitCompleted, copies.keep_completed_visit)
subscriptions.on(roster.VisitCorrected, copies.keep_corrected_visit)
subscriptions.on(roster.VisitCancelled, copies.keep_cancelled_visit)
subscriptions.on(roster.VisitMissed, copies.keep_missed_visit)
subscriptions.on(roster.TravelRecorded, copies.keep_travel)
