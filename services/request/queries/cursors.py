"""Where a page begins, as the one before it said."""

from datetime import datetime
from uuid import UUID

from shared.domain.errors import Invalid


def id_of(cursor: str) -> UUID:
    """The id a page begins after. Raises Invalid for anything else."""
    try:
        return UUID(cursor)
    except ValueError as error:
        raise _no_such_page() from error


def instant_of(cursor: str) -> datetime:
    """The instant a page begins after. Raises Invalid for anything else."""
    try:
        at = datetime.fromisoformat(cursor)
    except ValueError as error:
        raise _no_such_page() from error
    if at.tzinfo is None:
        raise _no_such_page()
    return at


def _no_such_page() -> Invalid:
    return Invalid("No page begins there. Ask with the next_after of the page before.", pointer="#/after")
