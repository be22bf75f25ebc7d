"""What the visits of a family are planned in: read together, so that a change can be looked at before it is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.request.domain.care_terms import CareTerms, Mode, PlanKind
from services.request.domain.checks import local_day
from services.request.domain.circumstances import Circumstances
from services.request.domain.family import Family
from services.request.domain.limits import Course, Limits, Note, check_ages, check_limits
from services.request.domain.plan import Proposal
from services.request.domain.planning import Setting, Situation
from services.request.domain.policy import Policy
from services.request.domain.priority import PriorityFacts
from services.request.domain.shared_care import SharedCare
from services.request.domain.visit import Places
from services.request.queries import desk_rules
from services.request.tables import visit_progress
from shared.domain.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Planning:
    """The situation with what else a plan needs: the rules, and the places visits may be at or lead to."""

    situation: Situation
    limits: Limits
    places: Places


def planning(session: Session, desk_id: UUID, now: datetime, family: Family, terms: CareTerms) -> Planning:
    """Raises Conflict while the desk is unknown, NotFound and Invalid for a shared care that can't be."""
    here = desk_rules.desk(session, desk_id)
    today = local_day(now, family.zone)
    policy = desk_rules.policy_on(session, today)
    off = desk_rules.days_off(session, here.country, today, policy)
    setting, places = _setting(session, family, terms)
    situation = Situation(
        now=now,
        zone=family.zone,
        policy=policy,
        longest_minutes=lambda day: desk_rules.longest_visit_minutes(here.country, day, policy),
        holidays=off.between,
        school_known_through=off.school_known_through,
        setting=setting,
    )
    limits = desk_rules.limits_on(session, here.country, today, desk_id)
    return Planning(situation=situation, limits=limits, places=places)


def policy_for(session: Session, now: datetime, zone: str) -> Policy:
    """The desk's choices on the day it is on this clock."""
    return desk_rules.policy_on(session, local_day(now, zone))


def carers_of(session: Session, visit_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Who has each of these visits now."""
    rows = session.execute(
        select(visit_progress.c.visit_id, visit_progress.c.carer_id).where(
            visit_progress.c.visit_id.in_(visit_ids), visit_progress.c.carer_id.is_not(None)
        )
    )
    return {row.visit_id: row.carer_id for row in rows}


def notes_on(
    family: Family, proposal: Proposal, circumstances: Circumstances, planned: Planning, opened_on: date
) -> list[Note]:
    """What the rules say of a proposal. Raises Invalid for what they don't allow."""
    terms, wanted = proposal.terms, [*proposal.plan.kept.values(), *proposal.plan.added]
    days = [each.hours.on for each in wanted]
    first = min(days, default=None)
    if first is None and terms.provisional is not None:
        first = terms.provisional.starts_from
    course = Course(asked_on=opened_on, first_day=first, last_day=_last_day(proposal, days))
    born = [child.born for child in family.children if child.child_id in terms.child_ids and child.born is not None]
    return [
        *check_limits(terms, course, circumstances, planned.limits),
        *check_ages(born, first, planned.limits, urgent=terms.urgent),
    ]


def priority_facts(
    family: Family, proposal: Proposal, circumstances: Circumstances, today: date, *, referred: bool
) -> PriorityFacts:
    """All that may decide about a request's place."""
    terms = proposal.terms
    days = [each.hours.on for each in (*proposal.plan.kept.values(), *proposal.plan.added)]
    first = min(days, default=None)
    asked = [child for child in family.children if child.child_id in terms.child_ids]
    return PriorityFacts(
        urgent=terms.urgent,
        vulnerable=circumstances.vulnerable,
        no_alternative=circumstances.no_alternative,
        working_or_training=circumstances.working_or_training,
        referred=referred,
        special_care=any(child.care_needs for child in asked),
        siblings=len(asked) > 1,
        regular=bool(proposal.patterns) and terms.plan == PlanKind.REGULAR,
        starts_within_days=(first - today).days if first is not None else None,
    )


def _last_day(proposal: Proposal, days: Sequence[date]) -> date | None:
    """The last day the request can have visits on; the last there is when nobody said when it ends."""
    if proposal.terms.expires_on is not None:
        return proposal.terms.expires_on
    if proposal.goes_on and any(pattern.ends_on is None for pattern in proposal.patterns):
        return date.max
    return max([*days, *(pattern.ends_on for pattern in proposal.patterns if pattern.ends_on)], default=None)


def _setting(session: Session, family: Family, terms: CareTerms) -> tuple[Setting, Places]:
    """Where a visit of a day is. Raises NotFound for a shared care of another desk, Invalid for one without a part in it."""
    places = family.place_facts()
    at_home = terms.mode in (Mode.FAMILY_HOME, Mode.EITHER)

    def own(day: date) -> tuple[UUID | None, UUID | None]:
        return (family.home_on(day).place_id if at_home else None), None

    if terms.shared_care_id is None:
        return own, places
    shared = session.get(SharedCare, terms.shared_care_id)
    if shared is None:
        raise NotFound(f"There is no shared care {terms.shared_care_id} at this desk.")
    if not shared.ever_shared_by(family.family_id):
        raise Invalid("This family has no part in that shared care.", pointer="#/shared_care_id")
    if terms.mode != Mode.FAMILY_HOME:
        raise Invalid("Care is shared at the host family's home: ask for family_home.", pointer="#/mode")
    hosts = {each.terms.host_family_id: session.get(Family, each.terms.host_family_id) for each in shared.dated_terms}
    for host in hosts.values():
        if host is not None and host.erased_at is None:
            places = {
                **places,
                **{place.place_id: place.facts() for place in host.places if place.latitude is not None},
            }

    def shared_place(day: date) -> tuple[UUID | None, UUID | None]:
        host = hosts.get(shared.terms_on(day).host_family_id)
        if host is None or host.erased_at is not None or not shared.holds_for(family.family_id, day):
            return own(day)
        return host.home_on(day).place_id, shared.shared_care_id

    return shared_place, places
