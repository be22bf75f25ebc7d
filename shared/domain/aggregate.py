"""The base of everything that guards its own changes and remembers what happened to it."""

from typing import Any


class Aggregate:
    """Collects the events its methods record, until the unit of work takes them into the outbox."""

    def record(self, event: Any) -> None:
        """Remember a contract event; it is published only if the command commits."""
        self.__dict__.setdefault("_recorded", []).append(event)

    def take_recorded(self) -> list[Any]:
        """Hand over what was recorded, in order, and forget it."""
        recorded: list[Any] = self.__dict__.pop("_recorded", [])
        return recorded
