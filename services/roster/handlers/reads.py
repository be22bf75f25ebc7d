"""Looks at children's data: each is answered and logged in one unit of work."""

from datetime import timedelta
from typing import Any

from services.roster.commands.visits import ShowEvv, ShowMyVisits, ShowRoster, ShowVisit, ShowVisitCard
from services.roster.handlers.history import log_access, log_access_between
from services.roster.queries.board import board_json
from services.roster.queries.evv import evv_rows
from services.roster.queries.policies import policy_on
from services.roster.queries.visits import ON_ROSTER, card_of, cards_of, history_of, with_what_is_agreed
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import NotFound


def show_roster(command: ShowRoster, uow: UnitOfWork) -> str:
    """Who is where from then to then, for the desk: as JSON, since a day of a big desk is thousands of visits."""
    rows = board_json(uow.session, command.start, command.end, command.carer_id, command.area)
    log_access_between(uow, "roster", command.start, command.end)
    return rows


def show_visit(command: ShowVisit, uow: UnitOfWork) -> dict[str, Any]:
    """One visit with its history and what is agreed about it, for the desk. Raises NotFound."""
    card = card_of(uow.session, command.visit_id)
    if card is None:
        raise NotFound(f"There is no visit {command.visit_id} on this desk's roster.")
    log_access(uow, "visit", [command.visit_id])
    return {
        **with_what_is_agreed(uow.session, card),
        "complete": True,
        "complete_from": None,
        "history": history_of(uow.session, command.visit_id),
    }


def show_my_visits(command: ShowMyVisits, uow: UnitOfWork) -> list[dict[str, Any]]:
    """A carer's own visits; all of it only of those that are near."""
    rows = cards_of(uow.session, command.start, command.end, command.carer_id)
    shown = [_near(row, uow) for row in rows]
    log_access(uow, "my-visits", [row["visit_id"] for row in shown if row["complete"]])
    return shown


def show_visit_card(command: ShowVisitCard, uow: UnitOfWork) -> dict[str, Any]:
    """What the carer needs at the door, only while the visit is theirs, and all of it only near it. Raises NotFound."""
    card = card_of(uow.session, command.visit_id)
    if card is None or card["carer"]["carer_id"] != command.carer_id or card["state"] not in ON_ROSTER:
        raise NotFound(f"There is no visit {command.visit_id} of yours.")
    shown = _near(with_what_is_agreed(uow.session, card), uow)
    if shown["complete"]:
        log_access(uow, "visit-card", [command.visit_id])
    return shown


def show_evv(command: ShowEvv, uow: UnitOfWork) -> list[list[str]]:
    """The six elements of every visit that took place."""
    rows = evv_rows(uow.session, command.start, command.end)
    log_access_between(uow, "evv", command.start, command.end)
    return rows


def _near(card: dict[str, Any], uow: UnitOfWork) -> dict[str, Any]:
    """The card whole while the visit is near in time, else without address, numbers and what is to know of the children."""
    policy = policy_on(uow.session, uow.now.date())
    opens = card["start"] - timedelta(hours=policy.card_hours_before)
    closes = max(card["end"], card["ended_at"] or card["end"]) + timedelta(hours=policy.card_hours_after)
    if card["state"] in ("on_the_way", "started") or opens <= uow.now < closes:
        return {**card, "complete": True, "complete_from": None}
    return {
        **card,
        "complete": False,
        "complete_from": opens if uow.now < opens else None,
        "address": None,
        "latitude": round(card["latitude"], 2),
        "longitude": round(card["longitude"], 2),
        "family": {**card["family"], "phone": None, "contacts": []},
        "children": [{**child, "care_needs": [], "allergies": [], "routine": None} for child in card["children"]],
        "legs": [{**leg, "place": None, "note": None} for leg in card["legs"]],
        "notes": [],
    }
