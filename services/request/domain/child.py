"""A child of a family, as its carer must know them."""

from datetime import date
from uuid import UUID

from services.request.domain.family_terms import ChildTerms
from shared.contracts.request import ChildFacts


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
    allergies_asked: bool
    routine: str | None

    def __init__(self, child_id: UUID, desk_id: UUID, position: int, terms: ChildTerms) -> None:
        self.child_id = child_id
        self.desk_id = desk_id
        self.allergies, self.allergies_asked = [], False
        self.tell(position, terms)

    def tell(self, position: int, terms: ChildTerms) -> None:
        """Take what is told about the child now; that allergies were asked is not unsaid by leaving them out."""
        self.position = position
        self.first_name = terms.first_name
        self.born = terms.born
        self.care_needs = list(terms.care_needs)
        if terms.allergies is not None:
            self.allergies, self.allergies_asked = list(terms.allergies), True
        self.routine = terms.routine

    def facts(self) -> ChildFacts:
        """The child as a carer must know them."""
        assert self.born is not None
        return ChildFacts(
            child_id=self.child_id,
            first_name=self.first_name,
            born=self.born,
            care_needs=tuple(self.care_needs),
            allergies=tuple(self.allergies),
            allergies_asked=self.allergies_asked,
            routine=self.routine,
        )

    def erase(self) -> None:
        """Forget who the child was."""
        self.first_name = ""
        self.born = None
        self.care_needs, self.allergies = [], []
        self.routine = None
