"""A service's inputs at a glance: which event leads to which handler."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from shared.commands import Handler
from shared.domain.event import Event

E = TypeVar("E", bound=Event)
C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Subscription:
    """An event's class, and the command made of it (or the event itself, when it says everything)."""

    event_class: type[Event]
    handler: Handler[Any, Any]
    command: Callable[[Any], Any]


class Subscriptions:
    """What one service hears. Types it did not subscribe to pass by unheard."""

    def __init__(self, service: str) -> None:
        self.service = service
        self._by_type: dict[str, Subscription] = {}

    def on(self, event_class: type[E], handler: Handler[Any, Any], command: Callable[[E], Any] | None = None) -> None:
        """Hand events of this class to the handler, as they are or as the command made of them."""
        if event_class.wire_name in self._by_type:
            raise ValueError(f"{self.service} hears {event_class.wire_name} twice.")
        self._by_type[event_class.wire_name] = Subscription(event_class, handler, command or (lambda event: event))

    def find(self, wire_name: str) -> Subscription | None:
        return self._by_type.get(wire_name)

    def hear(self, topic: str) -> bool:
        """Whether anything of this topic is heard; the dead letters of others, for one, are not."""
        return topic in self.topics

    @property
    def topics(self) -> list[str]:
        """The topics to read."""
        return sorted({s.event_class.topic() for s in self._by_type.values()})
