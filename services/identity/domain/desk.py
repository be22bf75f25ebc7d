"""A desk: the organisation that dispatches."""

from uuid import UUID

from shared.contracts.identity import DeskChanged, DeskFacts, DeskRegistered
from shared.domain.aggregate import Aggregate


class Desk(Aggregate):
    """Every row of every service belongs to one."""

    def __init__(self, *, desk_id: UUID, facts: DeskFacts) -> None:
        self.desk_id = desk_id
        self.version = 1
        self._take(facts)
        self.record(DeskRegistered(desk_id=desk_id, version=self.version, desk=facts))

    def change(self, facts: DeskFacts) -> None:
        """The desk as it is from now on; nothing is said when nothing changed."""
        if facts == self.facts:
            return
        self._take(facts)
        self.version += 1
        self.record(DeskChanged(desk_id=self.desk_id, version=self.version, desk=facts))

    @property
    def facts(self) -> DeskFacts:
        return DeskFacts(
            name=self.name,
            country=self.country,
            currency=self.currency,
            languages=tuple(self.languages),
            zone=self.zone,
        )

    def _take(self, facts: DeskFacts) -> None:
        self.name = facts.name
        self.country = facts.country
        self.currency = facts.currency
        self.languages = list(facts.languages)
        self.zone = facts.zone
