"""Tariffs as the contract states them: which one applies and why, and what it is made into to price care."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Any, Protocol, TypeVar
from uuid import UUID

from shared.domain.errors import Invalid
from shared.domain.pricing import (
    AgeBand,
    Band,
    CancellationStep,
    FixedPrice,
    Per,
    Rounding,
    RoundingOf,
    ShortNotice,
    Tariff,
)

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")


class Party(StrEnum):
    """Whose money a tariff is about: what a family pays, a carer earns, an agency keeps, a funder pays."""

    FAMILY = "family"
    CARER = "carer"
    AGENCY = "agency"
    FUNDER = "funder"


class Mode(StrEnum):
    FAMILY_HOME = "family_home"
    CARER_HOME = "carer_home"


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffScope:
    """What a tariff names besides its desk; all it names must be so. None of them: it is the desk's own."""

    family_id: UUID | None = None
    carer_id: UUID | None = None
    price_group: str | None = None
    funder_id: UUID | None = None
    agency: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What it names, the most specific first: family, carer, price group, funder, agency."""
        return tuple(each.name for each in fields(self) if getattr(self, each.name) is not None)

    @property
    def rank(self) -> tuple[bool, ...]:
        """Greater is more specific."""
        return tuple(getattr(self, each.name) is not None for each in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Whose care by whom: what tariffs may name."""

    family_id: UUID | None = None
    carer_id: UUID | None = None
    price_group: str | None = None
    funder_ids: frozenset[UUID] = frozenset()
    agency: str | None = None

    def fits(self, scope: TariffScope) -> bool:
        """Whether all that the tariff names is so here."""
        return (
            scope.family_id in (None, self.family_id)
            and scope.carer_id in (None, self.carer_id)
            and scope.price_group in (None, self.price_group)
            and (scope.funder_id is None or scope.funder_id in self.funder_ids)
            and scope.agency in (None, self.agency)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedTariff:
    """A tariff with when it holds and for whom; both days are included."""

    tariff_id: UUID
    party: Party
    mode: Mode
    valid_from: date
    valid_until: date | None
    scope: TariffScope
    tariff: Tariff

    def holds_on(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenTariff:
    """The tariff that applies, what made it the one, and those less specific (or older) that would have applied."""

    tariff_id: UUID | None
    tariff: Tariff
    because: tuple[str, ...]
    valid_from: date | None = None
    instead_of: tuple[UUID, ...] = ()


def choose_tariff(
    tariffs: Iterable[DatedTariff], party: Party, mode: str, on: date, about: About
) -> ChosenTariff | None:
    """The most specific tariff that holds on the local day care begins; None when there is none.

    More particular names win, a family before a carer before a price group before a funder before an agency; among
    equals the one that began last, so that a spell with an end gives way to what held before.
    """
    fitting = [t for t in tariffs if t.party == party and t.mode == mode and t.holds_on(on) and about.fits(t.scope)]
    if not fitting:
        return None
    fitting.sort(key=lambda t: (t.scope.rank, t.valid_from, str(t.tariff_id)), reverse=True)
    best = fitting[0]
    return ChosenTariff(
        tariff_id=best.tariff_id,
        tariff=best.tariff,
        because=best.scope.names or ("desk",),
        valid_from=best.valid_from,
        instead_of=tuple(other.tariff_id for other in fitting[1:]),
    )


class TariffTerms(Protocol):
    """A tariff as billing's contract states it (TariffFacts); what isn't named here it has as `Tariff` has it."""

    @property
    def per(self) -> str: ...
    @property
    def rounding(self) -> str: ...
    @property
    def rounding_of(self) -> str: ...
    @property
    def bands(self) -> Sequence[Any]: ...
    @property
    def fixed(self) -> Sequence[Any]: ...
    @property
    def ages(self) -> Sequence[Any]: ...
    @property
    def notice(self) -> Sequence[Any]: ...
    @property
    def cancellation(self) -> Sequence[Any]: ...


def tariff_of(facts: TariffTerms) -> Tariff:
    """What prices by these facts. Raises Invalid naming the field: an amount below zero, an unknown per or rounding."""
    return Tariff(
        **{name: getattr(facts, name) for name in _PLAIN},
        per=one_of(Per, facts.per, "#/per"),
        rounding=one_of(Rounding, facts.rounding, "#/rounding"),
        rounding_of=one_of(RoundingOf, facts.rounding_of, "#/rounding_of"),
        supplements=_made(Band, facts.bands),
        fixed=_made(FixedPrice, facts.fixed),
        ages=_made(AgeBand, facts.ages),
        notice=_made(ShortNotice, facts.notice),
        cancellation=_made(CancellationStep, facts.cancellation),
    )


_CONVERTED = {"per", "rounding", "rounding_of", "supplements", "fixed", "ages", "notice", "cancellation"}
_PLAIN = tuple(each.name for each in fields(Tariff) if each.name not in _CONVERTED)


def check_party_and_mode(party: str, mode: str) -> None:
    """Raises Invalid for a party or a mode nobody has."""
    one_of(Party, party, "#/party")
    one_of(Mode, mode, "#/mode")


def one_of(kind: type[E], value: str, pointer: str) -> E:
    """The member of this name. Raises Invalid naming the field and what there is to choose from."""
    try:
        return kind(value)
    except ValueError:
        raise Invalid(f"{value} is not among {', '.join(kind)}.", pointer=pointer) from None


def _made(kind: type[T], facts: Sequence[Any]) -> tuple[T, ...]:
    return tuple(kind(**asdict(each)) for each in facts)
