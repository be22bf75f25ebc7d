"""Tariffs as the contract states them, made into what prices a visit."""

from enum import StrEnum
from typing import TypeVar

from shared.contracts.billing import TariffBand, TariffFacts
from shared.domain.errors import Invalid
from shared.domain.pricing import Band, HourlyTariff, Per, Rounding

E = TypeVar("E", bound=StrEnum)


class Party(StrEnum):
    """Whose tariff it is: what the family pays, or what the carer earns."""

    FAMILY = "family"
    CARER = "carer"


class Mode(StrEnum):
    FAMILY_HOME = "family_home"
    CARER_HOME = "carer_home"


def hourly_tariff(facts: TariffFacts) -> HourlyTariff:
    """The tariff that prices visits. Raises Invalid naming the field: an amount below zero, an unknown per or rounding."""
    return HourlyTariff(
        minor_per_hour=facts.minor_per_hour,
        currency=facts.currency,
        per=_one_of(Per, facts.per, "#/per"),
        minimum_minutes=facts.minimum_minutes,
        rounding_minutes=facts.rounding_minutes,
        rounding=_one_of(Rounding, facts.rounding, "#/rounding"),
        supplements=tuple(_band(band) for band in facts.bands),
    )


def check_party_and_mode(party: str, mode: str) -> None:
    """Raises Invalid for a party or a mode nobody has."""
    _one_of(Party, party, "#/party")
    _one_of(Mode, mode, "#/mode")


def _band(band: TariffBand) -> Band:
    return Band(
        code=band.code,
        percent=band.percent,
        from_minute=band.from_minute,
        until_minute=band.until_minute,
        weekdays=band.weekdays,
        holidays=band.holidays,
    )


def _one_of(kind: type[E], value: str, pointer: str) -> E:
    try:
        return kind(value)
    except ValueError:
        raise Invalid(f"{value} is not among {', '.join(kind)}.", pointer=pointer) from None
