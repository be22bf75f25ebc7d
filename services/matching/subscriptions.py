"""What matching hears: copies of what others own, and what the roster says becomes of visits."""

from services.matching.handlers import copies, visits
from shared.bus.subscriptions import Subscriptions
from shared.contracts import billing, identity, request, roster

subscriptions = Subscriptions("matching")

subscriptions.on(identity.DeskRegistered, copies.keep_desk)
subscriptions.on(identity.DeskChanged, copies.keep_desk)

subscriptions.on(request.FamilyRegistered, copies.keep_family)
subscriptions.on(request.FamilyChanged, copies.keep_family)
subscriptions.on(request.FamilyErased, copies.forget_family)
subscriptions.on(request.SharedCareAgreed, copies.shared_care_agreed)
subscriptions.on(request.SharedCareEnded, copies.shared_care_ended)
subscriptions.on(request.CareRequestOpened, copies.care_request_opened)
subscriptions.on(request.CareRequestAmended, copies.care_request_amended)
subscriptions.on(request.CareRequestWithdrawn, copies.care_request_withdrawn)

subscriptions.on(roster.CarerRegistered, copies.keep_carer)
subscriptions.on(roster.CarerChanged, copies.keep_carer)
subscriptions.on(roster.AvailabilityChanged, copies.keep_availability)
subscriptions.on(roster.CarerAbsent, copies.carer_absent)
subscriptions.on(roster.VisitRostered, visits.visit_rostered)
subscriptions.on(roster.VisitRefused, visits.visit_refused)
subscriptions.on(roster.VisitMoved, visits.visit_moved)
subscriptions.on(roster.VisitStarted, visits.visit_started)
subscriptions.on(roster.VisitCompleted, visits.visit_completed)
subscriptions.on(roster.VisitCorrected, visits.visit_corrected)
subscriptions.on(roster.VisitCancelled, visits.visit_cancelled)
subscriptions.on(roster.VisitMissed, visits.visit_missed)

subscriptions.on(billing.TariffChanged, copies.keep_tariff)
