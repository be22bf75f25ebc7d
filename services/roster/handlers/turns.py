"""Whose turn it is: what decides over one carer's calendar is done one at a time."""

from uuid import UUID

from sqlalchemy import text

from shared.db.unit_of_work import UnitOfWork


def lock_person(carer_id: UUID, uow: UnitOfWork) -> None:
    """Take turns for this person, whatever the desk. Taken before any row of theirs is locked, so nobody waits in a ring."""
    uow.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"carer/{carer_id}"})
