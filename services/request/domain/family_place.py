"""The places of a family: its homes, each from its first day, and where its children also are."""

from datetime import date
from uuid import UUID

from services.request.domain.family_terms import HomeTerms, PlaceTerms
from shared.contracts.request import PlaceFacts


class FamilyPlace:
    """A home, from its first day until the next one's, or a school, nursery or club; the same place while it is told."""

    place_id: UUID
    desk_id: UUID
    family_id: UUID
    kind: str
    name: str
    latitude: float | None
    longitude: float | None
    zone: str
    area: str
    address: str | None
    approximate: bool
    note: str | None
    valid_from: date | None

    def __init__(self, place_id: UUID, desk_id: UUID, kind: str, valid_from: date | None) -> None:
        self.place_id, self.desk_id = place_id, desk_id
        self.kind, self.valid_from = kind, valid_from
        self.name, self.note, self.approximate = "", None, False

    def tell_home(self, home: HomeTerms) -> None:
        """Take what is told about a home."""
        self.latitude, self.longitude = home.latitude, home.longitude
        self.zone, self.area, self.address = home.zone, home.area, home.address
        self.approximate = home.approximate

    def tell(self, terms: PlaceTerms) -> None:
        """Take what is told about a place that is no home."""
        self.kind, self.name, self.note = terms.kind, terms.name, terms.note
        self.latitude, self.longitude = terms.latitude, terms.longitude
        self.zone, self.area, self.address = terms.zone, terms.area, terms.address

    def home_terms(self) -> HomeTerms:
        """The home as it was told."""
        assert self.latitude is not None
        assert self.longitude is not None
        return HomeTerms(
            latitude=self.latitude,
            longitude=self.longitude,
            zone=self.zone,
            area=self.area,
            address=self.address,
            approximate=self.approximate,
        )

    def facts(self) -> PlaceFacts:
        """The place as others may know it; its name comes before its address."""
        assert self.latitude is not None
        assert self.longitude is not None
        return PlaceFacts(
            place_id=self.place_id,
            latitude=self.latitude,
            longitude=self.longitude,
            zone=self.zone,
            area=self.area,
            address=", ".join(filter(None, (self.name, self.address))) or None,
        )

    def erase(self) -> None:
        """Forget where it was; the area stays, for counts."""
        self.latitude = self.longitude = self.address = self.note = None
        self.name = ""
