"""Events of the other services about one carer, one family, and a night of care in Brighton."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.billing import InvoiceIssued
from shared.contracts.matching import OfferedVisit, OfferMade, OfferWithdrawn, VisitAssigned, VisitUnassigned
from shared.contracts.request import (
    ChildFacts,
    FamilyChanged,
    FamilyErased,
    FamilyFacts,
    FamilyRegistered,
    PlaceFacts,
)
from shared.contracts.roster import (
    CarerChanged,
    CarerFacts,
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

CARER, OTHER, FAMILY, VISIT, OFFER, INVOICE = (UUID(int=n) for n in range(1, 7))
START = datetime(2026, 6, 5, 21, 0, tzinfo=UTC)
END = START + timedelta(hours=9)
HOME = PlaceFacts(
    place_id=UUID(int=9), latitude=50.83, longitude=-0.14, zone="Europe/London", area="Hove", address="12 Secret Street"
)
CARER_FACTS = CarerFacts(
    first_name="Mona",
    last_name="Berg",
    modes=("family_home",),
    home=HOME,
    languages=("en",),
    transport="car",
    max_distance_km=20,
    phone="+44 7700 900001",
    email="mona@example.org",
)
FAMILY_FACTS = FamilyFacts(
    name="Hill",
    language="en",
    home=HOME,
    children=(ChildFacts(child_id=UUID(int=8), first_name="Tilly", born=date(2024, 5, 1)),),
    phone="+44 7700 900002",
    email="hill@example.org",
)


def carer(desk: UUID, carer_id: UUID = CARER, **changes: Any) -> CarerRegistered:
    return CarerRegistered(desk_id=desk, version=1, carer_id=carer_id, carer=replace(CARER_FACTS, **changes))


def carer_changed(desk: UUID, version: int = 2, **changes: Any) -> CarerChanged:
    return CarerChanged(desk_id=desk, version=version, carer_id=CARER, carer=replace(CARER_FACTS, **changes))


def family(desk: UUID, **changes: Any) -> FamilyRegistered:
    return FamilyRegistered(desk_id=desk, version=1, family_id=FAMILY, family=replace(FAMILY_FACTS, **changes))


def family_changed(desk: UUID, version: int = 2, **changes: Any) -> FamilyChanged:
    return FamilyChanged(desk_id=desk, version=version, family_id=FAMILY, family=replace(FAMILY_FACTS, **changes))


def erased(desk: UUID) -> FamilyErased:
    return FamilyErased(desk_id=desk, version=9, family_id=FAMILY)


def offer(desk: UUID, *, visits: int = 1, **changes: Any) -> OfferMade:
    made = OfferMade(
        desk_id=desk,
        version=1,
        offer_id=OFFER,
        wave_id=UUID(int=10),
        carer_id=CARER,
        visits=tuple(
            OfferedVisit(
                visit_id=UUID(int=VISIT.int + 100 * n),
                visit_version=1,
                start=START + timedelta(days=n),
                end=END + timedelta(days=n),
            )
            for n in range(visits)
        ),
        area="Hove",
        zone="Europe/London",
        urgent=False,
        expires_at=datetime(2026, 6, 1, 19, 30, tzinfo=UTC),
        pay_minor=11250,
        currency="GBP",
    )
    return replace(made, **changes)


def withdrawn(desk: UUID, reason: str) -> OfferWithdrawn:
    return OfferWithdrawn(desk_id=desk, version=2, offer_id=OFFER, carer_id=CARER, reason=reason)


def assigned(desk: UUID, version: int, carer_id: UUID = CARER, at: datetime = START) -> VisitAssigned:
    return VisitAssigned(
        desk_id=desk,
        version=version,
        visit_id=VISIT,
        visit_version=1,
        care_request_id=UUID(int=11),
        carer_id=carer_id,
        offer_id=OFFER,
        assigned_at=at,
    )


def released(desk: UUID, version: int, reason: str = "carer_absent", carer_id: UUID = CARER) -> VisitUnassigned:
    return VisitUnassigned(
        desk_id=desk, version=version, visit_id=VISIT, visit_version=1, carer_id=carer_id, reason=reason
    )


def rostered(desk: UUID, version: int, carer_id: UUID = CARER) -> VisitRostered:
    return VisitRostered(
        desk_id=desk,
        version=version,
        visit_id=VISIT,
        visit_version=1,
        family_id=FAMILY,
        carer_id=carer_id,
        start=START,
        end=END,
    )


def invoice(desk: UUID) -> InvoiceIssued:
    return InvoiceIssued(
        desk_id=desk,
        version=1,
        invoice_id=INVOICE,
        number="2026-0007",
        family_id=FAMILY,
        total_minor=123456,
        currency="GBP",
        issued_on=date(2026, 6, 8),
        due_on=date(2026, 6, 22),
    )


def reassigned(desk: UUID, version: int) -> VisitReassigned:
    return VisitReassigned(
        desk_id=desk, version=version, visit_id=VISIT, visit_version=1, from_carer_id=CARER, to_carer_id=OTHER
    )


def alert(desk: UUID, **changes: Any) -> AlertRaised:
    raised = AlertRaised(
        desk_id=desk,
        version=1,
        alert_id=UUID(int=20),
        kind="missing_check_in",
        severity="high",
        owner_account_id=None,
        due_at=START + timedelta(minutes=25),
        visit_id=VISIT,
        carer_id=CARER,
    )
    return replace(raised, **changes)


def coming(desk: UUID) -> ComingAsked:
    return ComingAsked(
        desk_id=desk,
        version=3,
        visit_id=VISIT,
        carer_id=CARER,
        start=START,
        end=END,
        answer_by=START - timedelta(hours=2),
    )


def stay(desk: UUID) -> StayAsked:
    return StayAsked(
        desk_id=desk,
        version=1,
        stay_id=UUID(int=21),
        visit_id=VISIT,
        carer_id=CARER,
        until=END + timedelta(minutes=30),
        zone="Europe/London",
    )


def swap(desk: UUID) -> SwapAsked:
    return SwapAsked(
        desk_id=desk,
        version=1,
        swap_id=UUID(int=22),
        visit_id=VISIT,
        return_visit_id=None,
        from_carer_id=CARER,
        to_carer_id=OTHER,
        family_ids=(FAMILY,),
        start=START,
        end=END,
        zone="Europe/London",
    )


def swap_ended(desk: UUID, state: str = "done") -> SwapEnded:
    return SwapEnded(
        desk_id=desk,
        version=2,
        swap_id=UUID(int=22),
        visit_id=VISIT,
        from_carer_id=CARER,
        to_carer_id=OTHER,
        state=state,
    )


def correction(desk: UUID, asks: str = "family") -> CorrectionProposed:
    return CorrectionProposed(
        desk_id=desk,
        version=1,
        correction_id=UUID(int=23),
        visit_id=VISIT,
        carer_id=CARER,
        family_id=FAMILY,
        asks=asks,
        started_at=START,
        ended_at=END,
    )


def lapsing(desk: UUID, days: int = 30) -> CredentialLapsing:
    return CredentialLapsing(
        desk_id=desk,
        version=days,
        credential_id=UUID(int=24),
        carer_id=CARER,
        kind="paediatric_first_aid",
        valid_until=date(2026, 7, 1),
        days_left=days,
    )


def tonight(desk: UUID, *account_ids: UUID) -> TonightListMade:
    return TonightListMade(
        desk_id=desk, version=1, on=date(2026, 6, 5), account_ids=account_ids, text="22:00 Mona at the Hills'"
    )
