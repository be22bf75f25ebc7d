"""What the identity service hears."""

from services.identity.handlers import contacts, notices
from shared.bus.subscriptions import Subscriptions
from shared.contracts.billing import InvoiceIssued
from shared.contracts.matching import OfferMade, OfferWithdrawn, VisitAssigned, VisitUnassigned
from shared.contracts.request import FamilyChanged, FamilyErased, FamilyRegistered
from shared.contracts.roster import CarerChanged, CarerRegistered, VisitRostered

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
subscriptions.on(InvoiceIssued, notices.hear_invoice)
