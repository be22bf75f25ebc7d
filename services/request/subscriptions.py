"""What the request service hears: its desk, carers by first name, and what becomes of each visit; nothing about money."""

from services.request.handlers import carers, desks, progress
from shared.bus.subscriptions import Subscriptions
from shared.contracts import identity, matching, roster

subscriptions = Subscriptions("request")

subscriptions.on(identity.DeskRegistered, desks.keep_desk)
subscriptions.on(identity.DeskChanged, desks.keep_desk)

subscriptions.on(matching.OfferMade, progress.keep_offer)
subscriptions.on(matching.OfferAccepted, progress.close_offer)
subscriptions.on(matching.OfferDeclined, progress.close_offer)
subscriptions.on(matching.OfferExpired, progress.close_offer)
subscriptions.on(matching.OfferWithdrawn, progress.close_offer)
subscriptions.on(matching.VisitAssigned, progress.keep_assigned)
subscriptions.on(matching.VisitUnassigned, progress.keep_unassigned)
subscriptions.on(matching.CareRequestUnfilled, progress.keep_unfilled)

subscriptions.on(roster.CarerRegistered, carers.keep_carer)
subscriptions.on(roster.CarerChanged, carers.keep_carer)
subscriptions.on(roster.VisitRostered, progress.keep_rostered)
subscriptions.on(roster.VisitMoved, progress.keep_rostered)
subscriptions.on(roster.VisitReassigned, progress.keep_reassigned)
subscriptions.on(roster.VisitRefused, progress.keep_refused)
subscriptions.on(roster.VisitStarted, progress.keep_started)
subscriptions.on(roster.VisitCompleted, progress.keep_completed)
subscriptions.on(roster.VisitCorrected, progress.keep_corrected)
subscriptions.on(roster.VisitCancelled, progress.keep_cancelled)
subscriptions.on(roster.VisitMissed, progress.keep_missed)
