"""From bodies to the terms that commands carry."""

from uuid import UUID

from services.request.commands import OpenCareRequest
from services.request.domain.family import ChildTerms, FamilyTerms, HomeTerms
from services.request.domain.hours import OneOff
from services.request.schemas import ChildIn, FamilyIn, KnownChildIn, MyCareRequestIn, PatternIn, VisitIn
from shared.domain.pattern import Slot, WeeklyPattern


def family_terms(body: FamilyIn) -> FamilyTerms:
    """All that a family tells about itself."""
    home = body.home
    return FamilyTerms(
        name=body.name,
        language=body.language,
        home=HomeTerms(
            latitude=home.latitude, longitude=home.longitude, zone=home.zone, area=home.area, address=home.address
        ),
        children=tuple(_child(child) for child in body.children),
        phone=body.phone,
        email=body.email,
        favourite_carer_ids=body.favourite_carer_ids,
        excluded_carer_ids=body.excluded_carer_ids,
    )


def one_off(body: VisitIn | None) -> OneOff | None:
    """One visit as asked."""
    if body is None:
        return None
    return OneOff(start=body.start, end=body.end, start_local=body.start_local, end_local=body.end_local)


def weekly_pattern(body: PatternIn | None) -> WeeklyPattern | None:
    """A pattern as asked. Raises Invalid for one that can't be."""
    if body is None:
        return None
    return WeeklyPattern(
        weeks=body.weeks,
        slots=tuple(Slot(week=s.week, weekday=s.weekday, start=s.start, end=s.end) for s in body.slots),
        starts_on=body.starts_on,
        ends_on=body.ends_on,
    )


def open_care_request(family_id: UUID, body: MyCareRequestIn) -> OpenCareRequest:
    """What a family needs, written down by the desk or by the family itself."""
    return OpenCareRequest(
        family_id=family_id,
        mode=body.mode,
        visit=one_off(body.visit),
        pattern=weekly_pattern(body.pattern),
        child_ids=body.child_ids,
        urgent=body.urgent,
        reason=body.reason,
        skills=body.skills,
        shared_care_id=body.shared_care_id,
    )


def _child(body: ChildIn) -> ChildTerms:
    return ChildTerms(
        first_name=body.first_name,
        born=body.born,
        child_id=body.child_id if isinstance(body, KnownChildIn) else None,
        care_needs=body.care_needs,
        allergies=body.allergies,
    )
