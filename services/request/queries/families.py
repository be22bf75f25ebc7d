"""Families as the desk looks them up, and one family with its children."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import Session

from services.request.domain.checks import age_months, local_day
from services.request.queries.cursors import id_of
from services.request.tables import children, families
from shared.domain.errors import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyRow:
    """A family in a list: nothing about its children but how many they are."""

    family_id: UUID
    name: str
    phone: str | None
    area: str
    children: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeRead:
    place_id: UUID
    latitude: float
    longitude: float
    zone: str
    area: str
    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRead:
    child_id: UUID
    first_name: str
    born: date
    age_months: int
    care_needs: Sequence[str]
    allergies: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyRead:
    family_id: UUID
    version: int
    name: str
    language: str
    phone: str | None
    email: str | None
    home: HomeRead
    children: Sequence[ChildRead]
    favourite_carer_ids: Sequence[UUID]
    excluded_carer_ids: Sequence[UUID]


def families_page(session: Session, q: str | None, after: str | None, limit: int) -> tuple[list[FamilyRow], str | None]:
    """Families by part of their name or phone number, by name; erased ones are in no list."""
    count = select(func.count()).where(children.c.family_id == families.c.family_id).scalar_subquery()
    query = select(
        families.c.family_id, families.c.name, families.c.phone, families.c.area, count.label("children")
    ).where(families.c.erased_at.is_(None))
    if q:
        query = query.where(or_(*_matches(q)))
    if after is not None:
        cursor = select(families.c.name, families.c.family_id).where(families.c.family_id == id_of(after))
        query = query.where(tuple_(families.c.name, families.c.family_id) > cursor.scalar_subquery())
    rows = session.execute(query.order_by(families.c.name, families.c.family_id).limit(limit + 1)).mappings().all()
    found = [FamilyRow(**row) for row in rows[:limit]]
    return found, str(found[-1].family_id) if len(rows) > limit else None


def family(session: Session, family_id: UUID, now: datetime) -> FamilyRead:
    """A family with its children. Raises NotFound, also for one whose data was erased."""
    row = session.execute(select(families).where(families.c.family_id == family_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no family {family_id} at this desk.")
    if row.erased_at is not None:
        raise NotFound(f"The data of this family was erased on {row.erased_at.date().isoformat()}.", code="erased")
    born = session.execute(
        select(children).where(children.c.family_id == family_id).order_by(children.c.position)
    ).all()
    today = local_day(now, row.zone)
    return FamilyRead(
        family_id=row.family_id,
        version=row.version,
        name=row.name,
        language=row.language,
        phone=row.phone,
        email=row.email,
        home=HomeRead(
            place_id=row.place_id,
            latitude=row.latitude,
            longitude=row.longitude,
            zone=row.zone,
            area=row.area,
            address=row.address,
        ),
        children=[
            ChildRead(
                child_id=child.child_id,
                first_name=child.first_name,
                born=child.born,
                age_months=age_months(child.born, today),
                care_needs=child.care_needs,
                allergies=child.allergies,
            )
            for child in born
        ],
        favourite_carer_ids=row.favourite_carer_ids,
        excluded_carer_ids=row.excluded_carer_ids,
    )


def _matches(q: str) -> list[Any]:
    found: list[Any] = [families.c.name.icontains(q, autoescape=True)]
    digits = "".join(letter for letter in q if letter.isdigit())
    if digits:
        found.append(func.regexp_replace(families.c.phone, r"\D", "", "g").contains(digits))
    return found
