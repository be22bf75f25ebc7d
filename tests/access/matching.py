"""The matching service's routes and whom each lets in."""

from shared.auth.roles import Role
from tests.access.rows import Row

_DISPATCHER = frozenset({Role.DISPATCHER})
_CARER = frozenset({Role.CARER})

ACCESS = [
    Row("GET", "/visits/open", _DISPATCHER),
    Row("GET", "/visits/{visit_id}/shortlist", _DISPATCHER),
    Row("GET", "/visits/{visit_id}/offers", _DISPATCHER),
    Row("POST", "/visits/{visit_id}/offers", _DISPATCHER),
    Row("POST", "/visits/{visit_id}/release", _DISPATCHER),
    Row("POST", "/offers/{offer_id}/withdraw", _DISPATCHER),
    Row("GET", "/policy", _DISPATCHER),
    Row("POST", "/policy", _DISPATCHER),
    Row("GET", "/my/offers", _CARER),
    Row("GET", "/my/offers/{offer_id}", _CARER),
    Row("POST", "/offers/{offer_id}/seen", _CARER),
    Row("POST", "/offers/{offer_id}/accept", _CARER),
    Row("POST", "/offers/{offer_id}/decline", _CARER),
]
