"""The bus suite on one machine: outbox rows handed to the subscribers in the same process."""

from collections.abc import Iterator

import pytest

from tests.shared.bus.suite import BusSuite
from tests.support.diary.processes import Diaries, diaries
from tests.support.postgres import Server


@pytest.fixture
def bus(postgres_cluster: Server) -> Iterator[Diaries]:
    with diaries(postgres_cluster) as found:
        yield found


class TestOnOneMachine(BusSuite):
    def test_of_three_copies_one_relays_and_killed_another_goes_on_with_2000_events(self, bus: Diaries) -> None:
        """Whoever holds the relay's lock is killed in the middle of a transaction, twice."""
        for _ in range(3):
            bus.start()
        pages = [bus.open_page() for _ in range(20)]
        for _ in range(2):
            with bus.holding("heard"):
                for page in pages:
                    bus.write(page, 50)
                [name] = bus.wait_blocked()
                [relaying] = [process for process in bus.processes if process.name == name]
                relaying.kill()
            bus.processes.remove(relaying)
        bus.wait_heard({page: list(range(1, 101)) for page in pages})
