"""Who hears an event and who says one read the same golden sample."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import select

from services.identity.commands import RegisterDesk
from services.identity.handlers.desks import register_desk
from shared.auth.roles import desk_itself
from shared.bus.receiver import Outcome
from shared.contracts.identity import DeskRegistered
from shared.contracts.request import CareRequestOpened
from shared.db.dead_letters import dead_letters
from shared.db.outbox import outbox
from shared.domain.event import Event
from tests.access.test_access import TABLES
from tests.contracts.golden import every_event, golden, topic_of
from tests.services.request.town import Town
from tests.support.postgres import Server
from tests.support.service import Trial, trial

# What a service must have heard before, so that the sample says something about what is known there.
BEFORE = (
    "DeskRegistered",
    "TariffChanged",
    "CarerRegistered",
    "AvailabilityChanged",
    "FamilyRegistered",
    "SharedCareAgreed",
    "CareRequestOpened",
    "OfferMade",
    "VisitAssigned",
    "VisitRostered",
    "VisitStarted",
    "VisitCompleted",
)
LAST = ("FamilyMerged", "FamilyErased")


def heard_by(service: str) -> list[type[Event]]:
    """What the service hears, in the order a night brings it."""
    subscribed = [
        event for event in every_event() if TABLES[service][0].subscriptions.find(event.wire_name) is not None
    ]

    def when(event: type[Event]) -> tuple[int, int]:
        if event.__name__ in LAST:
            return 2, LAST.index(event.__name__)
        return (0, BEFORE.index(event.__name__)) if event.__name__ in BEFORE else (1, 0)

    return sorted(subscribed, key=when)


@dataclass(frozen=True, slots=True)
class Hearer:
    """A service and the sample's things that are its own: what nobody but it can make has another id there."""

    trial: Trial
    own: Mapping[str, str]

    def hear(self, event: type[Event]) -> Outcome:
        """The sample as it comes from Kafka, bytes and headers."""
        sent = golden(event).message
        key, body = sent.key, sent.body.decode()
        for sample, own in self.own.items():
            key, body = key.replace(sample, own), body.replace(sample, own)
        return self.trial.running.receiver.receive(
            replace(sent, message_id=event.wire_name, key=key, body=body.encode(), desk_id=self.desk_id)
        )

    @property
    def desk_id(self) -> UUID:
        """The desk of the samples, under the name it has here."""
        desk = str(golden(DeskRegistered).event.desk_id)
        return UUID(self.own.get(desk, desk))

    def why_dead(self) -> list[str]:
        """What was said of the messages that died."""
        with self.trial.running.sessions() as session:
            return list(session.execute(select(dead_letters.c.reason)).scalars())


@pytest.fixture(scope="module")
def hearers(postgres_cluster: Server) -> Iterator[Callable[[str], Hearer]]:
    with ExitStack() as until_the_end:
        opened: dict[str, Hearer] = {}

        def find(name: str) -> Hearer:
            if name not in opened:
                running = until_the_end.enter_context(trial(postgres_cluster, TABLES[name][0]))
                opened[name] = Hearer(running, _OWN[name](running) if name in _OWN else {})
            return opened[name]

        yield find


def _own_desk(t: Trial) -> Mapping[str, str]:
    """Identity hears of no desk: it founds them."""
    sample = golden(DeskRegistered).event
    assert isinstance(sample, DeskRegistered)
    facts = sample.desk
    founding = RegisterDesk(
        name=facts.name, country=facts.country, currency=facts.currency, languages=facts.languages, zone=facts.zone
    )
    t.run(register_desk, founding, desk_itself(sample.desk_id))
    return {}


def _own_request(t: Trial) -> Mapping[str, str]:
    """Families and what they ask for are the request service's own."""
    sample = golden(CareRequestOpened).event
    assert isinstance(sample, CareRequestOpened)
    town = Town(t)
    town.desk()
    family = town.family("Ames")
    asked = town.ask(family)
    return {
        str(sample.desk_id): str(t.desk_id),
        str(sample.family_id): str(family.family_id),
        str(sample.care_request_id): str(asked.care_request_id),
        str(sample.visits[0].visit_id): str(asked.visits[0].visit_id),
    }


_OWN: Mapping[str, Callable[[Trial], Mapping[str, str]]] = {"identity": _own_desk, "request": _own_request}


@pytest.mark.parametrize(
    ("service", "event"),
    [
        pytest.param(service, event, id=f"{service} hears {event.wire_name}")
        for service in TABLES
        for event in heard_by(service)
    ],
)
def test_a_service_handles_the_sample_it_is_sent(
    hearers: Callable[[str], Hearer], service: str, event: type[Event]
) -> None:
    """It is handled or kept until its cause comes, never a dead letter; and once."""
    hearer = hearers(service)
    assert hearer.hear(event) in (Outcome.DONE, Outcome.PARKED), hearer.why_dead()
    hearer.trial.run_timers()
    assert hearer.hear(event) in (Outcome.REPEATED, Outcome.PARKED)


@pytest.mark.parametrize("service", TABLES)
def test_what_a_service_says_is_what_the_golden_file_says(postgres_cluster: Server, service: str) -> None:
    """Said by real commands: each body is of the golden schema and holds no field besides."""
    by_name = {event.wire_name: event for event in every_event() if topic_of(event) == service}
    described, _, things = TABLES[service]
    with trial(postgres_cluster, described) as t:
        things(t, uuid4())
        with t.running.sessions() as session:
            rows = session.execute(select(outbox).order_by(outbox.c.position)).all()
    assert rows
    for row in rows:
        kept = golden(by_name[row.type])
        strict = {**kept.schema, "additionalProperties": False}
        assert [error.message for error in Draft202012Validator(strict).iter_errors(json.loads(row.body))] == []
