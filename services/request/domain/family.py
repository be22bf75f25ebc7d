"""A household: who lives where, how to reach them, which children, whom they know and whom they don't want."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from services.request.domain.checks import known_zone, local_day
from shared.contracts.request import (
    ChildFacts,
    FamilyChanged,
    FamilyErased,
    FamilyFacts,
    FamilyRegistered,
    PlaceFacts,
)
from shared.domain.aggregate import Aggregate
from shared.domain.errors import Conflict, Invalid, NotFound

NewId = Callable[[], UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildTerms:
    """A child as told; `child_id` names one that is known already."""

    first_name: str
    born: date
    child_id: UUID | None = None
    care_needs: tuple[str, ...] = ()
    allergies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeTerms:
    latitude: float
    longitude: float
    zone: str
    area: str
    address: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyTerms:
    """All that a family tells about itself."""

    name: str
    language: str
    home: HomeTerms
    children: tuple[ChildTerms, ...]
    phone: str | None = None
    email: str | None = None
    favourite_carer_ids: tuple[UUID, ...] = ()
    excluded_carer_ids: tuple[UUID, ...] = ()


class Child:
    """A child of the family; only the id outlives an erasure."""

    child_id: UUID
    desk_id: UUID
    family_id: UUID
    position: int
    first_name: str
    born: date | None
    care_needs: list[str]
    allergies: list[str]

    def __init__(self, child_id: UUID, desk_id: UUID, position: int, terms: ChildTerms) -> None:
        self.child_id = child_id
        self.desk_id = desk_id
        self.tell(position, terms)

    def tell(self, position: int, terms: ChildTerms) -> None:
        """Take what is told about the child now."""
        self.position = position
        self.first_name = terms.first_name
        self.born = terms.born
        self.care_needs = list(terms.care_needs)
        self.allergies = list(terms.allergies)

    def erase(self) -> None:
        """Forget who the child was."""
        self.first_name = ""
        self.born = None
        self.care_needs = []
        self.allergies = []


class Family(Aggregate):
    """Guards what is known of a household; every change is a new version and is said to the other services."""

    family_id: UUID
    desk_id: UUID
    version: int
    name: str
    language: str
    phone: str | None
    email: str | None
    favourite_carer_ids: list[UUID]
    excluded_carer_ids: list[UUID]
    place_id: UUID
    latitude: float | None
    longitude: float | None
    zone: str
    area: str
    address: str | None
    registered_at: datetime
    erased_at: datetime | None
    children: list[Child]

    def __init__(self, family_id: UUID, desk_id: UUID, terms: FamilyTerms, *, now: datetime, new_id: NewId) -> None:
        """Register a household. Raises Invalid for what can't be right, naming the field."""
        self.family_id = family_id
        self.desk_id = desk_id
        self.version = 1
        self.registered_at = now
        self.erased_at = None
        self.children = []
        self._tell(terms, now, new_id)
        self._live_at(terms.home, new_id())
        self.record(FamilyRegistered(desk_id=desk_id, version=self.version, family_id=family_id, family=self.facts()))

    def change(self, terms: FamilyTerms, *, now: datetime, new_id: NewId) -> bool:
        """Take what is told now instead of what was known; says whether the home moved.

        Raises Invalid for what can't be right, NotFound for an erased family.
        """
        self.check_not_erased()
        self._tell(terms, now, new_id)
        moved = terms.home != self._home_terms()
        if moved:
            self._live_at(terms.home, new_id())
        self.version += 1
        self.record(
            FamilyChanged(desk_id=self.desk_id, version=self.version, family_id=self.family_id, family=self.facts())
        )
        return moved

    def erase(self, *, now: datetime) -> None:
        """Forget who they are: ids and the area stay, for ledgers and counts. Raises Conflict when done before."""
        if self.erased_at is not None:
            raise Conflict("The data of this family was erased before.", code="already-erased")
        self.name = ""
        self.language = ""
        self.phone = self.email = self.address = None
        self.latitude = self.longitude = None
        self.favourite_carer_ids = []
        self.excluded_carer_ids = []
        for child in self.children:
            child.erase()
        self.erased_at = now
        self.version += 1
        self.record(FamilyErased(desk_id=self.desk_id, version=self.version, family_id=self.family_id))

    def check_not_erased(self) -> None:
        """Raises NotFound for a family whose data is gone."""
        if self.erased_at is not None:
            raise NotFound(f"The data of this family was erased on {self.erased_at.date().isoformat()}.", code="erased")

    def children_named(self, child_ids: Sequence[UUID] | None) -> list[UUID]:
        """The children asked for, all of them if none is named. Raises Invalid for a child of another family."""
        known = [child.child_id for child in self.children]
        if child_ids is None:
            return known
        if not child_ids:
            raise Invalid("Name at least one child, or leave child_ids out for all of them.", pointer="#/child_ids")
        for number, child_id in enumerate(child_ids):
            if child_id not in known:
                raise Invalid(f"{child_id} is not a child of this family.", pointer=f"#/child_ids/{number}")
        return [child_id for child_id in known if child_id in child_ids]

    def place(self) -> PlaceFacts:
        """Where they live, as others may know it. Raises NotFound for an erased family."""
        self.check_not_erased()
        assert self.latitude is not None
        assert self.longitude is not None
        return PlaceFacts(
            place_id=self.place_id,
            latitude=self.latitude,
            longitude=self.longitude,
            zone=self.zone,
            area=self.area,
            address=self.address,
        )

    def facts(self) -> FamilyFacts:
        """The household as other services may know it."""
        return FamilyFacts(
            name=self.name,
            language=self.language,
            home=self.place(),
            children=tuple(
                ChildFacts(
                    child_id=child.child_id,
                    first_name=child.first_name,
                    born=child.born,
                    care_needs=tuple(child.care_needs),
                    allergies=tuple(child.allergies),
                )
                for child in self.children
                if child.born is not None
            ),
            phone=self.phone,
            email=self.email,
            favourite_carer_ids=tuple(self.favourite_carer_ids),
            excluded_carer_ids=tuple(self.excluded_carer_ids),
        )

    def _tell(self, terms: FamilyTerms, now: datetime, new_id: NewId) -> None:
        _check(terms, now)
        known = {child.child_id: child for child in self.children}
        children = []
        for position, told in enumerate(terms.children):
            child = known.get(told.child_id) if told.child_id else None
            if child is not None:
                child.tell(position, told)
            elif told.child_id is not None and known:
                raise Invalid(
                    f"{told.child_id} is not a child of this family. Leave child_id out for a new child.",
                    pointer=f"#/children/{position}/child_id",
                )
            else:
                child = Child(told.child_id or new_id(), self.desk_id, position, told)
            children.append(child)
        self.children[:] = children
        self.name, self.language = terms.name, terms.language
        self.phone, self.email = terms.phone, terms.email
        self.favourite_carer_ids = list(terms.favourite_carer_ids)
        self.excluded_carer_ids = list(terms.excluded_carer_ids)

    def _live_at(self, home: HomeTerms, place_id: UUID) -> None:
        # Any change makes another place: a visit carries its place, and those that knew the old one must hear of it.
        self.place_id = place_id
        self.latitude, self.longitude = home.latitude, home.longitude
        self.zone, self.area, self.address = home.zone, home.area, home.address

    def _home_terms(self) -> HomeTerms:
        assert self.latitude is not None
        assert self.longitude is not None
        return HomeTerms(
            latitude=self.latitude, longitude=self.longitude, zone=self.zone, area=self.area, address=self.address
        )


def _check(terms: FamilyTerms, now: datetime) -> None:
    if not -90 <= terms.home.latitude <= 90:
        raise Invalid("A latitude lies between -90 and 90 degrees.", pointer="#/home/latitude")
    if not -180 <= terms.home.longitude <= 180:
        raise Invalid("A longitude lies between -180 and 180 degrees.", pointer="#/home/longitude")
    known_zone(terms.home.zone, "#/home/zone")
    if not terms.children:
        raise Invalid("A family that asks for care has at least one child. Name the children.", pointer="#/children")
    today = local_day(now, terms.home.zone)
    for number, child in enumerate(terms.children):
        if child.born > today:
            raise Invalid(
                f"{child.first_name} can't be born on {child.born.isoformat()}: today is {today.isoformat()} "
                f"in {terms.home.zone}. Correct the date, or register the child after the birth.",
                pointer=f"#/children/{number}/born",
            )
    named = [child.child_id for child in terms.children if child.child_id is not None]
    if len(set(named)) != len(named):
        raise Invalid("One child is named twice.", pointer="#/children")
    both = set(terms.favourite_carer_ids) & set(terms.excluded_carer_ids)
    if both:
        raise Invalid(
            "A carer can't be both a favourite and excluded. Take them out of one of the lists.",
            pointer="#/excluded_carer_ids",
        )
