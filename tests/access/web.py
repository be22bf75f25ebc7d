"""The pages and whom each lets in: `{…}` in an address is filled with what the stubbed evening has."""

from shared.auth.roles import Role
from tests.access.rows import PUBLIC, Row
from tests.services.web import town
from tests.services.web.stub import FAMILY, PASSWORD

_ANYONE = frozenset(Role)
_DISPATCHER = frozenset({Role.DISPATCHER})
_CARER = frozenset({Role.CARER})
_CLERK = frozenset({Role.CLERK})
_FAMILY = frozenset({Role.FAMILY})
_ON_ROSTER = {"visit_id": "rostered_visit_id"}

IDS = {
    "visit_id": town.VISIT,
    "rostered_visit_id": town.ROSTERED,
    "care_request_id": town.REQUEST,
    "offer_id": town.OFFER,
    "charge_id": town.CHARGE,
    "invoice_id": town.INVOICE,
    "family_id": str(FAMILY),
    "language": "fr",
}

ACCESS = [
    Row("GET", "/", _ANYONE),
    Row("GET", "/account", _ANYONE),
    Row("GET", "/sign-in", PUBLIC),
    Row("POST", "/sign-in", PUBLIC, body={"email": "carer@example.org", "password": PASSWORD}),
    Row("GET", "/sign-in/away", PUBLIC),
    Row("GET", "/sign-in/back", PUBLIC),
    Row("POST", "/sign-out", _ANYONE),
    Row("GET", "/language/{language}", PUBLIC),
    Row("GET", "/live", _ANYONE),
    Row("GET", "/board", _DISPATCHER),
    Row("GET", "/board/{visit_id}", _DISPATCHER),
    Row("POST", "/board/{visit_id}/offers", _DISPATCHER),
    Row("POST", "/board/{visit_id}/withdraw/{offer_id}", _DISPATCHER),
    Row("POST", "/board/{visit_id}/release", _DISPATCHER),
    Row("GET", "/requests", _DISPATCHER),
    Row("GET", "/requests/new", _DISPATCHER),
    Row("GET", "/requests/families", _DISPATCHER),
    Row("POST", "/requests/new", _DISPATCHER),
    Row("GET", "/requests/{care_request_id}", _DISPATCHER),
    Row("POST", "/requests/{care_request_id}/withdraw", _DISPATCHER),
    Row("GET", "/families", _DISPATCHER),
    Row("GET", "/families/new", _DISPATCHER),
    Row("POST", "/families/new", _DISPATCHER),
    Row("GET", "/families/{family_id}", _DISPATCHER),
    Row("GET", "/roster", _DISPATCHER),
    Row("GET", "/roster/{visit_id}", _DISPATCHER, of=_ON_ROSTER),
    Row("POST", "/roster/{visit_id}/cancel", _DISPATCHER, of=_ON_ROSTER),
    Row("POST", "/roster/{visit_id}/correct", _DISPATCHER, of=_ON_ROSTER),
    Row("GET", "/offers", _CARER),
    Row("GET", "/offers/{offer_id}", _CARER),
    Row("POST", "/offers/{offer_id}/accept", _CARER),
    Row("POST", "/offers/{offer_id}/decline", _CARER),
    Row("GET", "/visits", _CARER),
    Row("GET", "/visits/{visit_id}", _CARER, of=_ON_ROSTER),
    Row("POST", "/visits/{visit_id}/check-in", _CARER, of=_ON_ROSTER),
    Row("POST", "/visits/{visit_id}/check-out", _CARER, of=_ON_ROSTER),
    Row("GET", "/availability", _CARER),
    Row("POST", "/availability", _CARER),
    Row("GET", "/absence", _CARER),
    Row("POST", "/absence", _CARER),
    Row("GET", "/charges", _CLERK),
    Row("GET", "/charges/{charge_id}", _CLERK),
    Row("POST", "/charges/invoice", _CLERK),
    Row("POST", "/charges/run", _CLERK),
    Row("GET", "/invoices", _CLERK),
    Row("GET", "/invoices/{invoice_id}/pdf", _CLERK),
    Row("GET", "/balance", _CLERK),
    Row("GET", "/care", _FAMILY),
    Row("GET", "/care/{care_request_id}", _FAMILY),
    Row("POST", "/care/{care_request_id}/withdraw", _FAMILY),
    Row("GET", "/my-invoices", _FAMILY),
    Row("GET", "/my-invoices/{invoice_id}/pdf", _FAMILY),
]
