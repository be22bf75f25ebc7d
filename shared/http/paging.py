"""Long lists come in pages: the next page is asked for with what the last one ended on."""

from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel

T = TypeVar("T")

MOST = 200


class Page(BaseModel, Generic[T]):
    """Up to `limit` rows; `next_after` is None on the last page."""

    rows: list[T]
    next_after: str | None = None


class Paging(BaseModel):
    """Where a page begins and how long it is."""

    after: str | None = None
    limit: int = 50

    def page(self, rows: list[T], cursor_of: "list[str]") -> Page[T]:
        """The page of these rows, fetched with one more than `limit`; `cursor_of` are their cursors."""
        more = len(rows) > self.limit
        return Page(rows=rows[: self.limit], next_after=cursor_of[self.limit - 1] if more else None)


def _paging(
    after: Annotated[str | None, Query(max_length=200)] = None, limit: Annotated[int, Query(ge=1, le=MOST)] = 50
) -> Paging:
    return Paging(after=after, limit=limit)


PagingQuery = Annotated[Paging, Depends(_paging)]
