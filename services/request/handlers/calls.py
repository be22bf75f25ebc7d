"""A first call: a new family and what it needs, written down in one go."""

from dataclasses import dataclass

from services.request.commands.care_requests import OpenCareRequest, RecordCall
from services.request.handlers.care_requests import Opened, open_care_request
from services.request.handlers.families import FamilyKept, register_family
from shared.db.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A first call as it was written down."""

    family: FamilyKept
    request: Opened


def record_call(command: RecordCall, uow: UnitOfWork) -> Recorded:
    """Write down a new family and its first request in one go.

    Raises Conflict when the family looks registered already, Invalid for what can't be right, naming the field.
    """
    family = register_family(command.family, uow)
    uow.session.flush()
    request = open_care_request(
        OpenCareRequest(
            family_id=family.family_id,
            mode=command.mode,
            asked=command.asked,
            terms=command.terms,
            skipped=command.skipped,
            circumstances=command.circumstances,
            reason=command.reason,
        ),
        uow,
    )
    return Recorded(family=family, request=request)
