"""Whose turn it is: what decides over one carer's calendar is done one at a time."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text

from shared.db.unit_of_work import UnitOfWork

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


def lock_person(carer_id: UUID, uow: UnitOfWork) -> None:
    """Take turns for this person, whatever the desk. Taken before any row of theirs is locked, so nobody waits in a ring."""
    uow.session.execute(_LOCK, {"key": f"carer/{carer_id}"})


def lock_people(carer_ids: Iterable[UUID], uow: UnitOfWork) -> None:
    """Take turns for several people, always in the same order."""
    for carer_id in sorted(set(carer_ids)):
        lock_person(carer_id, uow)
