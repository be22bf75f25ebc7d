"""A page of the diary."""

from uuid import UUID

from shared.domain.aggregate import Aggregate
from tests.support.diary.events import LineWritten, PageOpened


class Page(Aggregate):
    """Lines are only ever added to it; its version counts its changes."""

    page_id: UUID
    desk_id: UUID
    version: int
    lines: int

    @classmethod
    def open(cls, page_id: UUID, desk_id: UUID) -> "Page":
        page = cls()
        page.page_id, page.desk_id, page.version, page.lines = page_id, desk_id, 1, 0
        page.record(PageOpened(desk_id=desk_id, version=1, page_id=page_id))
        return page

    def write(self, count: int, words: str) -> None:
        """Add this many lines."""
        self.version += 1
        for _ in range(count):
            self.lines += 1
            self.record(
                LineWritten(
                    desk_id=self.desk_id, version=self.version, page_id=self.page_id, number=self.lines, words=words
                )
            )
