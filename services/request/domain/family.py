"""A household: who lives where and from when, how to reach them, which children, whom they know and don't want."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.request.domain.checks import local_day
from services.request.domain.child import Child
from services.request.domain.family_place import FamilyPlace
from services.request.domain.family_terms import (
    ChildTerms,
    ContactTerms,
    ContinuityTerms,
    FamilyTerms,
    HomeTerms,
    PlaceKind,
    PlaceTerms,
    SupportTier,
    check_carers,
    check_family,
    check_home,
)
from shared.contracts.request import (
    ContactFacts,
    ContinuityFacts,
    FamilyChanged,
    FamilyErased,
    FamilyFacts,
    FamilyMerged,
    FamilyRegistered,
    PlaceFacts,
)
from shared.domain.aggregate import Aggregate
from shared.domain.errors import Conflict, Invalid, NotFound

NewId = Callable[[], UUID]


class Family(Aggregate):
    """Guards what is known of a household; every change is a new version and is said to the other services."""

    family_id: UUID
    desk_id: UUID
    version: int
    name: str
    language: str
    languages: list[str]
    interpreter: bool
    form_of_address: str | None
    phone: str | None
    email: str | None
    contacts: list[dict[str, Any]]
    favourite_carer_ids: list[UUID]
    excluded_carer_ids: list[UUID]
    backup_carer_ids: list[UUID]
    continuity: dict[str, int] | None
    support_tier: str
    dispatcher_account_id: UUID | None
    dispatcher_name: str | None
    referrer_id: UUID | None
    home_id: UUID
    zone: str
    area: str
    registered_at: datetime
    erased_at: datetime | None
    merged_into: UUID | None
    children: list[Child]
    places: list[FamilyPlace]

    def __init__(
        self,
        family_id: UUID,
        desk_id: UUID,
        terms: FamilyTerms,
        *,
        now: datetime,
        new_id: NewId,
        referrer_id: UUID | None = None,
    ) -> None:
        """Register a household. Raises Invalid for what can't be right, naming the field."""
        check_family(terms, now)
        self.family_id, self.desk_id = family_id, desk_id
        self.version = 1
        self.registered_at = now
        self.erased_at = self.merged_into = None
        self.dispatcher_account_id = self.dispatcher_name = None
        self.referrer_id = referrer_id
        self.children, self.places = [], []
        self._tell(terms, new_id)
        self._add_home(terms.home, local_day(now, terms.home.zone), new_id())
        self._live_where(local_day(now, terms.home.zone))
        self.record(FamilyRegistered(desk_id=desk_id, version=self.version, family_id=family_id, family=self.facts()))

    def change(self, terms: FamilyTerms, *, now: datetime, new_id: NewId) -> frozenset[UUID]:
        """Take what is told now instead of what was known; says which places are not where they were, or new.

        Another home than today's holds from today on. Raises Invalid for what can't be right, NotFound for an erased
        family.
        """
        self.check_here()
        check_family(terms, now)
        before = {place.place_id: _spot(place) for place in self.places}
        self._tell(terms, new_id)
        if terms.home != self.home().home_terms():
            today = local_day(now, terms.home.zone)
            self._add_home(terms.home, today, new_id())
            self._live_where(today)
        self._changed()
        return frozenset(place.place_id for place in self.places if before.get(place.place_id) != _spot(place))

    def move(self, home: HomeTerms, from_day: date, *, now: datetime, new_id: NewId) -> None:
        """They will live there from that day on; what was planned for that day or later is planned anew.

        Raises Invalid for a day that is over or a home that can't be.
        """
        self.check_here()
        check_home(home, "#/home")
        today = local_day(now, self.zone)
        if from_day < today:
            raise Invalid(
                f"{from_day.isoformat()} is over. Where they lived then stays as it was.", pointer="#/from_day"
            )
        self.places[:] = [
            place
            for place in self.places
            if place.kind != PlaceKind.HOME or place.valid_from is None or place.valid_from < from_day
        ]
        self._add_home(home, from_day, new_id())
        self._live_where(today)
        self._changed()

    def live_on(self, day: date) -> bool:
        """Live where they said they would from this day on; says whether that is another home."""
        before = self.home_id
        self._live_where(day)
        if self.home_id == before:
            return False
        self._changed()
        return True

    def next_move(self, after: date) -> date | None:
        """The day of the next planned move."""
        ahead = [home.valid_from for home in self._homes() if home.valid_from and home.valid_from > after]
        return min(ahead, default=None)

    def take(self, account_id: UUID | None, name: str) -> None:
        """One dispatcher knows this family best, and is asked for first."""
        self.check_here()
        self.dispatcher_account_id, self.dispatcher_name = account_id, name or None
        self._changed()

    def support(self, tier: str) -> None:
        """How much the family wants the desk to do from now on. Raises Invalid for a tier there is none of."""
        self.check_here()
        if tier not in tuple(SupportTier):
            raise Invalid(f"A family is helped by {', '.join(SupportTier)}.", pointer="#/support_tier")
        self.support_tier = tier
        self.version += 1

    def prefer(self, favourites: Sequence[UUID], excluded: Sequence[UUID], backups: Sequence[UUID]) -> None:
        """Whom the family likes to see, does not want, and falls back on; nobody has to say why. Raises Invalid."""
        self.check_here()
        check_carers(favourites, excluded, backups)
        self.favourite_carer_ids = list(favourites)
        self.excluded_carer_ids = list(excluded)
        self.backup_carer_ids = list(backups)
        self._changed()

    def absorb(self, other: "Family", same_children: Mapping[UUID, UUID]) -> None:
        """The other is this household, registered twice: its children, places and wishes are this one's from now on.

        `same_children` names, by the other's child, the child here that is the same one. Raises Conflict for a family
        that was merged or erased.
        """
        self.check_here()
        other.check_here()
        for child in list(other.children):
            if child.child_id not in same_children:
                other.children.remove(child)
                child.position = len(self.children)
                self.children.append(child)
        for place in list(other.places):
            if place.kind != PlaceKind.HOME:
                other.places.remove(place)
                self.places.append(place)
        self.phone, self.email = self.phone or other.phone, self.email or other.email
        known = {contact["name"] for contact in self.contacts}
        self.contacts = [*self.contacts, *(each for each in other.contacts if each["name"] not in known)]
        self.languages = list(dict.fromkeys([*self.languages, *other.languages]))
        self.favourite_carer_ids = _both(self.favourite_carer_ids, other.favourite_carer_ids)
        self.excluded_carer_ids = _both(self.excluded_carer_ids, other.excluded_carer_ids)
        self.favourite_carer_ids = [each for each in self.favourite_carer_ids if each not in self.excluded_carer_ids]
        other.merged_into = self.family_id
        other.version += 1
        self._changed()
        self.record(
            FamilyMerged(
                desk_id=self.desk_id,
                version=self.version,
                family_id=self.family_id,
                merged_family_id=other.family_id,
            )
        )

    def erase(self, *, now: datetime) -> None:
        """Forget who they are: ids and the area stay, for ledgers and counts. Raises Conflict when done before."""
        if self.erased_at is not None:
            raise Conflict("The data of this family was erased before.", code="already-erased")
        self.name = self.language = ""
        self.phone = self.email = self.form_of_address = None
        self.contacts, self.languages = [], []
        self.favourite_carer_ids, self.excluded_carer_ids, self.backup_carer_ids = [], [], []
        self.continuity = None
        for child in self.children:
            child.erase()
        for place in self.places:
            place.erase()
        self.erased_at = now
        self.version += 1
        self.record(FamilyErased(desk_id=self.desk_id, version=self.version, family_id=self.family_id))

    def check_version(self, version: int | None) -> None:
        """Raises Conflict when somebody changed the family since the caller read it."""
        if version is not None and version != self.version:
            raise Conflict(
                f"Somebody changed this family: you saw version {version}, it is at {self.version}. "
                "Look at it again, then repeat.",
                code="changed-meanwhile",
                more={"version": self.version},
            )

    def check_here(self) -> None:
        """Raises NotFound for a family whose data is gone, or that is another one now."""
        if self.erased_at is not None:
            raise NotFound(f"The data of this family was erased on {self.erased_at.date().isoformat()}.", code="erased")
        if self.merged_into is not None:
            raise NotFound(f"This family was merged: it is {self.merged_into} now.", code="merged")

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

    def home(self) -> FamilyPlace:
        """Where they live now."""
        return next(place for place in self.places if place.place_id == self.home_id)

    def home_on(self, day: date) -> FamilyPlace:
        """Where they live on that day; before the first known day, at the first known home."""
        homes = self._homes()
        return next((home for home in reversed(homes) if home.valid_from and home.valid_from <= day), homes[0])

    def place_facts(self) -> dict[UUID, PlaceFacts]:
        """Every place of the family as others may know it. Raises NotFound for an erased family."""
        self.check_here()
        return {place.place_id: place.facts() for place in self.places}

    def facts(self) -> FamilyFacts:
        """The household as other services may know it."""
        contacts = tuple(ContactFacts(**{**each, "channels": tuple(each["channels"])}) for each in self.contacts)
        return FamilyFacts(
            name=self.name,
            language=self.language,
            home=self.home().facts(),
            children=tuple(child.facts() for child in self.children if child.born is not None),
            phone=self.phone or next((each.phone for each in contacts if each.phone), None),
            email=self.email or next((each.email for each in contacts if each.email), None),
            favourite_carer_ids=tuple(self.favourite_carer_ids),
            excluded_carer_ids=tuple(self.excluded_carer_ids),
            backup_carer_ids=tuple(self.backup_carer_ids),
            languages=tuple(self.languages),
            interpreter=self.interpreter,
            form_of_address=self.form_of_address,
            contacts=contacts,
            continuity=ContinuityFacts(**self.continuity) if self.continuity else None,
            dispatcher_account_id=self.dispatcher_account_id,
        )

    def _changed(self) -> None:
        self.version += 1
        self.record(
            FamilyChanged(desk_id=self.desk_id, version=self.version, family_id=self.family_id, family=self.facts())
        )

    def _tell(self, terms: FamilyTerms, new_id: NewId) -> None:
        self._tell_children(terms.children, new_id)
        self._tell_places(terms.places, new_id)
        self.name, self.language = terms.name, terms.language
        self.languages, self.interpreter = list(terms.languages), terms.interpreter
        self.form_of_address = terms.form_of_address
        self.phone, self.email = terms.phone, terms.email
        self.contacts = [_contact(each) for each in terms.contacts]
        self.favourite_carer_ids = list(terms.favourite_carer_ids)
        self.excluded_carer_ids = list(terms.excluded_carer_ids)
        self.backup_carer_ids = list(terms.backup_carer_ids)
        self.continuity = _continuity(terms.continuity)
        self.support_tier = terms.support_tier

    def _tell_children(self, told: Sequence[ChildTerms], new_id: NewId) -> None:
        known = {child.child_id: child for child in self.children}
        children = []
        for position, each in enumerate(told):
            child = known.get(each.child_id) if each.child_id else None
            if child is not None:
                child.tell(position, each)
            elif each.child_id is not None and known:
                raise Invalid(
                    f"{each.child_id} is not a child of this family. Leave child_id out for a new child.",
                    pointer=f"#/children/{position}/child_id",
                )
            else:
                child = Child(each.child_id or new_id(), self.desk_id, position, each)
            children.append(child)
        self.children[:] = children

    def _tell_places(self, told: Sequence[PlaceTerms], new_id: NewId) -> None:
        known = {place.place_id: place for place in self.places if place.kind != PlaceKind.HOME}
        places = []
        for number, each in enumerate(told):
            place = known.get(each.place_id) if each.place_id else None
            if place is None and each.place_id is not None and self.places:
                raise Invalid(
                    f"{each.place_id} is not a place of this family. Leave place_id out for a new one.",
                    pointer=f"#/places/{number}/place_id",
                )
            place = place or FamilyPlace(each.place_id or new_id(), self.desk_id, each.kind, None)
            place.tell(each)
            places.append(place)
        self.places[:] = [*self._homes(), *places]

    def _homes(self) -> list[FamilyPlace]:
        homes = [place for place in self.places if place.kind == PlaceKind.HOME]
        return sorted(homes, key=lambda home: home.valid_from or date.min)

    def _add_home(self, home: HomeTerms, from_day: date, place_id: UUID) -> None:
        # Any change makes another place: a visit carries its place, and those that knew the old one must hear of it.
        self.places[:] = [
            place for place in self.places if place.kind != PlaceKind.HOME or place.valid_from != from_day
        ]
        added = FamilyPlace(place_id, self.desk_id, PlaceKind.HOME, from_day)
        added.tell_home(home)
        self.places.append(added)

    def _live_where(self, day: date) -> None:
        home = self.home_on(day)
        self.home_id, self.zone, self.area = home.place_id, home.zone, home.area


def _contact(terms: ContactTerms) -> dict[str, Any]:
    return {"name": terms.name, "phone": terms.phone, "email": terms.email, "channels": list(terms.channels)}


def _continuity(terms: ContinuityTerms | None) -> dict[str, int] | None:
    if terms is None:
        return None
    return {"most_carers": terms.most_carers, "least_share_percent": terms.least_share_percent}


def _both(one: Sequence[UUID], other: Sequence[UUID]) -> list[UUID]:
    return list(dict.fromkeys([*one, *other]))


def _spot(place: FamilyPlace) -> tuple[object, ...]:
    return (place.name, place.latitude, place.longitude, place.zone, place.area, place.address, place.valid_from)
