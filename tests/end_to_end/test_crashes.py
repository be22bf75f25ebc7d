"""Whatever breaks on many machines in a busy hour: it settles by itself, and nobody is promised to two families."""

from collections.abc import Iterator

import httpx
import pytest

from infra.kafka.broker import Broker
from infra.kafka.distribution import KafkaMissing
from tests.end_to_end import invariants
from tests.end_to_end.bustle import Bustle, bustle
from tests.support.desk import Desk
from tests.support.kafka import refuse
from tests.support.systems import SeparateProcesses
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.processes, pytest.mark.kafka, pytest.mark.slow]


@pytest.fixture
def busy_desk(processes: SeparateProcesses) -> Iterator[Desk]:
    with Desk(processes) as desk:
        desk.set_tariffs()
        desk.let_carers_tell_later()
        yield desk


@pytest.fixture
def broker(processes: SeparateProcesses) -> Broker:
    """The broker of these processes alone."""
    try:
        return processes.broker
    except KafkaMissing as missing:
        refuse(str(missing))


def check_the_books(system: SeparateProcesses, busy: Bustle) -> None:
    """Every call came to one visit, one carer, one hour's charge, and the ledger is in balance."""
    desk = busy.desk
    invariants.settle(system, desk.desk_id)
    invariants.check(system, desk.desk_id)
    assert sorted(charge["minor"] for charge in desk.clerk.rows("billing", "/charges")) == [1800] * busy.calls
    assert desk.clerk.get("billing", "/ledger/trial-balance")["sums"] == [{"currency": "GBP", "balance_minor": 0}]


def ready(system: SeparateProcesses, name: str) -> httpx.Response:
    return httpx.get(f"{system.processes.url(name)}/readyz", timeout=10)


def test_a_worker_killed_again_and_again_amid_acceptances_loses_nothing_and_doubles_nothing(
    processes: SeparateProcesses, busy_desk: Desk
) -> None:
    with bustle(busy_desk) as busy:
        for number, name in enumerate(("matching-worker", "roster-worker", "matching-worker")):
            busy.let_call(8)
            busy.wait_for(accepted=8 * number + 2)
            processes.processes.kill(name)
            busy.let_call(2)
            processes.processes.revive(name)
        busy.wait_until_over()
    assert processes.processes.ended() == []
    check_the_books(processes, busy)


def test_an_api_killed_amid_acceptances_answers_the_same_call_once_it_is_back(
    processes: SeparateProcesses, busy_desk: Desk
) -> None:
    with bustle(busy_desk) as busy:
        for number, name in enumerate(("matching-api", "request-api", "matching-api")):
            busy.let_call(8)
            busy.wait_for(accepted=8 * number + 2)
            processes.processes.kill(name)
            busy.let_call(2)
            wait_until(lambda: busy.troubles, within=30, what="somebody gets no answer")
            processes.processes.revive(name)
            busy.troubles.clear()
        busy.wait_until_over()
    check_the_books(processes, busy)


def test_without_the_broker_care_is_still_asked_for_and_all_of_it_is_found_once_it_is_back(
    processes: SeparateProcesses, busy_desk: Desk, broker: Broker
) -> None:
    with bustle(busy_desk) as busy:
        busy.let_call(10)
        busy.wait_for(accepted=2)
        broker.kill()
        try:
            busy.let_call(20)
            busy.wait_for(asked=30)
            said = wait_until(
                lambda: answer if (answer := ready(processes, "request-api")).status_code == 503 else None,
                within=15,
                what="the API says that its bus is away",
            )
            assert said is not None
            assert "bus: away" in said.json()["detail"]
        finally:
            broker.start()
        busy.wait_until_over()
    assert busy.troubles == set(), "asking and answering needed no broker"
    assert processes.processes.ended() == []
    wait_until(lambda: ready(processes, "request-api").is_success, within=15, what="the API is ready again")
    check_the_books(processes, busy)


def test_a_database_that_goes_and_comes_back_costs_a_second_try_and_no_restart(
    processes: SeparateProcesses, busy_desk: Desk
) -> None:
    with bustle(busy_desk) as busy:
        busy.let_call(10)
        busy.wait_for(accepted=2)
        with processes.cluster.outage():
            busy.let_call(20)
            wait_until(lambda: "503" in busy.troubles, within=30, what="callers are told to try again")
            page = httpx.get(f"{processes.urls['web']}/sign-in", timeout=10)
            assert page.status_code == 200
        busy.wait_until_over()
    assert processes.processes.ended() == []
    check_the_books(processes, busy)
