"""The roster's routes and whom each lets in."""

from shared.auth.roles import Role
from tests.access.rows import Row

_DISPATCHER = frozenset({Role.DISPATCHER})
_CARER = frozenset({Role.CARER})

ACCESS = [
    Row("POST", "/carers", _DISPATCHER),
    Row("GET", "/carers", _DISPATCHER),
    Row("GET", "/carers/{carer_id}", _DISPATCHER),
    Row("POST", "/carers/{carer_id}/change", _DISPATCHER),
    Row("POST", "/carers/{carer_id}/availability", _DISPATCHER),
    Row("POST", "/carers/{carer_id}/absences", _DISPATCHER),
    Row("GET", "/visits", _DISPATCHER),
    Row("GET", "/visits/{visit_id}", _DISPATCHER),
    Row("POST", "/visits/{visit_id}/cancel", _DISPATCHER),
    Row("POST", "/visits/{visit_id}/correct", _DISPATCHER),
    Row("GET", "/travel", _DISPATCHER),
    Row("GET", "/policy", _DISPATCHER),
    Row("POST", "/policy", _DISPATCHER),
    Row("GET", "/my/visits", _CARER),
    Row("GET", "/my/visits/{visit_id}", _CARER),
    Row("POST", "/visits/{visit_id}/check-in", _CARER),
    Row("POST", "/visits/{visit_id}/check-out", _CARER),
    Row("GET", "/my/availability", _CARER),
    Row("POST", "/my/availability", _CARER),
    Row("POST", "/my/absences", _CARER),
    Row("GET", "/my/travel", _CARER),
]
