"""The one state of each visit, kept while others write about it: whoever has news takes the row, and settles it."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update

from services.request.domain.care_request import CareRequest
from services.request.domain.progress import SETTLED, Heard, RosterWord, VisitState, carer_of, newer, state_of
from services.request.domain.visit import Visit
from services.request.tables import closed_offers, offered_visits, visit_progress, visits
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import NotFound


def begin(uow: UnitOfWork, visits_begun: Iterable[Visit]) -> None:
    """Give new visits a state; the visits themselves must be in the database."""
    rows = [{"visit_id": visit.visit_id, "desk_id": visit.desk_id, **_NOTHING_HEARD} for visit in visits_begun]
    if rows:
        uow.session.execute(insert(visit_progress), rows)


def settled_visits(uow: UnitOfWork, request: CareRequest) -> frozenset[UUID]:
    """The request's visits that only the roster may still change. Their states stand still until this commits."""
    rows = uow.session.execute(
        select(visit_progress.c.visit_id, visit_progress.c.state)
        .where(visit_progress.c.visit_id.in_([visit.visit_id for visit in request.visits]))
        .order_by(visit_progress.c.visit_id)
        .with_for_update()
    )
    return frozenset(row.visit_id for row in rows if row.state in SETTLED)


def settle(uow: UnitOfWork, visit_ids: Iterable[UUID], hears: Mapping[str, Any] | None = None) -> list[UUID]:
    """Let the state of these visits follow from all that was heard, with `hears` as the news about them.

    Whoever writes about a visit takes its row first, so that the last to commit has seen every word. Says of which
    visits that was news.
    """
    wanted = sorted(set(visit_ids))
    locked = uow.session.execute(
        select(visit_progress.c.visit_id)
        .where(visit_progress.c.visit_id.in_(wanted))
        .order_by(visit_progress.c.visit_id)
        .with_for_update()
    ).scalars()
    if missing := set(wanted) - set(locked):
        raise NotFound(f"There is no visit {min(missing)} at this desk.")
    offered = (
        select(offered_visits.c.visit_id, func.max(offered_visits.c.visit_version).label("version"))
        .where(
            offered_visits.c.visit_id.in_(wanted),
            offered_visits.c.offer_id.not_in(select(closed_offers.c.offer_id)),
        )
        .group_by(offered_visits.c.visit_id)
        .subquery()
    )
    rows = uow.session.execute(
        select(visit_progress, visits.c.version, visits.c.removed_at, offered.c.version.label("offered_version"))
        .join(visits, visits.c.visit_id == visit_progress.c.visit_id)
        .outerjoin(offered, offered.c.visit_id == visit_progress.c.visit_id)
        .where(visit_progress.c.visit_id.in_(wanted))
        .order_by(visit_progress.c.visit_id)
    ).mappings()
    new_to: list[UUID] = []
    for row in rows.all():
        news = _news(row, dict(hears or {}))
        if news:
            new_to.append(row["visit_id"])
        heard = _heard({**row, **news})
        state = state_of(row["version"], row["removed_at"] is not None, heard)
        carer_id = carer_of(heard, state)
        if news or (state, carer_id) != (row["state"], row["carer_id"]):
            uow.session.execute(
                update(visit_progress)
                .where(visit_progress.c.visit_id == row["visit_id"])
                .values(**news, state=state, carer_id=carer_id)
            )
    return new_to


_NOTHING_HEARD: Mapping[str, Any] = {
    "state": VisitState.OPEN,
    "matching_version": 0,
    "assigned": False,
    "stranger": False,
    "roster_version": 0,
    "roster_visit_version": 0,
    "unfilled_version": 0,
    "register_revision": 0,
    "to_register": True,
}


def _news(row: Mapping[Any, Any], hears: dict[str, Any]) -> dict[str, Any]:
    """What of the news replaces what was heard: an older word than the latest of its topic is no news."""
    if "matching_version" in hears and not newer(row["matching_version"], hears["matching_version"]):
        return {}
    if "roster_version" in hears:
        word = RosterWord(row["roster_word"]) if row["roster_word"] else None
        done_now = hears.get("roster_word") is RosterWord.COMPLETED
        # Done is done; only a later version of the same puts its times right.
        known = None if done_now else word
        if (not done_now or word is RosterWord.COMPLETED) and not newer(
            row["roster_version"], hears["roster_version"], known
        ):
            return {}
    changed = {name: value for name, value in hears.items() if row[name] != value}
    return changed if changed.keys() - {"to_register"} else {}


def _heard(known: Mapping[Any, Any]) -> Heard:
    return Heard(
        matching_version=known["matching_version"],
        assigned=known["assigned"],
        matching_carer_id=known["matching_carer_id"],
        roster_version=known["roster_version"],
        roster_word=RosterWord(known["roster_word"]) if known["roster_word"] else None,
        roster_visit_version=known["roster_visit_version"],
        roster_carer_id=known["roster_carer_id"],
        unfilled_version=known["unfilled_version"],
        offered_version=known["offered_version"] or 0,
    )
