"""The request service's routes and whom each lets in."""

from shared.auth.roles import Role
from tests.access.rows import Row

_DISPATCHER = frozenset({Role.DISPATCHER})
_FAMILY = frozenset({Role.FAMILY})

ACCESS = [
    Row("POST", "/families", _DISPATCHER),
    Row("GET", "/families", _DISPATCHER),
    Row("GET", "/families/{family_id}", _DISPATCHER),
    Row("POST", "/families/{family_id}/change", _DISPATCHER),
    Row("POST", "/families/{family_id}/erase", _DISPATCHER),
    Row("POST", "/shared-care", _DISPATCHER),
    Row("GET", "/shared-care", _DISPATCHER),
    Row("POST", "/shared-care/{shared_care_id}/end", _DISPATCHER),
    Row("POST", "/care-requests", _DISPATCHER),
    Row("GET", "/care-requests", _DISPATCHER),
    Row("GET", "/care-requests/{care_request_id}", _DISPATCHER),
    Row("POST", "/care-requests/{care_request_id}/amend", _DISPATCHER),
    Row("POST", "/care-requests/{care_request_id}/withdraw", _DISPATCHER),
    Row("GET", "/unmet", _DISPATCHER),
    Row("GET", "/policy", _DISPATCHER),
    Row("POST", "/policy", _DISPATCHER),
    Row("GET", "/my/family", _FAMILY),
    Row("POST", "/my/care-requests", _FAMILY),
    Row("GET", "/my/care-requests", _FAMILY),
    Row("GET", "/my/care-requests/{care_request_id}", _FAMILY),
    Row("POST", "/my/care-requests/{care_request_id}/withdraw", _FAMILY),
]
