"""The rules of a country as they read on a day, with what a desk refined of them; and its days off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.request.queries import desk_rules
from services.request.queries.desk_rules import RuleRead
from services.request.tables import school_breaks
from shared.jurisdictions.days_off import school_regions


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTold:
    """A rule in somebody's language."""

    code: str
    sentence: str
    numbers: Mapping[str, Any]
    source: str
    origin: str
    valid_from: date
    valid_until: date | None
    refined: Mapping[str, Any] | None
    refined_sentence: str | None
    refined_source: str | None
    refined_from: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesTold:
    country: str
    on: date
    rules: Sequence[RuleTold]


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakRead:
    name: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysOffRead:
    public: Sequence[date]
    school: Sequence[date]
    school_known_through: date | None
    region: str | None
    regions: Sequence[str]
    told: Sequence[BreakRead]


def rules_read(session: Session, desk_id: UUID, country: str | None, on: date, language: str) -> RulesTold:
    """Every rule in force: the desk's own country's as refined here, another country's as it is.

    Raises Invalid for a country there is no pack of, Conflict while the desk has not been heard of.
    """
    here = desk_rules.desk(session, desk_id).country if country is None else country
    own = country is None or here == desk_rules.desk(session, desk_id).country
    rules = desk_rules.rules_on(session, here, on, desk_id if own else None)
    return RulesTold(country=here, on=on, rules=[_told(each, language) for each in rules])


def days_off_read(session: Session, desk_id: UUID, first: date, last: date) -> DaysOffRead:
    """The days off from one day through another, and how far school holidays are known."""
    here = desk_rules.desk(session, desk_id)
    policy = desk_rules.policy_on(session, first)
    off = desk_rules.days_off(session, here.country, first, policy)
    found = off.between(first, last)
    told = session.execute(
        select(school_breaks.c.name, school_breaks.c.first_day, school_breaks.c.last_day)
        .where(school_breaks.c.last_day >= first, school_breaks.c.first_day <= last)
        .order_by(school_breaks.c.first_day)
    ).mappings()
    return DaysOffRead(
        public=[day for day in sorted(found.public) if first <= day <= last],
        school=[day for day in sorted(found.school) if first <= day <= last],
        school_known_through=off.school_known_through,
        region=off.region,
        regions=school_regions(off.pack.holidays_country),
        told=[BreakRead(**row) for row in told],
    )


def _told(each: RuleRead, language: str) -> RuleTold:
    rule = each.rule
    return RuleTold(
        code=rule.code,
        sentence=rule.said_in(language),
        numbers=rule.numbers,
        source=rule.source,
        origin=rule.origin,
        valid_from=rule.valid_from,
        valid_until=rule.valid_until,
        refined=each.refined,
        refined_sentence=each.refined_sentence,
        refined_source=each.refined_source,
        refined_from=each.refined_from,
    )
