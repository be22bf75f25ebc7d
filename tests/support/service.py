"""A service under test: on a fresh database, with a clock that stands still, keys of its own and messages at hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient
from jwt import PyJWK
from jwt.algorithms import OKPAlgorithm
from sqlalchemy import select

from shared.auth.roles import Caller, Role, desk_itself
from shared.auth.tokens import BadToken
from shared.bus.receiver import Outcome
from shared.clock import SeededIds, SetClock
from shared.contracts import billing, identity, matching, request, roster, roster_notices
from shared.db.outbox import outbox
from shared.domain.event import Event
from shared.messages import Message, decode, encode
from shared.service import RunningService, Service
from tests.support.postgres import Server

MONDAY = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
# Sealing a test's signing keys; services that have none ignore it.
KEY_SECRET = "a secret for tests, nothing it seals outlives them"


class OwnKeys:
    """Signs tokens the way the identity service does, for services tested without it."""

    def __init__(self) -> None:
        self._private = Ed25519PrivateKey.generate()
        self._public = PyJWK(self.jwk(), "EdDSA")

    def jwk(self) -> dict[str, Any]:
        """The public key as an issuer publishes it."""
        return {**OKPAlgorithm.to_jwk(self._private.public_key(), as_dict=True), "kid": "test", "alg": "EdDSA"}

    def find(self, kid: str) -> PyJWK:
        if kid != "test":
            raise BadToken("unknown key")
        return self._public

    def token(self, caller: Caller, **changes: Any) -> str:
        now = datetime.now(UTC)
        claims = {
            "sub": str(caller.account_id or uuid4()),
            "iss": "vesper",
            "aud": "vesper",
            "iat": now,
            "exp": now + timedelta(minutes=5),
            "role": caller.role,
            "desk": str(caller.desk_id),
            "person": str(caller.person_id) if caller.person_id else None,
            "name": caller.name,
        }
        return jwt.encode({**claims, **changes}, self._private, algorithm="EdDSA", headers={"kid": "test"})


@dataclass
class Trial:
    """A running service and what a test does with it."""

    running: RunningService
    clock: SetClock
    keys: OwnKeys
    http: TestClient
    desk_id: UUID

    def caller(self, role: Role, person_id: UUID | None = None, desk_id: UUID | None = None) -> Caller:
        """A caller of this desk, or of another one."""
        return Caller(
            desk_id=desk_id or self.desk_id, account_id=uuid4(), role=role, person_id=person_id, name=f"A {role}"
        )

    def headers(self, caller: Caller, key: str | None = None) -> dict[str, str]:
        """The headers of a request by this caller, with an Idempotency-Key if given."""
        headers = {"Authorization": f"Bearer {self.keys.token(caller)}"}
        return {**headers, "Idempotency-Key": key} if key else headers

    def run(self, handler: Any, command: Any, caller: Caller | None = None) -> Any:
        """A command on the one path, as the desk itself unless a caller is named."""
        return self.running.runner.run(handler, command, caller=caller or desk_itself(self.desk_id))

    def hear(self, event: Event, message_id: str | None = None) -> Outcome:
        """Deliver an event as the bus would; the same message_id twice is a redelivery."""
        return self.running.receiver.receive(
            Message(
                message_id=message_id or str(uuid4()),
                topic=type(event).topic(),
                key=event.key,
                type=event.wire_name,
                desk_id=event.desk_id,
                time=self.clock.now(),
                correlation_id="test",
                body=encode(event),
                origin="test/0/0",
            )
        )

    def run_timers(self) -> int:
        """Run what is due at the clock's time."""
        return self.running.timers.run_due()

    def said(self, *event_classes: type[Event]) -> list[Any]:
        """What the service said so far, in order, as events; only of these classes if named."""
        by_name = {c.wire_name: c for c in event_classes or _every_event()}
        with self.running.sessions() as session:
            rows = session.execute(select(outbox).order_by(outbox.c.position)).all()
        return [decode(by_name[row.type], row.body) for row in rows if row.type in by_name]


@contextmanager
def trial(server: Server, service: Service, *, at: datetime = MONDAY, **changes: Any) -> Iterator[Trial]:
    """The service on a fresh, migrated database, its clock standing at `at`; `changes` are settings."""
    with server.service_database(service.name) as databases:
        chosen = {"database_url": databases.app_url, "key_secret": KEY_SECRET, **changes}
        settings = service.settings_class(**chosen)
        clock = SetClock(at)
        running = RunningService(service, settings, clock=clock, ids=SeededIds(1))
        keys = OwnKeys()
        http = TestClient(running.app({}, keys), raise_server_exceptions=False)
        try:
            yield Trial(running, clock, keys, http, uuid4())
        finally:
            http.close()
            running.close()


def _every_event() -> list[type[Event]]:
    modules = (billing, identity, matching, request, roster, roster_notices)
    found = [thing for module in modules for thing in vars(module).values() if isinstance(thing, type)]
    return [thing for thing in found if issubclass(thing, Event) and thing is not Event]
