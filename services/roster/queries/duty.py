"""Who is on duty, and who comes after them."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.roster.tables.copies import desk_people
from services.roster.tables.safety import duty, duty_history, duty_people


def duty_order(session: Session) -> tuple[UUID | None, list[UUID]]:
    """Who is on duty, and everybody who may be, in the order they are rung."""
    on_duty = session.execute(select(duty.c.account_id)).scalar_one_or_none()
    people = session.execute(
        select(duty_people.c.account_id).order_by(duty_people.c.position, duty_people.c.account_id)
    ).scalars()
    return on_duty, list(people)


def on_call(session: Session) -> dict[str, Any] | None:
    """Whom a carer rings at night: name and phone of who is on duty; None where nobody can be."""
    row = session.execute(
        select(duty.c.account_id, duty.c.since, duty_people.c.name, duty_people.c.phone)
        .join(duty_people, duty_people.c.account_id == duty.c.account_id, isouter=True)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return {"account_id": row.account_id, "name": row.name or "", "phone": row.phone, "since": row.since}


def duty_now(session: Session) -> dict[str, Any]:
    """Who has the duty, to whom it is offered, who may have it, and how it went from hand to hand."""
    row = session.execute(select(duty)).one_or_none()
    people = session.execute(select(duty_people).order_by(duty_people.c.position, duty_people.c.account_id)).mappings()
    names = {
        each.account_id: each.name for each in session.execute(select(desk_people.c.account_id, desk_people.c.name))
    }
    past = session.execute(
        select(duty_history).order_by(duty_history.c.at.desc(), duty_history.c.entry_id).limit(20)
    ).mappings()
    listed = [dict(each) for each in people]
    names |= {each["account_id"]: each["name"] for each in listed}
    return {
        "on_duty": on_call(session),
        "offered_to": row.offered_to if row else None,
        "offered_at": row.offered_at if row else None,
        "people": listed,
        "history": [
            {
                "at": each["at"],
                "what": each["what"],
                "from_name": names.get(each["from_account_id"], ""),
                "to_name": names.get(each["to_account_id"], ""),
            }
            for each in past
        ],
    }
