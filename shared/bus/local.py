"""The bus of one machine: outbox rows handed in order to the subscribers in this process. It is not a broker.

Durable because the outbox is: a row counts as published once every subscriber's inbox has it.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shared.bus.receiver import Receiver
from shared.messages import Message


@dataclass(frozen=True, slots=True)
class LocalPublisher:
    """What the relay of one service publishes to: every receiver in this process that hears its topic."""

    receivers: Mapping[str, Receiver]
    hint: Callable[[Message], None] = lambda message: None

    def publish(self, messages: Sequence[Message]) -> None:
        """Hand each message to each subscriber. Raises what they raise: the outbox keeps the rows for the next try."""
        for message in messages:
            for receiver in self.receivers.values():
                if receiver.subscriptions.hear(message.topic):
                    receiver.receive(message)
            self.hint(message)


class ShuffledPublisher:
    """Delivers what several topics say in an order of its own choosing, keeping only the order within each key.

    Kafka promises no more than that between topics; the demo week is run through this to show that nothing
    depends on more. Messages for the `held` services wait until `release`.
    """

    def __init__(self, receivers: Mapping[str, Receiver], seed: int, held: frozenset[str] = frozenset()) -> None:
        self._receivers = receivers
        self._random = random.Random(seed)
        self._held = held
        self._queues: dict[tuple[str, str, str], list[Message]] = {}

    def publish(self, messages: Sequence[Message]) -> None:
        for message in messages:
            for service, receiver in self._receivers.items():
                if receiver.subscriptions.hear(message.topic):
                    self._queues.setdefault((service, message.topic, message.key), []).append(message)

    def deliver_one(self) -> bool:
        """Deliver the next message of a queue picked at random; says whether there was one."""
        ready = [queue for queue in sorted(self._queues) if queue[0] not in self._held]
        if not ready:
            return False
        chosen = self._random.choice(ready)
        queue = self._queues[chosen]
        self._receivers[chosen[0]].receive(queue[0])
        # Only now: one that broke is still the first of its queue.
        queue.pop(0)
        if not queue:
            del self._queues[chosen]
        return True

    def release(self) -> None:
        """Let the held services hear what they missed."""
        self._held = frozenset()
