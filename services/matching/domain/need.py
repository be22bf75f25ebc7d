"""What must be filled by one yes: a visit, or the visits of families who share a carer."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.domain.values import Place, TimeWindow

CARER_HOME = "carer_home"
FAMILY_HOME = "family_home"


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    child_id: UUID
    born: date


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitNeed:
    """One visit as it must be filled. `home` is the family's; `place` is None when care is at the carer's home."""

    visit_id: UUID
    version: int
    family_id: UUID
    window: TimeWindow
    mode: str
    zone: str
    home: Place
    children: tuple[Child, ...]
    place: Place | None = None
    skills: tuple[str, ...] = ()
    shared_care_id: UUID | None = None
    language: str = ""
    excluded_carer_ids: frozenset[UUID] = frozenset()
    favourite_carer_ids: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Visits that one carer fills with one yes; they overlap in time, at one place, in one mode.

    `occasional` is a request of a single visit. `refused` are the carers who can't have it whatever the rules say:
    the roster refused them or the desk released them, each with the sentence they are ruled out by.
    """

    visits: tuple[VisitNeed, ...]
    urgent: bool = False
    occasional: bool = False
    refused: tuple[tuple[UUID, str], ...] = ()

    @property
    def first(self) -> VisitNeed:
        return self.visits[0]

    @property
    def mode(self) -> str:
        return self.first.mode

    @property
    def zone(self) -> str:
        return self.first.zone

    @property
    def start(self) -> datetime:
        return min(visit.window.start for visit in self.visits)

    @property
    def window(self) -> TimeWindow:
        """From the first child's arrival to the last one's leaving."""
        return TimeWindow(self.start, max(visit.window.end for visit in self.visits))

    @property
    def children(self) -> tuple[Child, ...]:
        """Every child once."""
        return tuple({child.child_id: child for visit in self.visits for child in visit.children}.values())

    def place_for(self, carer_home: Place) -> Place:
        """Where this carer would care: the place asked for, or the carer's own home."""
        return self.first.place or carer_home


def terms_of(visits: tuple[VisitNeed, ...]) -> str:
    """The visits and their versions in one text: a carer says yes or no to exactly these."""
    return " ".join(sorted(f"{visit.visit_id}:{visit.version}" for visit in visits))
