"""What the identity service hears."""

from services.identity.handlers import contacts, notices, roster_notices
from shared.bus.subscriptions import Subscriptions
from shared.contracts.billing import InvoiceIssued
from shared.contracts.matching import OfferMade, OfferWithdrawn, VisitAssigned, VisitUnassigned
from shared.contracts.request import FamilyChanged, FamilyErased, FamilyRegistered
from shared.contracts.roster import (
    CarerChanged,
    CarerRegistered,
    VisitReassigned,
    VisitRostered,
)
from shared.contracts.roster_notices import (
    AlertRaised,
    ComingAsked,
    CorrectionProposed,
    CredentialLapsing,
    StayAsked,
    SwapAsked,
    SwapEnded,
    TonightListMade,
)

subscriptions = Subscriptions("identity")
subscriptions.on(CarerRegistered, contacts.keep_carer)
subscriptions.on(CarerChanged, contacts.keep_carer)
subscriptions.on(FamilyRegistered, contacts.keep_family)
subscriptions.on(FamilyChanged, contacts.keep_family)
subscriptions.on(FamilyErased, contacts.erase_family)
subscriptions.on(OfferMade, notices.hear_offer)
subscriptions.on(OfferWithdrawn, notices.hear_withdrawal)
subscriptions.on(VisitAssigned, notices.hear_assignment)
subscriptions.on(VisitUnassigned, notices.hear_release)
subscriptions.on(VisitRostered, notices.hear_roster)
subscriptions.on(VisitReassigned, notices.hear_reassignment)
subscriptions.on(AlertRaised, roster_notices.tell_alert)
subscriptions.on(ComingAsked, roster_notices.ask_coming)
subscriptions.on(StayAsked, roster_notices.ask_stay)
subscriptions.on(SwapAsked, roster_notices.ask_swap)
subscriptions.on(SwapEnded, roster_notices.tell_swap)
subscriptions.on(CorrectionProposed, roster_notices.ask_correction)
subscriptions.on(CredentialLapsing, roster_notices.remind_of_paper)
subscriptions.on(TonightListMade, roster_notices.mail_tonight)
subscriptions.on(InvoiceIssued, notices.hear_invoice)
