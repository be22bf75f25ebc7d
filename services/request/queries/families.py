"""Families as the desk looks them up, one family with its children, and who may be the same household."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, Select, func, or_, select, tuple_
from sqlalchemy.orm import Session

from services.request.domain.checks import age_months, local_day
from services.request.domain.family_terms import PlaceKind
from services.request.domain.likeness import digits_of, folded, phone_mark
from services.request.queries.cursors import id_of
from services.request.tables import (
    children,
    families,
    family_marks,
    family_places,
    family_search,
    met_visits,
    sharing_consents,
)
from shared.domain.errors import NotFound

_FEWEST_DIGITS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyRow:
    """A family in a list: nothing about its children but how many they are."""

    family_id: UUID
    name: str
    phone: str | None
    area: str
    address: str | None
    children: int
    dispatcher_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRead:
    place_id: UUID
    kind: str
    name: str
    latitude: float
    longitude: float
    zone: str
    area: str
    address: str | None
    approximate: bool
    note: str | None
    valid_from: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRead:
    child_id: UUID
    first_name: str
    born: date
    age_months: int
    care_needs: Sequence[str]
    allergies: Sequence[str]
    allergies_asked: bool
    routine: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRead:
    """What a party may know, on whose word; `withdrawn_at` is when the family took it back."""

    consent_id: UUID
    party: str
    referrer_id: UUID | None
    allows: str
    said_by: str
    said_at: datetime
    recorded_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyRead:
    """A household; `known_carer_ids` are those its children have been with, the most frequent first."""

    family_id: UUID
    version: int
    name: str
    language: str
    languages: Sequence[str]
    interpreter: bool
    form_of_address: str | None
    phone: str | None
    email: str | None
    contacts: Sequence[Any]
    home: PlaceRead
    next_homes: Sequence[PlaceRead]
    places: Sequence[PlaceRead]
    children: Sequence[ChildRead]
    favourite_carer_ids: Sequence[UUID]
    excluded_carer_ids: Sequence[UUID]
    backup_carer_ids: Sequence[UUID]
    known_carer_ids: Sequence[UUID]
    continuity: Any
    support_tier: str
    dispatcher_account_id: UUID | None
    dispatcher_name: str | None
    referrer_id: UUID | None
    consents: Sequence[ConsentRead]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaRead:
    """A neighbourhood as the desk knows it: the middle of the homes in it, to begin with where no address is known."""

    area: str
    latitude: float
    longitude: float
    zone: str
    homes: int


def families_page(session: Session, q: str | None, after: str | None, limit: int) -> tuple[list[FamilyRow], str | None]:
    """Families by part of a name, a phone number or a street, by name; erased and merged ones are in no list.

    Looking reads one narrow table row by row: with row security on, no index of parts of words could be used, and it
    needs no extension.
    """
    found = select(family_search.c.family_id, family_search.c.name)
    if q:
        found = found.where(or_(*_matches(q)))
    if after is not None:
        cursor = select(family_search.c.name, family_search.c.family_id).where(
            family_search.c.family_id == id_of(after)
        )
        found = found.where(tuple_(family_search.c.name, family_search.c.family_id) > cursor.scalar_subquery())
    found = found.order_by(family_search.c.name, family_search.c.family_id).limit(limit + 1)
    rows = [_row(row) for row in session.execute(_rows(found)).mappings()]
    return rows[:limit], str(rows[limit - 1].family_id) if len(rows) > limit else None


def families_of(session: Session, family_ids: Collection[UUID]) -> list[FamilyRow]:
    """These families, by name."""
    found = select(family_search.c.family_id, family_search.c.name).where(family_search.c.family_id.in_(family_ids))
    return [_row(row) for row in session.execute(_rows(found)).mappings()]


def look_alikes(session: Session, marks: Collection[str], but: UUID | None = None) -> list[UUID]:
    """Families that have a number, an address or a child in common with these marks."""
    found = session.execute(
        select(family_marks.c.family_id)
        .where(family_marks.c.mark.in_(sorted(marks)), family_marks.c.family_id != but)
        .distinct()
        .order_by(family_marks.c.family_id)
    )
    return list(found.scalars())


def marks_like(
    name: str, phone: str | None, email: str | None, address: str | None, children_told: Sequence[tuple[str, date]]
) -> frozenset[str]:
    """The marks of a family that isn't registered yet, as far as it was told."""
    found = {phone_mark(phone)} if phone else set()
    found |= {f"email:{email.strip().lower()}"} if email else set()
    found |= {f"home:{folded(address)}"} if address else set()
    found |= {f"child:{folded(first)}:{born.isoformat()}:{folded(name)}" for first, born in children_told}
    return frozenset(found)


def areas(session: Session) -> list[AreaRead]:
    """The neighbourhoods families of this desk live in, each with the middle of their homes."""
    rows = session.execute(
        select(
            family_places.c.area,
            func.avg(family_places.c.latitude).label("latitude"),
            func.avg(family_places.c.longitude).label("longitude"),
            func.min(family_places.c.zone).label("zone"),
            func.count().label("homes"),
        )
        .where(
            family_places.c.kind == PlaceKind.HOME,
            family_places.c.latitude.is_not(None),
            family_places.c.approximate.is_(False),
        )
        .group_by(family_places.c.area)
        .order_by(family_places.c.area)
    ).mappings()
    return [AreaRead(**row) for row in rows]


def family(session: Session, family_id: UUID, now: datetime) -> FamilyRead:
    """A family with its children. Raises NotFound, also for one whose data was erased or that is another one now."""
    row = session.execute(select(families).where(families.c.family_id == family_id)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no family {family_id} at this desk.")
    if row["erased_at"] is not None:
        raise NotFound(f"The data of this family was erased on {row['erased_at'].date().isoformat()}.", code="erased")
    if row["merged_into"] is not None:
        raise NotFound(
            f"This family was merged: it is {row['merged_into']} now.",
            code="merged",
            more={"family_id": str(row["merged_into"])},
        )
    today = local_day(now, row["zone"])
    places = [_place(place) for place in _of(session, family_places, family_id, family_places.c.place_id)]
    homes = sorted(
        (place for place in places if place.kind == PlaceKind.HOME), key=lambda home: home.valid_from or date.min
    )
    named = {
        name: row[name]
        for name in (
            "family_id", "version", "name", "language", "languages", "interpreter", "form_of_address", "phone", "email",
            "contacts", "favourite_carer_ids", "excluded_carer_ids", "backup_carer_ids", "continuity", "support_tier",
            "dispatcher_account_id", "dispatcher_name", "referrer_id",
        )
    }  # fmt: skip
    return FamilyRead(
        **named,
        home=next(home for home in homes if home.place_id == row["home_id"]),
        next_homes=[home for home in homes if home.valid_from is not None and home.valid_from > today],
        places=[place for place in places if place.kind != PlaceKind.HOME],
        children=[_child(child, today) for child in _of(session, children, family_id, children.c.position)],
        known_carer_ids=_known_carers(session, family_id),
        consents=_consents(session, family_id),
    )


def _matches(q: str) -> list[Any]:
    """The words as they are kept: part of one is enough, and a number without what comes before it."""
    found: list[Any] = [family_search.c.words.contains(folded(q), autoescape=True)] if folded(q) else []
    digits = digits_of(q)
    if len(digits) >= _FEWEST_DIGITS and digits != folded(q):
        found.append(family_search.c.words.contains(digits, autoescape=True))
    return found or [family_search.c.words == ""]


def _rows(found: Any) -> Select[Any]:
    page = found.subquery()
    count = select(func.count()).where(children.c.family_id == families.c.family_id).scalar_subquery()
    return (
        select(
            families.c.family_id,
            families.c.name,
            families.c.phone,
            families.c.contacts,
            families.c.area,
            family_places.c.address,
            families.c.dispatcher_name,
            count.label("children"),
        )
        .join(page, page.c.family_id == families.c.family_id)
        .join(family_places, family_places.c.place_id == families.c.home_id)
        .order_by(families.c.name, families.c.family_id)
    )


def _row(row: RowMapping) -> FamilyRow:
    named = dict(row)
    contacts = named.pop("contacts")
    phone = named.pop("phone") or next((each["phone"] for each in contacts if each["phone"]), None)
    return FamilyRow(**named, phone=phone)


def _of(session: Session, table: Any, family_id: UUID, order: Any) -> Sequence[RowMapping]:
    return session.execute(select(table).where(table.c.family_id == family_id).order_by(order)).mappings().all()


def _place(row: RowMapping) -> PlaceRead:
    return PlaceRead(**{name: value for name, value in row.items() if name not in ("desk_id", "family_id")})


def _child(row: RowMapping, today: date) -> ChildRead:
    named = {name: value for name, value in row.items() if name not in ("desk_id", "family_id", "position")}
    return ChildRead(**named, age_months=age_months(row["born"], today))


def _known_carers(session: Session, family_id: UUID) -> list[UUID]:
    rows = session.execute(
        select(met_visits.c.carer_id)
        .where(met_visits.c.family_id == family_id)
        .group_by(met_visits.c.carer_id)
        .order_by(func.count().desc(), met_visits.c.carer_id)
    )
    return list(rows.scalars())


def _consents(session: Session, family_id: UUID) -> list[ConsentRead]:
    left_out = ("desk_id", "family_id", "recorded_by")
    rows = _of(session, sharing_consents, family_id, sharing_consents.c.recorded_at.desc())
    return [ConsentRead(**{name: value for name, value in row.items() if name not in left_out}) for row in rows]
