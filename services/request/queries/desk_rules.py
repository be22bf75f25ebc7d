"""What holds at a desk on a day: its country's rules with its own refinements, its choices, its order, its days off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.request.domain.limits import Limits
from services.request.domain.policy import DEFAULT_POLICY, Policy
from services.request.domain.priority import DEFAULT_ORDER, PriorityOrder, PriorityRule
from services.request.tables import desks, policies, priority_orders, rule_refinements, school_breaks, school_years
from shared.domain.errors import Conflict
from shared.domain.pattern import Holidays
from shared.jurisdictions.days_off import school_holidays
from shared.jurisdictions.packs import Rule, RulePack, pack

_POLICY = TypeAdapter(Policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRead:
    country: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRead:
    """A rule as it holds at a desk: the country's, with what the desk refined of it."""

    rule: Rule
    refined: Mapping[str, Any] | None = None
    refined_sentence: str | None = None
    refined_source: str | None = None
    refined_from: date | None = None

    @property
    def numbers(self) -> Mapping[str, Any]:
        return {**self.rule.numbers, **(self.refined or {})}


def desk(session: Session, desk_id: UUID) -> DeskRead:
    """Where the desk is. Raises Conflict while it has not been heard of."""
    row = session.execute(select(desks.c.country, desks.c.zone).where(desks.c.desk_id == desk_id)).one_or_none()
    if row is None:
        raise Conflict(
            "This desk was set up a moment ago and its country's rules aren't here yet. Try again shortly.",
            code="desk-unknown",
        )
    return DeskRead(country=row.country, zone=row.zone)


def policy_on(session: Session, day: date) -> Policy:
    """The desk's choices in force on a day; our default where it chose nothing yet."""
    row = session.execute(
        select(policies.c.choices).where(policies.c.valid_from <= day).order_by(policies.c.valid_from.desc()).limit(1)
    ).first()
    return DEFAULT_POLICY if row is None else policy_of(row.choices)


def policy_of(choices: Any) -> Policy:
    """A policy as it was kept."""
    return _POLICY.validate_python(choices)


def choices_of(policy: Policy) -> Any:
    """A policy as it is kept."""
    return _POLICY.dump_python(policy, mode="json")


def rules_on(session: Session, country: str, day: date, desk_id: UUID | None) -> list[RuleRead]:
    """Every rule in force in the country on that day, refined where the named desk refined it."""
    refined = {}
    if desk_id is not None:
        rows = session.execute(
            select(rule_refinements)
            .where(rule_refinements.c.desk_id == desk_id, rule_refinements.c.valid_from <= day)
            .order_by(rule_refinements.c.valid_from)
        ).all()
        refined = {row.code: row for row in rows}
    return [_refined(rule, refined.get(rule.code)) for rule in pack(country, day).rules()]


def limits_on(session: Session, country: str, day: date, desk_id: UUID) -> Limits:
    """What the rules allow at this desk on that day."""
    rules = {each.rule.code: each for each in rules_on(session, country, day, desk_id)}

    def number(code: str, name: str) -> Any:
        return rules[code].numbers.get(name) if code in rules else None

    return Limits(
        minimum_age_months=number("minimum_age", "months") or 0,
        occasional_longest_months=number("occasional_care", "longest_months"),
        occasional_reasons=tuple(number("occasional_care", "reasons") or ()),
        notice_days=number("notice_window", "days"),
        programme_longest_days=number("programme_length", "longest_days"),
        urgent_place_lead_months=number("urgent_place", "lead_months"),
        sources={code: each.refined_source or each.rule.source for code, each in rules.items()},
    )


def longest_visit_minutes(country: str, day: date, policy: Policy) -> int:
    """How long one visit may last on a day: the country's rule, or less where the desk chose less."""
    lawful = pack(country, day).longest_visit_minutes
    return min(lawful, policy.longest_visit_minutes or lawful)


def order_on(session: Session, day: date) -> PriorityOrder:
    """The desk's published order in force on a day; our default where it published none yet."""
    row = session.execute(
        select(priority_orders)
        .where(priority_orders.c.valid_from <= day)
        .order_by(priority_orders.c.valid_from.desc())
        .limit(1)
    ).first()
    if row is None:
        return DEFAULT_ORDER
    return PriorityOrder(
        valid_from=row.valid_from, rules=tuple(PriorityRule(rule) for rule in row.rules), rationale=row.rationale
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DaysOff:
    """The days off at a desk: public holidays by its country, school holidays by its region or as it told them."""

    pack: RulePack
    region: str | None
    told: Sequence[tuple[date, date]]
    told_years: Sequence[tuple[date, date]]

    def between(self, first: date, last: date) -> Holidays:
        """Those from one day through another."""
        return Holidays(
            public=self.pack.public_holidays_between(first, last),
            school=frozenset(day for day in self._school(first, last)),
        )

    @property
    def school_known_through(self) -> date | None:
        """The last day of which it is known whether schools are open."""
        told = max((last for _, last in self.told_years), default=None)
        known = self.pack.school_known_through if self.region else None
        return max((day for day in (told, known) if day is not None), default=None)

    def _school(self, first: date, last: date) -> set[date]:
        # A year the desk told itself stands for what the library says of it.
        found = set()
        if self.region:
            found = {
                day
                for day in school_holidays(self.pack.holidays_country, self.region, first, last)
                if not any(begins <= day <= ends for begins, ends in self.told_years)
            }
        for begins, ends in self.told:
            begin, end = max(begins, first), min(ends, last)
            found |= {date.fromordinal(n) for n in range(begin.toordinal(), end.toordinal() + 1)}
        return found


def days_off(session: Session, country: str, day: date, policy: Policy) -> DaysOff:
    """What the desk knows of days off."""
    told = session.execute(select(school_breaks.c.first_day, school_breaks.c.last_day)).all()
    years = session.execute(select(school_years.c.first_day, school_years.c.last_day)).all()
    here = pack(country, day)
    return DaysOff(
        pack=here,
        region=policy.school_region or here.school_region,
        told=[(row.first_day, row.last_day) for row in told],
        told_years=[(row.first_day, row.last_day) for row in years],
    )


def _refined(rule: Rule, row: Any) -> RuleRead:
    if row is None:
        return RuleRead(rule=rule)
    return RuleRead(
        rule=rule,
        refined=row.numbers,
        refined_sentence=row.sentence,
        refined_source=row.source,
        refined_from=row.valid_from,
    )
