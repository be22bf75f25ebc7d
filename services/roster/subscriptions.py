"""What the roster hears: copies of what others own, and whom matching gave a visit or took it from."""

from services.roster.handlers import assignments, copies, duty
from shared.bus.subscriptions import Subscriptions
from shared.contracts import billing, identity, matching, request

subscriptions = Subscriptions("roster")

subscriptions.on(identity.DeskRegistered, copies.keep_desk)
subscriptions.on(identity.DeskChanged, copies.keep_desk)
subscriptions.on(identity.AccountRegistered, duty.keep_account)
subscriptions.on(identity.AccountClosed, duty.close_account)

subscriptions.on(request.FamilyRegistered, copies.keep_family)
subscriptions.on(request.FamilyChanged, copies.keep_family)
subscriptions.on(request.FamilyMerged, copies.merge_family)
subscriptions.on(request.FamilyErased, copies.forget_family)
subscriptions.on(request.CareRequestOpened, copies.keep_terms)
subscriptions.on(request.CareRequestAmended, copies.amend_terms)
subscriptions.on(request.CareRequestWithdrawn, copies.withdraw_terms)
subscriptions.on(request.SharedCareAgreed, copies.keep_shared_care)
subscriptions.on(request.SharedCareEnded, copies.end_shared_care)

subscriptions.on(matching.VisitAssigned, assignments.keep_assignment)
subscriptions.on(matching.VisitUnassigned, assignments.free_visit)

subscriptions.on(billing.TariffChanged, copies.keep_tariff)
