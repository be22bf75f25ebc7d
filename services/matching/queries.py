"""Reads for the desk and for carers, past the rules: what is offered, who may come, what is open."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import Session

from services.matching.domain.offer import Ended, OfferState, taken
from services.matching.domain.policy import Policy
from services.matching.evaluation import latest_shortlist
from services.matching.offering import offered
from services.matching.rows import policy_on
from services.matching.schemas import (
    CandidateOut,
    DeskOfferOut,
    OfferOut,
    OpenVisitOut,
    OpenVisitsOut,
    PolicyOut,
    ReasonCountOut,
    RuledOutOut,
    ShortlistOut,
    WaveOut,
)
from services.matching.tables import assignments, care_requests, carers, families, offers, placements, visits
from shared.domain.errors import Invalid, NotFound
from shared.http.paging import Page, Paging

LONGEST_RANGE_DAYS = 62


def find_policy(session: Session, on: date) -> PolicyOut:
    """The desk's choices in force that day."""
    policy: Policy = policy_on(session, on)
    return PolicyOut.model_validate({"valid_from": policy.valid_from, **policy.facts()})


def my_offers(session: Session, carer_id: UUID, live: bool, paging: Paging) -> Page[OfferOut]:
    """A carer's offers, newest first; `live` leaves out those that have ended."""
    statement = select(offers).where(offers.c.carer_id == carer_id)
    if live:
        statement = statement.where(offers.c.state.in_((OfferState.SENT, OfferState.SEEN)))
    rows, next_after = _newest_first(session, statement, paging)
    return Page(rows=[OfferOut.model_validate(_offer_out(row)) for row in rows], next_after=next_after)


def my_offer(session: Session, carer_id: UUID, offer_id: UUID) -> OfferOut:
    """One offer; another carer's is as if it were not there."""
    row = session.execute(
        select(offers).where(offers.c.offer_id == offer_id, offers.c.carer_id == carer_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such offer for you.")
    return OfferOut.model_validate(_offer_out(row))


def visit_offers(session: Session, visit_id: UUID, paging: Paging) -> Page[DeskOfferOut]:
    """Every offer that named this visit, newest first."""
    _visit(session, visit_id)
    statement = select(offers).where(offers.c.visits.contains([{"visit_id": str(visit_id)}]))
    rows, next_after = _newest_first(session, statement, paging)
    names = _names(session, {row.carer_id for row in rows})
    shown = [
        DeskOfferOut.model_validate(
            _offer_out(row)
            | {
                "carer_id": row.carer_id,
                "carer_name": names.get(row.carer_id, ""),
                "wave": row.wave,
                "by_hand": row.by_hand,
            }
        )
        for row in rows
    ]
    return Page(rows=shown, next_after=next_after)


def find_shortlist(session: Session, visit_id: UUID) -> ShortlistOut:
    """The visit's last shortlist, with what became of the offers made since for the same terms."""
    visit = _visit(session, visit_id)
    kept = latest_shortlist(session, visit.placement_id) if visit.placement_id else None
    if kept is None:
        raise NotFound("This visit has no shortlist yet; it is made within moments. Look again.")
    people = {UUID(each["carer_id"]) for each in [*kept.candidates, *kept.ruled_out]}
    names = _names(session, people)
    asked = {
        row.carer_id: row
        for row in session.execute(
            select(offers)
            .where(offers.c.placement_id == visit.placement_id, offers.c.terms == kept.terms)
            .order_by(offers.c.sent_at, offers.c.offer_id)
        )
    }
    return ShortlistOut(
        shortlist_id=kept.shortlist_id,
        placement_id=kept.placement_id,
        visit_ids=tuple(UUID(each.split(":")[0]) for each in kept.terms.split()),
        computed_at=kept.computed_at,
        policy_from=kept.policy_from,
        candidates=tuple(
            _candidate(rank, each, names, asked.get(UUID(each["carer_id"])))
            for rank, each in enumerate(kept.candidates, start=1)
        ),
        ruled_out=tuple(
            RuledOutOut.model_validate(each | {"carer_name": names.get(UUID(each["carer_id"]), "")})
            for each in kept.ruled_out
        ),
    )


def open_visits(session: Session, first: datetime, last: datetime) -> OpenVisitsOut:
    """Visits that start in this time and have no certain carer, most pressing first."""
    if not 0 < (last - first).total_seconds() <= LONGEST_RANGE_DAYS * 24 * 3600:
        raise Invalid(f"Ask for up to {LONGEST_RANGE_DAYS} days, from an earlier to a later time.", pointer="#/until")
    rows = session.execute(
        select(
            visits,
            families.c.name.label("family_name"),
            families.c.home.label("home"),
            care_requests.c.urgent,
            placements.c.state.label("placement_state"),
            placements.c.wave,
            placements.c.lapses_at,
            placements.c.terms,
            placements.c.reasons,
            placements.c.call_dispatcher_since,
            assignments.c.carer_id.label("assigned_to"),
        )
        .join(families, families.c.family_id == visits.c.family_id)
        .join(care_requests, care_requests.c.care_request_id == visits.c.care_request_id)
        .outerjoin(placements, placements.c.placement_id == visits.c.placement_id)
        .outerjoin(assignments, (assignments.c.visit_id == visits.c.visit_id) & assignments.c.released_at.is_(None))
        .where(
            visits.c.starts_at >= first,
            visits.c.starts_at < last,
            visits.c.wanted,
            visits.c.outcome == "open",
            or_(assignments.c.assignment_id.is_(None), assignments.c.rostered_at.is_(None)),
        )
        .order_by(
            placements.c.call_dispatcher_since.is_(None),
            care_requests.c.urgent.desc(),
            visits.c.starts_at,
            visits.c.visit_id,
        )
    ).all()
    names = _names(session, {row.assigned_to for row in rows if row.assigned_to})
    asked = _asked(session, {row.placement_id for row in rows if row.placement_id})
    together: dict[UUID, list[UUID]] = {}
    for row in sorted(rows, key=lambda each: str(each.visit_id)):
        if row.placement_id:
            together.setdefault(row.placement_id, []).append(row.visit_id)
    return OpenVisitsOut(rows=tuple(_open_visit(row, names, asked, together) for row in rows))


def _open_visit(
    row: Any,
    names: dict[UUID, str],
    asked: dict[tuple[UUID, str, str], int],
    together: dict[UUID, list[UUID]],
) -> OpenVisitOut:
    def count(*states: str) -> int:
        return sum(asked.get((row.placement_id, row.terms, state), 0) for state in states)

    place = row.place or row.home
    return OpenVisitOut(
        visit_id=row.visit_id,
        version=row.version,
        placement_id=row.placement_id,
        shared_with_visit_ids=tuple(each for each in together.get(row.placement_id, ()) if each != row.visit_id),
        care_request_id=row.care_request_id,
        family_id=row.family_id,
        family_name=row.family_name,
        children=len(row.child_ids),
        mode=row.mode,
        start=row.starts_at,
        end=row.ends_at,
        zone=row.zone,
        area=place["area"],
        urgent=row.urgent,
        state=row.placement_state or "open",
        call_dispatcher=row.call_dispatcher_since is not None,
        wave=WaveOut(
            number=row.wave or 0,
            lapses_at=row.lapses_at,
            waiting=count(OfferState.SENT, OfferState.SEEN),
            declined=count(OfferState.DECLINED),
            expired=count(OfferState.EXPIRED),
        ),
        reasons=tuple(ReasonCountOut(code=code, count=number) for code, number in row.reasons or ()),
        carer_id=row.assigned_to,
        carer_name=names.get(row.assigned_to),
    )


def _asked(session: Session, placement_ids: set[UUID]) -> dict[tuple[UUID, str, str], int]:
    rows = session.execute(
        select(offers.c.placement_id, offers.c.terms, offers.c.state, func.count().label("times"))
        .where(offers.c.placement_id.in_(placement_ids))
        .group_by(offers.c.placement_id, offers.c.terms, offers.c.state)
    )
    return {(row.placement_id, row.terms, row.state): row.times for row in rows}


def _candidate(rank: int, each: dict[str, Any], names: dict[UUID, str], offer: Any) -> CandidateOut:
    carer_id = UUID(each["carer_id"])
    return CandidateOut.model_validate(
        {
            "rank": rank,
            "carer_id": carer_id,
            "carer_name": names.get(carer_id, ""),
            "total": each["total"],
            "objectives": each["objectives"],
            "sentence": each["sentence"],
            "offer_id": offer.offer_id if offer else None,
            "offer_state": offer.state if offer else None,
        }
    )


def _visit(session: Session, visit_id: UUID) -> Any:
    row = session.execute(select(visits).where(visits.c.visit_id == visit_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such visit at this desk.")
    return row


def _names(session: Session, carer_ids: set[UUID]) -> dict[UUID, str]:
    rows = session.execute(
        select(carers.c.carer_id, carers.c.first_name, carers.c.last_name).where(carers.c.carer_id.in_(carer_ids))
    )
    return {row.carer_id: f"{row.first_name} {row.last_name}" for row in rows}


def _newest_first(session: Session, statement: Any, paging: Paging) -> tuple[Sequence[Any], str | None]:
    if paging.after is not None:
        sent_at, offer_id = _cursor(paging.after)
        statement = statement.where(tuple_(offers.c.sent_at, offers.c.offer_id) < tuple_(sent_at, offer_id))
    rows = session.execute(
        statement.order_by(offers.c.sent_at.desc(), offers.c.offer_id.desc()).limit(paging.limit + 1)
    ).all()
    more = len(rows) > paging.limit
    shown = rows[: paging.limit]
    return shown, f"{shown[-1].sent_at.isoformat()}/{shown[-1].offer_id}" if more else None


def _cursor(after: str) -> tuple[datetime, UUID]:
    try:
        sent_at, offer_id = after.split("/")
        instant = datetime.fromisoformat(sent_at)
        if instant.tzinfo is None:
            raise ValueError("no zone")
        return instant, UUID(offer_id)
    except ValueError as error:
        raise Invalid("Take `after` from the page before, as it was given.", pointer="#/after") from error


def _offer_out(row: Any) -> dict[str, Any]:
    shown = row.shown
    return {
        "offer_id": row.offer_id,
        "state": row.state,
        "said": _said(row),
        "visits": row.visits,
        **{name: shown[name] for name in shown if name != "sentence"},
        "sent_at": row.sent_at,
        "expires_at": row.expires_at,
        "seen_at": row.seen_at,
        "ended_at": row.ended_at,
        "reason": row.reason,
    }


_SAID = {
    OfferState.SENT: "waits for your answer",
    OfferState.SEEN: "waits for your answer",
    OfferState.ACCEPTED: "yours",
    OfferState.DECLINED: "declined",
    OfferState.EXPIRED: "expired",
}


def _said(row: Any) -> str:
    """What became of an offer, in words a carer reads."""
    if row.state == OfferState.LOST:
        return taken(offered(row))
    if row.state == OfferState.WITHDRAWN:
        return "withdrawn: the terms changed" if row.reason == Ended.CHANGED else "withdrawn"
    return _SAID[OfferState(row.state)]
