"""The base of every event: what a contract declares, before anybody turns it into bytes."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The base of every contract event: whose desk it is about, and the version of the aggregate that says it."""

    wire_name: ClassVar[str]
    key_field: ClassVar[str]

    desk_id: UUID
    version: int

    @classmethod
    def topic(cls) -> str:
        """The topic it is said on: its producer's name, with which the names of its contract's files begin."""
        return cls.__module__.rsplit(".", 1)[-1].partition("_")[0]

    @property
    def key(self) -> str:
        """The aggregate's id: order is promised among events of one key."""
        return str(getattr(self, self.key_field))
