"""Loads the countries' rule packs: which dated rules are in force on a day, each with its source."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any, TypeVar

from shared.domain.entitlement import FundedHours, FundedTerm
from shared.domain.errors import Invalid
from shared.domain.pattern import AtypicalHours
from shared.domain.ratios import AgeCap, NapCaps, OtherCaps, RatioLimits
from shared.domain.travel import TransportMode, TravelRule
from shared.domain.values import Money
from shared.domain.working_time import NightLimits, NightPeriod, WorkingTimeLimits
from shared.jurisdictions.days_off import public_holidays

T = TypeVar("T")

COUNTRIES = ("be_vl", "nl", "fr", "en")


class PackError(Exception):
    """A rule pack contradicts itself or lacks something; nothing starts with it."""


class CareMode(StrEnum):
    """Where a carer works: a childminder at the carer's home, an at-home caregiver at the family's."""

    CARER_HOME = "carer_home"
    FAMILY_HOME = "family_home"


class Origin(StrEnum):
    """Whose rule it is: a law's, the book's (about 2017-2020), or a default of ours for the desk to replace."""

    LAW = "law"
    BOOK = "book"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One dated rule as it is read back: what it says, its numbers, where it comes from. Both days are included.

    `sentence` is English; `sentences` are those of other languages, by their code.
    """

    code: str
    sentence: str
    sentences: Mapping[str, str]
    numbers: Mapping[str, Any]
    source: str
    origin: Origin
    valid_from: date
    valid_until: date | None = None

    def said_in(self, language: str) -> str:
        """The rule in that language; in English where it isn't known in it."""
        return self.sentences.get(language, self.sentence)

    def in_force(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePack:
    """A country's rules on one day. What a country doesn't know is None; every number is in minutes, days or as named.

    `occasional_longest_months` caps how long occasional care lasts (for one of `occasional_reasons`), `notice_days` is
    how far ahead it is asked for, `programme_longest_days` caps a programme of daily care, and
    `urgent_place_lead_months` is how soon care must start for an urgent place: four different rules (1:R04, 1:R15,
    1:S21, 1:S35). `childminder_affiliations` are the ways a childminder may work, where a country says so.
    """

    country: str
    name: str
    on: date
    currency: str
    languages: tuple[str, ...]
    zone: str
    holidays_country: str
    holidays_subdivision: str | None
    school_region: str | None
    school_known_through: date | None
    in_force: tuple[Rule, ...]
    ratios: Mapping[str, RatioLimits]
    credentials: Mapping[str, tuple[str, ...]]
    credentials_renewed_every_years: Mapping[str, int]
    atypical_hours: AtypicalHours
    working_time: WorkingTimeLimits
    break_after_minutes: int
    average_week_minutes: int
    average_night_minutes: int
    night_period: NightPeriod
    minimum_age_months: int
    occasional_longest_months: int | None
    occasional_reasons: tuple[str, ...]
    notice_days: int | None
    programme_longest_days: int | None
    urgent_place_lead_months: int | None
    funded_hours: FundedHours | None
    pay_floor: Money
    longest_visit_minutes: int
    travel: Mapping[TransportMode, TravelRule]
    childminder_affiliations: tuple[str, ...] | None

    def rules(self) -> tuple[Rule, ...]:
        """Every rule in force, with its sentence, numbers and source, as a person may read it."""
        return self.in_force

    def source(self, code: str) -> str:
        """Where a rule comes from; raises Invalid when the country has no such rule."""
        for rule in self.in_force:
            if rule.code == code:
                return rule.source
        raise Invalid(f"{self.name} has no rule called {code} on {self.on}.")

    def ratio(self, mode: str) -> RatioLimits:
        """How many children one carer may look after in this mode; raises Invalid for a mode nobody works in."""
        return self._of_mode(self.ratios, mode)

    def required_credentials(self, mode: str) -> tuple[str, ...]:
        """The papers a carer must hold in this mode; raises Invalid for a mode nobody works in."""
        return self._of_mode(self.credentials, mode)

    def public_holidays(self, year: int) -> frozenset[date]:
        """The public holidays of that year, by the `holidays` library."""
        return public_holidays(self.holidays_country, self.holidays_subdivision, year)

    def public_holidays_between(self, first: date, last: date) -> frozenset[date]:
        """The public holidays of every year from the first day's through the last day's."""
        return frozenset().union(*(self.public_holidays(year) for year in range(first.year, last.year + 1)))

    @staticmethod
    def _of_mode(rules: Mapping[str, T], mode: str) -> T:
        if mode not in rules:
            raise Invalid(f"Care is given at {' or '.join(CareMode)}, not at {mode}.", pointer="#/mode")
        return rules[mode]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryRules:
    """All of a country's dated rules, checked: rules of one code follow each other without gap or overlap."""

    country: str
    name: str
    currency: str
    languages: tuple[str, ...]
    zone: str
    holidays_country: str
    holidays_subdivision: str | None
    school_region: str | None
    school_known_through: date | None
    rules: tuple[Rule, ...]

    def on(self, day: date) -> RulePack:
        """The pack of the rules in force that day; raises Invalid when some aren't there yet or no more."""
        in_force = tuple(rule for rule in self.rules if rule.in_force(day))
        lacking = sorted(_NEEDED - {rule.code for rule in in_force})
        if lacking:
            raise Invalid(f"There are no rules for {self.name} on {day}: nothing is in force for {', '.join(lacking)}.")
        return _typed(self, day, {rule.code: rule for rule in in_force})


_NEEDED = frozenset(
    {
        "ratio.carer_home",
        "ratio.family_home",
        "credentials.carer_home",
        "credentials.family_home",
        "atypical_hours",
        "working_time",
        "working_time.limits",
        "working_time.nights",
        "night_period",
        "minimum_age",
        "pay_floor",
        "longest_visit",
        "travel",
    }
)
_NAP, _ASSISTANT = ".nap", ".assistant"
_RATIOS = ("ratio.carer_home", "ratio.family_home", "ratio.group")
_OPTIONAL = frozenset(
    {
        "affiliation",
        "ratio.group",
        *(code + other for code in _RATIOS for other in (_NAP, _ASSISTANT)),
        "occasional_care",
        "notice_window",
        "programme_length",
        "urgent_place",
        "funded_hours",
    }
)


@cache
def pack(country: str, on: date) -> RulePack:
    """The rules in force in a country on a day; raises Invalid for an unknown country or a day without rules."""
    return country_rules(country).on(on)


@cache
def country_rules(country: str) -> CountryRules:
    """All dated rules of a country; raises Invalid for one we have none of."""
    if country not in COUNTRIES:
        raise Invalid(f"There is no rule pack called {country}: choose {', '.join(COUNTRIES)}.", pointer="#/country")
    return parse(resources.files(__package__).joinpath(f"{country}.toml").read_text(encoding="utf-8"))


def parse(text: str) -> CountryRules:
    """Reads a rule pack; raises PackError, which names the rule, for one that contradicts itself or is incomplete."""
    data = tomllib.loads(text)
    try:
        rules = tuple(_rule(entry) for entry in data["rule"])
        country = CountryRules(
            country=data["country"],
            name=data["name"],
            currency=data["currency"],
            languages=tuple(data["languages"]),
            zone=data["zone"],
            holidays_country=data["holidays_country"],
            holidays_subdivision=data.get("holidays_subdivision"),
            school_region=data.get("school_region"),
            school_known_through=data.get("school_known_through"),
            rules=tuple(sorted(rules, key=lambda rule: (rule.code, rule.valid_from))),
        )
    except KeyError as lacking:
        raise PackError(f"The rule pack lacks {lacking}.") from lacking
    _check(country)
    return country


def _rule(entry: Mapping[str, Any]) -> Rule:
    code = entry["code"]
    lacking = [name for name in ("valid_from", "origin", "source", "sentence", "numbers") if not entry.get(name)]
    if lacking:
        raise PackError(f"The rule {code} lacks {', '.join(lacking)}.")
    if entry["origin"] not in tuple(Origin):
        raise PackError(f"The rule {code} comes from {' or '.join(Origin)}, not from {entry['origin']}.")
    return Rule(
        code=code,
        sentence=entry["sentence"],
        sentences={
            name.removeprefix("sentence_"): said for name, said in entry.items() if name.startswith("sentence_")
        },
        numbers=entry["numbers"],
        source=entry["source"],
        origin=Origin(entry["origin"]),
        valid_from=entry["valid_from"],
        valid_until=entry.get("valid_until"),
    )


def _check(country: CountryRules) -> None:
    codes = {rule.code for rule in country.rules}
    if unknown := sorted(codes - _NEEDED - _OPTIONAL):
        raise PackError(f"Nothing reads these rules of {country.name}: {', '.join(unknown)}.")
    if lacking := sorted(_NEEDED - codes):
        raise PackError(f"{country.name} lacks the rules {', '.join(lacking)}.")
    for code in codes:
        _check_dates(country.name, [rule for rule in country.rules if rule.code == code])
    for day in {rule.valid_from for rule in country.rules}:
        in_force = {rule.code: rule for rule in country.rules if rule.in_force(day)}
        if in_force.keys() >= _NEEDED:
            _typed(country, day, in_force)


def _check_dates(name: str, rules: Sequence[Rule]) -> None:
    for rule in rules:
        if rule.valid_until is not None and rule.valid_until < rule.valid_from:
            raise PackError(f"{name}: {rule.code} ends on {rule.valid_until}, before it begins on {rule.valid_from}.")
    for earlier, later in pairwise(rules):
        if earlier.valid_until is None or later.valid_from <= earlier.valid_until:
            raise PackError(f"{name}: two rules {later.code} overlap from {later.valid_from} on.")
        if later.valid_from != earlier.valid_until + timedelta(days=1):
            raise PackError(f"{name}: {later.code} has a gap from {earlier.valid_until} to {later.valid_from}.")


def _typed(country: CountryRules, day: date, rules: Mapping[str, Rule]) -> RulePack:
    def number(code: str, name: str) -> Any:
        try:
            return rules[code].numbers[name]
        except KeyError as lacking:
            raise PackError(f"{country.name}: {code} lacks the number {name}.") from lacking

    def optional(code: str, name: str) -> Any:
        return number(code, name) if code in rules else None

    return RulePack(
        country=country.country,
        name=country.name,
        on=day,
        currency=country.currency,
        languages=country.languages,
        zone=country.zone,
        holidays_country=country.holidays_country,
        holidays_subdivision=country.holidays_subdivision,
        school_region=country.school_region,
        school_known_through=country.school_known_through,
        in_force=tuple(rules.values()),
        ratios={code.removeprefix("ratio."): _ratio(code, rules) for code in _RATIOS if code in rules},
        credentials={mode: tuple(number(f"credentials.{mode}", "required")) for mode in CareMode},
        credentials_renewed_every_years=rules["credentials.carer_home"].numbers.get("renewed_every_years", {}),
        atypical_hours=AtypicalHours(
            before=number("atypical_hours", "before"),
            after=number("atypical_hours", "after"),
            weekdays=tuple(number("atypical_hours", "weekdays")),
            holidays=number("atypical_hours", "holidays"),
            source=rules["atypical_hours"].source,
        ),
        working_time=WorkingTimeLimits(
            daily_rest_minutes=number("working_time", "daily_rest_minutes"),
            weekly_rest_minutes=number("working_time", "weekly_rest_minutes"),
            longest_week_minutes=number("working_time.limits", "longest_week_minutes"),
            longest_stretch_minutes=number("working_time.limits", "longest_stretch_minutes"),
            pause_minutes=number("working_time.limits", "pause_minutes"),
            source=rules["working_time"].source,
            limits_source=rules["working_time.limits"].source,
            break_after_minutes=number("working_time", "break_after_minutes"),
            average_week_minutes=number("working_time", "average_week_minutes"),
            average_over_weeks=number("working_time", "average_over_weeks"),
            nights=NightLimits(
                period=NightPeriod(starts=number("night_period", "starts"), ends=number("night_period", "ends")),
                counts_from_minutes=number("working_time.nights", "counts_from_minutes"),
                most_in_a_row=number("working_time.nights", "most_in_a_row"),
                average_minutes=number("working_time", "average_night_minutes"),
                source=rules["working_time.nights"].source,
            ),
        ),
        break_after_minutes=number("working_time", "break_after_minutes"),
        average_week_minutes=number("working_time", "average_week_minutes"),
        average_night_minutes=number("working_time", "average_night_minutes"),
        night_period=NightPeriod(starts=number("night_period", "starts"), ends=number("night_period", "ends")),
        minimum_age_months=number("minimum_age", "months"),
        occasional_longest_months=optional("occasional_care", "longest_months"),
        occasional_reasons=tuple(optional("occasional_care", "reasons") or ()),
        notice_days=optional("notice_window", "days"),
        programme_longest_days=optional("programme_length", "longest_days"),
        urgent_place_lead_months=optional("urgent_place", "lead_months"),
        funded_hours=_funded_hours(rules["funded_hours"]) if "funded_hours" in rules else None,
        pay_floor=Money(number("pay_floor", "minor_per_hour"), country.currency),
        longest_visit_minutes=number("longest_visit", "longest_minutes"),
        travel={mode: TravelRule(**number("travel", mode)) for mode in TransportMode},
        childminder_affiliations=(tuple(number("affiliation", "childminder")) if "affiliation" in rules else None),
    )


def _ratio(code: str, rules: Mapping[str, Rule]) -> RatioLimits:
    rule, nap, assistant = rules[code], rules.get(code + _NAP), rules.get(code + _ASSISTANT)
    try:
        return RatioLimits(
            caps=_caps(rule),
            counts_own_children=rule.numbers["counts_own_children"],
            source=rule.source,
            nap=_nap(nap) if nap else None,
            with_assistant=OtherCaps(caps=_caps(assistant), source=assistant.source) if assistant else None,
        )
    except (KeyError, TypeError) as wrong:
        raise PackError(
            f"The rule {code} needs caps (code, most, below_years) and counts_own_children, "
            "its resting hours caps, starts and ends."
        ) from wrong


def _nap(rule: Rule) -> NapCaps:
    return NapCaps(caps=_caps(rule), source=rule.source, starts=rule.numbers["starts"], ends=rule.numbers["ends"])


def _caps(rule: Rule) -> tuple[AgeCap, ...]:
    return tuple(AgeCap(**cap) for cap in rule.numbers["caps"])


def _funded_hours(rule: Rule) -> FundedHours:
    try:
        numbers = dict(rule.numbers)
        terms = tuple(
            FundedTerm(begins=_month_and_day(term["begins"]), apply_by=_month_and_day(term["apply_by"]))
            for term in numbers.pop("terms")
        )
        return FundedHours(**numbers, terms=terms, source=rule.source)
    except (KeyError, TypeError, ValueError) as wrong:
        raise PackError(f"The rule {rule.code} needs its hours, its age and its terms (begins, apply_by).") from wrong


def _month_and_day(written: str) -> tuple[int, int]:
    month, day = written.split("-")
    return int(month), int(day)
