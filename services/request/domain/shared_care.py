"""Families who agreed to share a carer: who said yes when and from which day on, at whose home, and how they split it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from shared.contracts.request import PlaceFacts, SharedCareAgreed, SharedCareEnded, ShareFacts, SplitFacts
from shared.domain.aggregate import Aggregate
from shared.domain.errors import Conflict, Invalid
from shared.domain.sharing import SplitRule

_WHOLE = 10_000
_PERCENTAGES, _AMOUNTS, _INCOME = "percentages", "amounts", "income"
_WITH_SHARES = (_PERCENTAGES, _AMOUNTS, _INCOME)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentTerms:
    """A family's yes: who said it (a parent, on the phone or in writing), and when."""

    family_id: UUID
    said_by: str
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingTerms:
    """At whose home, and how families split what the care costs.

    `shares` are hundredths of a percent, minor units or weights by income, by family, where the rule needs them. What
    fixed amounts leave over is the remainder family's. The host may be compensated by the others' presence.
    """

    host_family_id: UUID
    rule: str
    shares: tuple[tuple[UUID, int], ...] = ()
    remainder_family_id: UUID | None = None
    host_minor_per_hour: int = 0
    travel_rule: str | None = None


class Consent:
    """A family's yes as it was written down, and its days: erasure takes the name, not the yes."""

    shared_care_id: UUID
    family_id: UUID
    from_day: date
    desk_id: UUID
    last_day: date | None
    said_by: str
    said_at: datetime
    recorded_at: datetime
    recorded_by: UUID | None

    def __init__(
        self, desk_id: UUID, terms: ConsentTerms, from_day: date, recorded_at: datetime, recorded_by: UUID | None
    ) -> None:
        self.desk_id = desk_id
        self.family_id = terms.family_id
        self.from_day, self.last_day = from_day, None
        self.said_by = terms.said_by
        self.said_at = terms.said_at
        self.recorded_at = recorded_at
        self.recorded_by = recorded_by

    def holds_on(self, day: date) -> bool:
        return self.from_day <= day and (self.last_day is None or day <= self.last_day)


class SharingFrom:
    """The terms from a day on, until the next ones'."""

    shared_care_id: UUID
    valid_from: date
    desk_id: UUID
    terms: SharingTerms

    def __init__(self, desk_id: UUID, valid_from: date, terms: SharingTerms) -> None:
        self.desk_id = desk_id
        self.valid_from = valid_from
        self.terms = terms


class SharedCare(Aggregate):
    """Guards the agreement. What held on a day that is over stays as it was, whoever joins, leaves or changes the rule."""

    shared_care_id: UUID
    desk_id: UUID
    version: int
    valid_from: date
    valid_until: date | None
    agreed_at: datetime
    consents: list[Consent]
    dated_terms: list[SharingFrom]

    def __init__(
        self,
        shared_care_id: UUID,
        desk_id: UUID,
        *,
        terms: SharingTerms,
        place: PlaceFacts,
        valid_from: date,
        consents: Sequence[ConsentTerms],
        now: datetime,
        recorded_by: UUID | None,
    ) -> None:
        """Agree. Raises Invalid when a consent is missing, doubled or said in the future, or the rule can't be."""
        _check_consents(consents, now)
        _check_terms(terms, [consent.family_id for consent in consents])
        self.shared_care_id = shared_care_id
        self.desk_id = desk_id
        self.version = 1
        self.valid_from, self.valid_until = valid_from, None
        self.agreed_at = now
        self.consents = [Consent(desk_id, consent, valid_from, now, recorded_by) for consent in consents]
        self.dated_terms = [SharingFrom(desk_id, valid_from, terms)]
        self._say_agreed(place, valid_from)

    def families_on(self, day: date) -> list[UUID]:
        """The families who share on that day."""
        return sorted({consent.family_id for consent in self.consents if consent.holds_on(day)})

    def ever_shared_by(self, family_id: UUID) -> bool:
        return any(consent.family_id == family_id for consent in self.consents)

    def terms_on(self, day: date) -> SharingTerms:
        """What holds on that day; before the first day, what holds first."""
        dated = sorted(self.dated_terms, key=lambda each: each.valid_from)
        return next((each.terms for each in reversed(dated) if each.valid_from <= day), dated[0].terms)

    def holds_for(self, family_id: UUID, day: date) -> bool:
        """Whether the agreement is in force for this family on that day; its last day is one of its days."""
        return self.valid_from <= day and not self._over_on(day) and family_id in self.families_on(day)

    def agree_anew(
        self,
        consents: Sequence[ConsentTerms],
        terms: SharingTerms,
        from_day: date,
        *,
        place: PlaceFacts,
        today: date,
        now: datetime,
        recorded_by: UUID | None,
    ) -> None:
        """From that day on another host or rule, or more families: all who share from then on say yes, again or first.

        Raises Conflict when it has ended, Invalid for a day that is over or a consent that is missing.
        """
        self._check_going_on()
        _check_consents(consents, now)
        if from_day < max(today, self.valid_from):
            raise Invalid(
                "What was shared before that day stays as it was: begin today or later.", pointer="#/from_day"
            )
        sharing = self.families_on(from_day)
        if lacking := set(sharing) - {consent.family_id for consent in consents}:
            raise Invalid(f"The consent of the family {min(lacking)} is missing.", pointer="#/consents")
        _check_terms(terms, [consent.family_id for consent in consents])
        for consent in self.consents:
            if consent.holds_on(from_day) and consent.from_day < from_day:
                consent.last_day = from_day - timedelta(days=1)
        self.consents[:] = [consent for consent in self.consents if consent.from_day < from_day]
        self.consents.extend(Consent(self.desk_id, each, from_day, now, recorded_by) for each in consents)
        self._put(terms, from_day)
        self._say_anew(place, from_day)

    def leave(self, family_id: UUID, last_day: date, *, place: PlaceFacts, terms: SharingTerms | None) -> None:
        """A family shares no longer after that day; the others go on under `terms`, or as they did.

        The last two part by ending it. Raises Conflict for a family that has no part in it or hosts, Invalid for a day
        before it joined.
        """
        self._check_going_on()
        after = last_day + timedelta(days=1)
        theirs = [consent for consent in self.consents if consent.family_id == family_id and consent.last_day is None]
        if not theirs:
            raise Conflict("This family has no part in it any more.", code="already-left")
        if last_day < min(consent.from_day for consent in theirs):
            raise Invalid("The last day can't come before the first.", pointer="#/last_day")
        for consent in theirs:
            consent.last_day = last_day
        if len(self.families_on(after)) < 2:
            self.end(last_day)
            return
        going_on = terms or _without(self.terms_on(after), family_id)
        _check_terms(going_on, self.families_on(after))
        self._put(going_on, after)
        self._say_anew(place, after)

    def host_moved(self, place: PlaceFacts, today: date) -> None:
        """Say where the care is shared from now on."""
        self._say_anew(place, max(self.valid_from, today))

    def end(self, valid_until: date) -> None:
        """End it after its last day. Raises Conflict when it ended before, Invalid for a day before it began."""
        self._check_going_on()
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

    def now_of(self, merged_family_id: UUID, family_id: UUID, *, place: PlaceFacts, today: date) -> None:
        """A household that was registered twice shares under its one id; both of them can't share with each other."""
        for consent in self.consents:
            if consent.family_id == merged_family_id:
                consent.family_id = family_id
        for dated in self.dated_terms:
            dated.terms = _renamed(dated.terms, {merged_family_id: family_id})
        if self.valid_until is None:
            self._say_anew(place, max(self.valid_from, today))

    def _put(self, terms: SharingTerms, from_day: date) -> None:
        self.dated_terms[:] = [each for each in self.dated_terms if each.valid_from < from_day]
        self.dated_terms.append(SharingFrom(self.desk_id, from_day, terms))

    def _check_going_on(self) -> None:
        if self.valid_until is not None:
            raise Conflict(
                f"This agreement has its last day already: {self.valid_until.isoformat()}.", code="already-ended"
            )

    def _over_on(self, day: date) -> bool:
        return self.valid_until is not None and day > self.valid_until

    def _say_anew(self, place: PlaceFacts, from_day: date) -> None:
        self.version += 1
        self._say_agreed(place, from_day)

    def _say_agreed(self, place: PlaceFacts, from_day: date) -> None:
        terms = self.terms_on(from_day)
        self.record(
            SharedCareAgreed(
                desk_id=self.desk_id,
                version=self.version,
                shared_care_id=self.shared_care_id,
                family_ids=tuple(self.families_on(from_day)),
                host_family_id=terms.host_family_id,
                place=place,
                rule=terms.rule,
                valid_from=from_day,
                split=SplitFacts(
                    shares=tuple(ShareFacts(family_id=family_id, share=share) for family_id, share in terms.shares),
                    remainder_family_id=terms.remainder_family_id,
                    host_minor_per_hour=terms.host_minor_per_hour,
                    travel_rule=terms.travel_rule,
                ),
            )
        )


def _check_consents(consents: Sequence[ConsentTerms], now: datetime) -> None:
    families = [consent.family_id for consent in consents]
    if len(set(families)) < 2:
        raise Invalid("Sharing takes the consent of at least two families.", pointer="#/consents")
    if len(set(families)) != len(families):
        raise Invalid("One family's consent is there twice.", pointer="#/consents")
    for number, consent in enumerate(consents):
        if consent.said_at > now:
            raise Invalid("A consent can't have been given in the future.", pointer=f"#/consents/{number}/said_at")


def _check_terms(terms: SharingTerms, families: Sequence[UUID]) -> None:
    if terms.host_family_id not in families:
        raise Invalid("The host family's consent is missing.", pointer="#/consents")
    rules = tuple(SplitRule)
    for value, pointer in ((terms.rule, "#/rule"), (terms.travel_rule or terms.rule, "#/travel_rule")):
        if value not in rules:
            raise Invalid(f"Costs are split by {', '.join(rules)}, not by {value!r}.", pointer=pointer)
    if terms.host_minor_per_hour < 0:
        raise Invalid("A compensation can't be negative.", pointer="#/host_minor_per_hour")
    _check_shares(terms, families)


def _check_shares(terms: SharingTerms, families: Sequence[UUID]) -> None:
    shares = dict(terms.shares)
    if terms.rule not in _WITH_SHARES:
        if shares or terms.remainder_family_id:
            raise Invalid(f"Nobody has a fixed share when costs are split by {terms.rule}.", pointer="#/shares")
        return
    if len(shares) != len(terms.shares) or any(share < 0 for share in shares.values()):
        raise Invalid("Each family has one share, and none below zero.", pointer="#/shares")
    needed = set(families) - ({terms.remainder_family_id} if terms.rule == _AMOUNTS else set())
    if set(shares) != needed:
        raise Invalid("Say the share of every family who shares, and of no other.", pointer="#/shares")
    if terms.rule == _AMOUNTS and terms.remainder_family_id not in families:
        raise Invalid("Say which family pays what the fixed amounts leave over.", pointer="#/remainder_family_id")
    if terms.rule != _AMOUNTS and terms.remainder_family_id:
        raise Invalid("Only fixed amounts leave a remainder.", pointer="#/remainder_family_id")
    if terms.rule == _PERCENTAGES and sum(shares.values()) != _WHOLE:
        raise Invalid("The percentages add up to 100 (10000 hundredths).", pointer="#/shares")
    if terms.rule == _INCOME and not sum(shares.values()):
        raise Invalid("At least one family has a weight.", pointer="#/shares")


def _without(terms: SharingTerms, family_id: UUID) -> SharingTerms:
    if terms.host_family_id == family_id:
        raise Conflict("The host leaves: agree first at whose home the others go on.", code="host-leaves")
    if terms.rule in _WITH_SHARES:
        raise Conflict("Shares were fixed for all of them: agree on the shares of those who go on.", code="new-shares")
    return terms


def _renamed(terms: SharingTerms, names: Mapping[UUID, UUID]) -> SharingTerms:
    def now(family_id: UUID) -> UUID:
        return names.get(family_id, family_id)

    return SharingTerms(
        host_family_id=now(terms.host_family_id),
        rule=terms.rule,
        shares=tuple((now(family_id), share) for family_id, share in terms.shares),
        remainder_family_id=now(terms.remainder_family_id) if terms.remainder_family_id else None,
        host_minor_per_hour=terms.host_minor_per_hour,
        travel_rule=terms.travel_rule,
    )
