"""From bodies to the terms that commands carry."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from services.request.commands.care_requests import AmendCareRequest, OpenCareRequest, Said
from services.request.domain.care_terms import Introduction, LegTerms, Provisional
from services.request.domain.circumstances import Circumstances
from services.request.domain.family_terms import (
    ChildTerms,
    ContactTerms,
    ContinuityTerms,
    FamilyTerms,
    HomeTerms,
    PlaceTerms,
)
from services.request.domain.hours import OneOff
from services.request.domain.planning import Asked
from services.request.domain.shared_care import ConsentTerms, SharingTerms
from services.request.schemas.asking import (
    AmendIn,
    CircumstancesIn,
    MyAmendIn,
    MyCareRequestIn,
    PatternIn,
    TermsIn,
    VisitIn,
)
from services.request.schemas.families import ChildIn, FamilyIn, HomeIn, KnownChildIn, KnownPlaceIn, PlaceIn
from services.request.schemas.shared_care import SharingConsentIn, SharingTermsIn
from shared.domain.errors import Invalid
from shared.domain.pattern import Slot, WeeklyPattern

# Fields of a body that are no terms, or are read in their own way.
_NOT_TERMS = frozenset({"child_ids", "mode", "legs", "provisional"})


def family_terms(body: FamilyIn) -> FamilyTerms:
    """All that a family tells about itself."""
    return FamilyTerms(
        name=body.name,
        language=body.language,
        home=home_terms(body.home),
        children=tuple(_child(child) for child in body.children),
        phone=body.phone,
        email=body.email,
        contacts=tuple(ContactTerms(**contact.model_dump()) for contact in body.contacts),
        languages=body.languages,
        interpreter=body.interpreter,
        form_of_address=body.form_of_address,
        places=tuple(_place(place) for place in body.places),
        favourite_carer_ids=body.favourite_carer_ids,
        excluded_carer_ids=body.excluded_carer_ids,
        backup_carer_ids=body.backup_carer_ids,
        continuity=ContinuityTerms(**body.continuity.model_dump()) if body.continuity else None,
        support_tier=body.support_tier,
    )


def home_terms(body: HomeIn) -> HomeTerms:
    """Where a family lives."""
    return HomeTerms(**body.model_dump())


def one_off(body: VisitIn | None) -> OneOff | None:
    """One visit as asked."""
    if body is None:
        return None
    return OneOff(start=body.start, end=body.end, start_local=body.start_local, end_local=body.end_local)


def weekly_pattern(body: PatternIn, pointer: str = "#/pattern") -> WeeklyPattern:
    """A pattern as asked. Raises Invalid for one that can't be, pointing into the body."""
    with _pointing("#/pattern", pointer):
        return WeeklyPattern(
            weeks=body.weeks,
            slots=tuple(Slot(week=s.week, weekday=s.weekday, start=s.start, end=s.end) for s in body.slots),
            starts_on=body.starts_on,
            ends_on=body.ends_on,
            count=body.count,
            public_holidays=body.public_holidays,
            school_holidays=body.school_holidays,
        )


def patterns(bodies: Sequence[PatternIn]) -> tuple[WeeklyPattern, ...]:
    """Patterns as asked."""
    return tuple(weekly_pattern(each, f"#/patterns/{number}") for number, each in enumerate(bodies))


def circumstances(body: CircumstancesIn) -> Circumstances:
    """What only the desk knows."""
    return Circumstances(**body.model_dump())


def open_care_request(family_id: UUID, body: MyCareRequestIn, known: CircumstancesIn | None = None) -> OpenCareRequest:
    """What a family needs, written down by the desk or by the family itself."""
    return OpenCareRequest(
        family_id=family_id,
        mode=body.mode,
        asked=asked(body),
        child_ids=body.child_ids,
        terms=opening_terms(body),
        skipped=skipped(body),
        circumstances=circumstances(known or CircumstancesIn()),
        reason=body.reason,
    )


def asked(body: MyCareRequestIn) -> Asked:
    """Visits and patterns of a new request."""
    return Asked(visits=_visits(body.visits), patterns=patterns(body.patterns))


def opening_terms(body: MyCareRequestIn) -> dict[str, Any]:
    """The terms of a new request, by name."""
    terms = _terms(body, set(TermsIn.model_fields))
    if body.introduction_skipped is not None:
        terms["introduction"] = Introduction.WAIVED.value
    return terms


def skipped(body: MyCareRequestIn) -> Said | None:
    """On whose word a first meeting is skipped."""
    said = body.introduction_skipped
    return Said(said_by=said.said_by, said_at=said.said_at) if said else None


def amend_care_request(care_request_id: UUID, body: MyAmendIn, family_id: UUID | None = None) -> AmendCareRequest:
    """What changes in a request."""
    terms = _terms(body, body.model_fields_set & set(TermsIn.model_fields))
    if body.child_ids is not None:
        terms["child_ids"] = body.child_ids
    if body.mode is not None:
        terms["mode"] = body.mode
    known = body.circumstances if isinstance(body, AmendIn) else None
    return AmendCareRequest(
        care_request_id=care_request_id,
        version=body.version,
        asked=Asked(
            visits=_visits(body.visits) if body.visits is not None else None,
            patterns=patterns(body.patterns) if body.patterns is not None else None,
            period=(body.period.first_day, body.period.last_day) if body.period else None,
        ),
        terms=terms,
        visit_id=body.visit_id,
        visit=one_off(body.visit),
        removed_visit_ids=body.removed_visit_ids,
        circumstances=circumstances(known) if known else None,
        why=body.why,
        family_id=family_id,
    )


def consents(bodies: Sequence[SharingConsentIn]) -> tuple[ConsentTerms, ...]:
    """Every family's yes."""
    return tuple(ConsentTerms(family_id=each.family_id, said_by=each.said_by, said_at=each.said_at) for each in bodies)


def sharing_terms(body: SharingTermsIn) -> SharingTerms:
    """At whose home, and how it is split."""
    return SharingTerms(
        host_family_id=body.host_family_id,
        rule=body.rule,
        shares=tuple((each.family_id, each.share) for each in body.shares),
        remainder_family_id=body.remainder_family_id,
        host_minor_per_hour=body.host_minor_per_hour,
        travel_rule=body.travel_rule,
    )


def _terms(body: TermsIn, names: set[str]) -> dict[str, Any]:
    terms: dict[str, Any] = {name: getattr(body, name) for name in names - _NOT_TERMS}
    if "legs" in names:
        terms["legs"] = tuple(LegTerms(**leg.model_dump()) for leg in body.legs)
    if "provisional" in names:
        terms["provisional"] = Provisional(**body.provisional.model_dump()) if body.provisional else None
    return terms


def _visits(bodies: Sequence[VisitIn]) -> tuple[OneOff, ...]:
    return tuple(
        OneOff(start=each.start, end=each.end, start_local=each.start_local, end_local=each.end_local)
        for each in bodies
    )


def _child(body: ChildIn) -> ChildTerms:
    return ChildTerms(
        first_name=body.first_name,
        born=body.born,
        child_id=body.child_id if isinstance(body, KnownChildIn) else None,
        care_needs=body.care_needs,
        allergies=body.allergies,
        routine=body.routine,
    )


def _place(body: PlaceIn) -> PlaceTerms:
    known = {"place_id": body.place_id} if isinstance(body, KnownPlaceIn) else {}
    return PlaceTerms(**{**body.model_dump(exclude={"place_id"}), **known})


@contextmanager
def _pointing(prefix: str, pointer: str) -> Iterator[None]:
    """What is wrong with a part of the body points into the body."""
    try:
        yield
    except Invalid as wrong:
        raise Invalid(wrong.detail, pointer=wrong.pointer.replace(prefix, pointer, 1), code=wrong.reason) from wrong
