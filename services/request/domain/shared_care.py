"""Families who agreed to share a carer at one of their homes: who said yes when, and how they split what it costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.contracts.request import PlaceFacts, SharedCareAgreed, SharedCareEnded
from shared.domain.aggregate import Aggregate
from shared.domain.errors import Conflict, Invalid
from shared.domain.sharing import SplitRule


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentTerms:
    """A family's yes: who said it (a parent, on the phone or in writing), and when."""

    family_id: UUID
    said_by: str
    said_at: datetime


class Consent:
    """A family's yes as it was written down; erasure takes the name, not the yes."""

    shared_care_id: UUID
    family_id: UUID
    desk_id: UUID
    said_by: str
    said_at: datetime
    recorded_at: datetime
    recorded_by: UUID | None

    def __init__(self, desk_id: UUID, terms: ConsentTerms, recorded_at: datetime, recorded_by: UUID | None) -> None:
        self.desk_id = desk_id
        self.family_id = terms.family_id
        self.said_by = terms.said_by
        self.said_at = terms.said_at
        self.recorded_at = recorded_at
        self.recorded_by = recorded_by


class SharedCare(Aggregate):
    """Guards the agreement: it holds from its first day until its last, with the consents of all."""

    shared_care_id: UUID
    desk_id: UUID
    version: int
    host_family_id: UUID
    rule: str
    valid_from: date
    valid_until: date | None
    agreed_at: datetime
    consents: list[Consent]

    def __init__(
        self,
        shared_care_id: UUID,
        desk_id: UUID,
        *,
        host_family_id: UUID,
        place: PlaceFacts,
        rule: str,
        valid_from: date,
        consents: Sequence[ConsentTerms],
        now: datetime,
        recorded_by: UUID | None,
    ) -> None:
        """Agree. Raises Invalid when a consent is missing, doubled or said in the future, or the rule is unknown."""
        _check(host_family_id, rule, consents, now)
        self.shared_care_id = shared_care_id
        self.desk_id = desk_id
        self.version = 1
        self.host_family_id = host_family_id
        self.rule = rule
        self.valid_from = valid_from
        self.valid_until = None
        self.agreed_at = now
        self.consents = [Consent(desk_id, consent, now, recorded_by) for consent in consents]
        self._agreed(place)

    @property
    def family_ids(self) -> list[UUID]:
        return sorted(consent.family_id for consent in self.consents)

    def holds_on(self, day: date) -> bool:
        """Whether the agreement is in force on this day; the last day is one of its days."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    def host_moved(self, place: PlaceFacts) -> None:
        """Say where the care is shared from now on."""
        self.version += 1
        self._agreed(place)

    def end(self, valid_until: date) -> None:
        """End it after its last day. Raises Conflict when it ended before, Invalid for a day before it began."""
        if self.valid_until is not None:
            raise Conflict(
                f"This agreement has its last day already: {self.valid_until.isoformat()}.", code="already-ended"
            )
        if valid_until < self.valid_from:
            raise Invalid("The last day can't come before the first.", pointer="#/valid_until")
        self.valid_until = valid_until
        self.version += 1
        self.record(
            SharedCareEnded(
                desk_id=self.desk_id,
                version=self.version,
                shared_care_id=self.shared_care_id,
                valid_until=valid_until,
            )
        )

    def forget(self, family_id: UUID) -> None:
        """Take the name of who said yes for an erased family."""
        for consent in self.consents:
            if consent.family_id == family_id:
                consent.said_by = ""

    def _agreed(self, place: PlaceFacts) -> None:
        self.record(
            SharedCareAgreed(
                desk_id=self.desk_id,
                version=self.version,
                shared_care_id=self.shared_care_id,
                family_ids=tuple(self.family_ids),
                host_family_id=self.host_family_id,
                place=place,
                rule=self.rule,
                valid_from=self.valid_from,
            )
        )


def _check(host_family_id: UUID, rule: str, consents: Sequence[ConsentTerms], now: datetime) -> None:
    families = [consent.family_id for consent in consents]
    if len(set(families)) < 2:
        raise Invalid("Sharing takes the consent of at least two families.", pointer="#/consents")
    if len(set(families)) != len(families):
        raise Invalid("One family's consent is there twice.", pointer="#/consents")
    if host_family_id not in families:
        raise Invalid("The host family's consent is missing.", pointer="#/consents")
    for number, consent in enumerate(consents):
        if consent.said_at > now:
            raise Invalid("A consent can't have been given in the future.", pointer=f"#/consents/{number}/said_at")
    if rule not in tuple(SplitRule):
        raise Invalid(f"Costs are split by {', '.join(SplitRule)}, not by {rule!r}.", pointer="#/rule")
