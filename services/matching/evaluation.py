"""A placement evaluated on what is known now: the shortlist, kept as it was then, and what an offer would show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from services.matching import rows
from services.matching.domain.calendar import Calendar
from services.matching.domain.eligibility import RuledOut
from services.matching.domain.need import Child, Need, VisitNeed, terms_of
from services.matching.domain.policy import Policy
from services.matching.domain.ranking import Candidate, Objective
from services.matching.domain.rules import Rules
from services.matching.domain.shortlist import Shortlist, make_shortlist
from services.matching.tables import families, shortlists, tariffs
from shared.contracts.billing import TariffFacts
from shared.db.unit_of_work import UnitOfWork
from shared.domain.care_costs import Care, CaredVisit, ChildThere, price_care
from shared.domain.pricing import Tariff
from shared.domain.ratios import birthday
from shared.domain.tariffs import Party, tariff_of
from shared.domain.values import Money
from shared.jurisdictions.packs import RulePack

_FACTS = TypeAdapter(TariffFacts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """A need with the rules and choices that hold for it, and who may fill it."""

    need: Need
    pack: RulePack
    rules: Rules
    policy: Policy
    shortlist: Shortlist


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What holds for a need whoever fills it."""

    need: Need
    pack: RulePack
    rules: Rules
    policy: Policy


def circumstances(session: Session, desk_id: UUID, visit_rows: Sequence[Any]) -> Circumstances:
    """The need of these visits, its country's rules on the day it starts, and the desk's choices of that day."""
    need = rows.load_need(session, visit_rows)
    desk = rows.find_desk(session, desk_id)
    policy = rows.policy_on(session, need.start.astimezone(ZoneInfo(desk.zone)).date())
    pack = rows.pack_for(desk.country, need.start, need.zone)
    return Circumstances(need=need, pack=pack, rules=rows.rules_of(pack, policy), policy=policy)


def evaluate(session: Session, desk_id: UUID, visit_rows: Sequence[Any]) -> Evaluation:
    """Ask every carer's case."""
    about = circumstances(session, desk_id, visit_rows)
    carers = rows.load_carers(session, about.need.window)
    shortlist = make_shortlist(
        about.need,
        carers,
        rows.load_busy(session, [carer.carer_id for carer in carers], about.need.window),
        rows.load_acquaintances(session, about.need),
        about.rules,
        about.policy,
    )
    return Evaluation(need=about.need, pack=about.pack, rules=about.rules, policy=about.policy, shortlist=shortlist)


def calendar_of(session: Session, desk_id: UUID, visit_rows: Sequence[Any], carer_id: UUID) -> Calendar | None:
    """One carer's calendar around these visits, as it stands in this transaction; None when they left the desk."""
    about = circumstances(session, desk_id, visit_rows)
    carers = rows.load_carers(session, about.need.window, carer_id)
    if not carers:
        return None
    busy = rows.load_busy(session, [carer_id], about.need.window)
    return Calendar(need=about.need, carer=carers[0], busy=busy.get(carer_id, []), rules=about.rules)


def keep_shortlist(uow: UnitOfWork, placement_id: UUID, step: int, evaluation: Evaluation) -> UUID:
    """Keep what was known when it was computed; the same as the last one isn't kept again."""
    terms = terms_of(evaluation.need.visits)
    candidates = [_candidate_row(candidate) for candidate in evaluation.shortlist.candidates]
    ruled_out = [_ruled_out_row(*each) for each in evaluation.shortlist.ruled_out]
    last = latest_shortlist(uow.session, placement_id)
    if last is not None and (last.terms, last.candidates, last.ruled_out) == (terms, candidates, ruled_out):
        kept: UUID = last.shortlist_id
        return kept
    shortlist_id = uow.new_id()
    uow.session.execute(
        insert(shortlists).values(
            shortlist_id=shortlist_id,
            desk_id=uow.caller.desk,
            placement_id=placement_id,
            step=step,
            terms=terms,
            computed_at=uow.now,
            policy_from=evaluation.policy.valid_from,
            candidates=candidates,
            ruled_out=ruled_out,
        )
    )
    return shortlist_id


def latest_shortlist(session: Session, placement_id: UUID) -> Any:
    """The placement's last shortlist or None."""
    return session.execute(
        select(shortlists)
        .where(shortlists.c.placement_id == placement_id)
        .order_by(shortlists.c.step.desc(), shortlists.c.shortlist_id)
        .limit(1)
    ).one_or_none()


def _candidate_row(candidate: Candidate) -> dict[str, Any]:
    return {
        "carer_id": str(candidate.carer_id),
        "total": candidate.total,
        "objectives": [_objective_row(objective) for objective in candidate.objectives],
        "sentence": candidate.sentence,
        "travel_metres": candidate.travel_metres,
        "travel_minutes": candidate.travel_minutes,
    }


def _objective_row(objective: Objective) -> dict[str, Any]:
    return {
        "name": objective.name,
        "score": objective.score,
        "weight": objective.weight,
        "numbers": objective.numbers,
    }


def _ruled_out_row(carer_id: UUID, said: RuledOut) -> dict[str, Any]:
    return {"carer_id": str(carer_id), "code": said.code, "sentence": said.sentence, "source": said.source}


def shown_in_offers(session: Session, evaluation: Evaluation) -> dict[str, Any]:
    """What every carer sees before they answer: hours, area, ages, needs and pay; no name, no address."""
    need = evaluation.need
    pay = pay_for(session, evaluation)
    return {
        "mode": need.mode,
        "zone": need.zone,
        "area": need.place_for(need.first.home).area,
        "urgent": need.urgent,
        "ages": sorted(_age(child, need) for child in need.children),
        "care_needs": _care_needs(session, need),
        "skills": sorted({skill for visit in need.visits for skill in visit.skills}),
        "pay_minor": pay.minor,
        "currency": pay.currency,
    }


def shown_to(candidate: Candidate) -> dict[str, Any]:
    """What an offer shows this carer only: their way, and why they are asked."""
    return {
        "travel_metres": candidate.travel_metres,
        "travel_minutes": candidate.travel_minutes,
        "sentence": candidate.sentence,
    }


def _age(child: Child, need: Need) -> int:
    on = need.start.astimezone(ZoneInfo(need.zone)).date()
    years = on.year - child.born.year
    return years if birthday(child.born, years) <= on else years - 1


def _care_needs(session: Session, need: Need) -> list[str]:
    wanted = {str(child.child_id) for child in need.children}
    found = session.execute(
        select(families.c.children).where(families.c.family_id.in_([visit.family_id for visit in need.visits]))
    ).scalars()
    return sorted({each for children in found for c in children if c["child_id"] in wanted for each in c["care_needs"]})


def pay_for(session: Session, evaluation: Evaluation) -> Money:
    """What the carer would earn at the desk's tariff, and where there is none, at the country's pay floor.

    The same function prices the charge, in the same way: by the hour for a household the time is paid once however many
    families share it, by the hour for each child every visit is. The tariff is that of the local day care starts.
    """
    need, pack = evaluation.need, evaluation.pack
    care = Care(visits=tuple(_cared(visit) for visit in need.visits), zone=need.zone)
    tariff = _carer_tariff(session, need.mode, care.on) or Tariff(
        minor_per_hour=pack.pay_floor.minor, currency=pack.pay_floor.currency
    )
    return price_care(care, tariff, Party.CARER, pack.public_holidays_between(care.on, care.last_day)).total


def _cared(visit: VisitNeed) -> CaredVisit:
    children = tuple(ChildThere(child_id=c.child_id, window=visit.window, born=c.born) for c in visit.children)
    return CaredVisit(visit_id=visit.visit_id, family_id=visit.family_id, window=visit.window, children=children)


def _carer_tariff(session: Session, mode: str, on: date) -> Tariff | None:
    row = session.execute(
        select(tariffs.c.tariff)
        .where(tariffs.c.mode == mode, tariffs.c.valid_from <= on)
        .order_by(tariffs.c.valid_from.desc(), tariffs.c.tariff_id)
        .limit(1)
    ).scalar_one_or_none()
    return None if row is None else tariff_of(_FACTS.validate_python(row))


def tariff_row(facts: TariffFacts) -> dict[str, Any]:
    """A tariff as it is stored here."""
    row: dict[str, Any] = _FACTS.dump_python(facts, mode="json")
    return row
