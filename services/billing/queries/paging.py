"""One way of cutting a long list: ordered by columns, the next page after the last row's values of them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, literal, tuple_
from sqlalchemy.orm import Session

from shared.domain.errors import Invalid
from shared.http.paging import Page, Paging

_READ: dict[type, Any] = {UUID: UUID, date: date.fromisoformat, datetime: datetime.fromisoformat, int: int, str: str}


def paged(
    session: Session, statement: Select[Any], paging: Paging, *by: ColumnElement[Any], newest_first: bool = False
) -> Page[Any]:
    """A page of these rows in the order of `by`, which together name one row. Raises Invalid for a cursor of elsewhere."""
    if paging.after:
        last = tuple_(*(literal(value, column.type) for value, column in zip(_read(paging.after, by), by, strict=True)))
        statement = statement.where(tuple_(*by) < last if newest_first else tuple_(*by) > last)
    ordered = statement.order_by(*(column.desc() if newest_first else column for column in by))
    rows = list(session.execute(ordered.limit(paging.limit + 1)).all())
    cursors = ["|".join(str(getattr(row, column.key or "")) for column in by) for row in rows]
    return paging.page(rows, cursors)


def _read(after: str, by: tuple[ColumnElement[Any], ...]) -> list[Any]:
    texts = after.split("|")
    try:
        values = [_READ[column.type.python_type](text) for text, column in zip(texts, by, strict=True)]
    except ValueError as error:
        raise _bad_cursor() from error
    if any(isinstance(value, datetime) and value.tzinfo is None for value in values):
        raise _bad_cursor()
    return values


def _bad_cursor() -> Invalid:
    return Invalid("after is not where a page ended: use next_after of the page before.", pointer="#/after")
