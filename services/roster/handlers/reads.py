"""Looks at children's data: each is answered and logged in one unit of work."""

from typing import Any

from services.roster.commands import ShowMyVisits, ShowRoster, ShowVisit, ShowVisitCard
from services.roster.handlers.history import log_access
from services.roster.queries.visits import ON_ROSTER, card_of, history_of, roster_of
from shared.db.unit_of_work import UnitOfWork
from shared.domain.errors import NotFound


def show_roster(command: ShowRoster, uow: UnitOfWork) -> list[dict[str, Any]]:
    """Who is where from then to then, for the desk."""
    rows = roster_of(uow.session, command.start, command.end, command.carer_id)
    log_access(uow, "roster", [row["visit_id"] for row in rows])
    return rows


def show_visit(command: ShowVisit, uow: UnitOfWork) -> dict[str, Any]:
    """One visit with its history, for the desk. Raises NotFound."""
    card = card_of(uow.session, command.visit_id)
    if card is None:
        raise NotFound(f"There is no visit {command.visit_id} on this desk's roster.")
    log_access(uow, "visit", [command.visit_id])
    return {**card, "history": history_of(uow.session, command.visit_id)}


def show_my_visits(command: ShowMyVisits, uow: UnitOfWork) -> list[dict[str, Any]]:
    """A carer's own visits."""
    rows = roster_of(uow.session, command.start, command.end, command.carer_id, theirs=True)
    log_access(uow, "my-visits", [row["visit_id"] for row in rows])
    return rows


def show_visit_card(command: ShowVisitCard, uow: UnitOfWork) -> dict[str, Any]:
    """What the carer needs at the door, only while the visit is theirs. Raises NotFound."""
    card = card_of(uow.session, command.visit_id)
    if card is None or card["carer"]["carer_id"] != command.carer_id or card["state"] not in ON_ROSTER:
        raise NotFound(f"There is no visit {command.visit_id} of yours.")
    log_access(uow, "visit-card", [command.visit_id])
    return card
