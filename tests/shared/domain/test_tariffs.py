"""Which tariff applies, and the contract's facts made into what prices."""

from datetime import date
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid5

import pytest

from shared.contracts.billing import AgeBandFacts, FixedPriceFacts, ShortNoticeFacts, TariffBand, TariffFacts
from shared.domain.errors import Invalid
from shared.domain.pricing import AgeBand, Band, FixedPrice, Per, Rounding, RoundingOf, ShortNotice, Tariff
from shared.domain.tariffs import About, DatedTariff, Mode, Party, TariffScope, choose_tariff, tariff_of

PLAIN: dict[str, Any] = {
    "minor_per_hour": 1200,
    "currency": "EUR",
    "per": "household",
    "minimum_minutes": 60,
    "rounding_minutes": 15,
    "rounding": "up",
}


def named(name: str) -> UUID:
    return uuid5(NAMESPACE_DNS, name)


def dated(name: str, valid_from: date, valid_until: date | None = None, **scope: Any) -> DatedTariff:
    return DatedTariff(
        tariff_id=named(name),
        party=Party.FAMILY,
        mode=Mode.FAMILY_HOME,
        valid_from=valid_from,
        valid_until=valid_until,
        scope=TariffScope(**scope),
        tariff=Tariff(minor_per_hour=1, currency="EUR"),
    )


JANUARY, MAY, JUNE = date(2026, 1, 1), date(2026, 5, 1), date(2026, 6, 15)
ABOUT = About(
    family_id=named("Ames"),
    carer_id=named("Ada"),
    price_group="low",
    funder_ids=frozenset({named("city")}),
    agency="Sunrise",
)


def chosen(*tariffs: DatedTariff, on: date = JUNE, about: About = ABOUT) -> tuple[UUID | None, tuple[str, ...]] | None:
    found = choose_tariff(tariffs, Party.FAMILY, "family_home", on, about)
    return (found.tariff_id, found.because) if found is not None else None


def test_the_most_specific_tariff_that_applies_is_the_one() -> None:
    by_rank = [
        dated("family", JANUARY, family_id=named("Ames")),
        dated("carer", MAY, carer_id=named("Ada"), agency="Sunrise"),
        dated("carer alone", MAY, carer_id=named("Ada")),
        dated("group", JANUARY, price_group="low"),
        dated("funder", JANUARY, funder_id=named("city")),
        dated("agency", JANUARY, agency="Sunrise"),
        dated("desk", JANUARY),
    ]
    for number, expected in enumerate(by_rank):
        found = chosen(*reversed(by_rank[number:]))
        assert found is not None
        assert found[0] == expected.tariff_id
    assert chosen(*by_rank[:2]) == (named("family"), ("family_id",))
    assert chosen(*by_rank[1:]) == (named("carer"), ("carer_id", "agency"))
    assert chosen(by_rank[-1]) == (named("desk"), ("desk",))


def test_what_a_tariff_names_must_all_be_so() -> None:
    other = dated("other", JANUARY, carer_id=named("Ada"), price_group="high")
    assert chosen(other) is None
    assert chosen(other, dated("desk", JANUARY)) == (named("desk"), ("desk",))


def test_among_equals_the_one_that_began_last_holds_and_a_spell_gives_way() -> None:
    always, spell = dated("always", JANUARY), dated("spell", MAY, date(2026, 5, 31))
    assert chosen(always, spell, on=date(2026, 4, 30)) == (named("always"), ("desk",))
    for day in (MAY, date(2026, 5, 31)):
        assert chosen(always, spell, on=day) == (named("spell"), ("desk",))
    assert chosen(always, spell, on=date(2026, 6, 1)) == (named("always"), ("desk",))
    assert chosen(spell, on=date(2026, 6, 1)) is None
    assert chosen(always, on=date(2025, 12, 31)) is None


def test_the_choice_says_what_it_was_made_instead_of() -> None:
    found = choose_tariff(
        [dated("desk", JANUARY), dated("group", JANUARY, price_group="low"), dated("old", date(2020, 1, 1))],
        Party.FAMILY,
        "family_home",
        JUNE,
        ABOUT,
    )
    assert found is not None
    assert found.instead_of == (named("desk"), named("old"))


def test_facts_become_what_prices() -> None:
    facts = TariffFacts(
        **{**PLAIN, "per": "child"},
        bands=(TariffBand(code="night", percent=25, from_minute=1320, until_minute=420, minor_per_hour=100),),
        rounding_of="sum",
        fixed=(FixedPriceFacts(minutes=30, minor=1600),),
        ages=(AgeBandFacts(code="under_2", percent=20, until_months=24),),
        siblings=(25,),
        notice=(ShortNoticeFacts(hours=24, percent=10),),
        minor_per_meal=350,
        respite_days=None,
    )
    assert tariff_of(facts) == Tariff(
        minor_per_hour=1200,
        currency="EUR",
        per=Per.CHILD,
        minimum_minutes=60,
        rounding_minutes=15,
        rounding=Rounding.UP,
        supplements=(Band(code="night", percent=25, from_minute=1320, until_minute=420, minor_per_hour=100),),
        rounding_of=RoundingOf.SUM,
        fixed=(FixedPrice(minutes=30, minor=1600),),
        ages=(AgeBand(code="under_2", percent=20, until_months=24),),
        siblings=(25,),
        notice=(ShortNotice(hours=24, percent=10),),
        minor_per_meal=350,
        respite_days=None,
    )


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"per": "dog"}, "#/per"),
        ({"rounding": "down"}, "#/rounding"),
        ({"rounding_of": "week"}, "#/rounding_of"),
        ({"minor_per_hour": -1}, "#/minor_per_hour"),
    ],
)
def test_facts_that_cannot_be_are_refused_by_their_field(change: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        tariff_of(TariffFacts(**{**PLAIN, **change}))
    assert refused.value.pointer == pointer
