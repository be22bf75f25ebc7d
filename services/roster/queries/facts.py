"""What of a carer other services are told, read back from the rows."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.roster.domain.credential import counting
from services.roster.tables.carers import carers, credentials
from shared.contracts.request import PlaceFacts
from shared.contracts.roster import (
    CapFacts,
    CarerFacts,
    CredentialFacts,
    GoalFacts,
    SmallestFacts,
)


def carer_facts(session: Session, carer_id: UUID) -> CarerFacts:
    """The carer as this desk knows them; of papers only those that count."""
    row = session.execute(select(carers).where(carers.c.carer_id == carer_id)).one()
    return CarerFacts(
        first_name=row.first_name,
        last_name=row.last_name,
        modes=tuple(row.modes),
        home=_place(row.home),
        languages=tuple(row.languages),
        transport=row.transport,
        max_distance_km=row.max_distance_km,
        phone=row.phone,
        email=row.email,
        skills=tuple(row.skills),
        opt_ins=tuple(row.opt_ins),
        credentials=tuple(
            CredentialFacts(kind=paper.kind, valid_from=paper.valid_from, valid_until=paper.valid_until)
            for paper in counting(papers_of(session, carer_id))
        ),
        own_children_born=tuple(row.own_children_born),
        cleared_on=row.cleared_on,
        affiliation=row.affiliation,
        distances_km=tuple(sorted(row.distances_km.items())),
        pets=tuple(row.pets),
        smoker=row.smoker,
        caps=CapFacts(**row.caps),
        smallest=SmallestFacts(**row.smallest),
        goals=GoalFacts(**row.goals),
        excluded_family_ids=tuple(row.excluded_family_ids),
        standby_week_minutes=row.standby_week_minutes,
        assistant=row.assistant,
    )


def papers_of(session: Session, carer_id: UUID) -> list[Any]:
    """Every paper of the carer, in order."""
    return list(
        session.execute(
            select(credentials)
            .where(credentials.c.carer_id == carer_id)
            .order_by(credentials.c.kind, credentials.c.valid_from, credentials.c.credential_id)
        ).all()
    )


def _place(facts: dict[str, Any]) -> PlaceFacts:
    return PlaceFacts(
        place_id=UUID(facts["place_id"]),
        latitude=facts["latitude"],
        longitude=facts["longitude"],
        zone=facts["zone"],
        area=facts["area"],
        address=facts.get("address"),
    )
