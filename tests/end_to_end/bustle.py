"""A busy desk: families call, carers say yes, come and go, all at once and without pause, whatever breaks meanwhile."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.support.desk import Desk, Person, skipped
from tests.support.waiting import wait_until

# Two days apart, so that no rule on rest keeps anyone away; on each day every visit overlaps every other.
DAYS = (2, 4, 6, 8, 10)


@dataclass
class Bustle:
    """What was asked and answered so far. A call that gets no answer is made again under the same key until it does.

    Families call when they are let, so that whatever a test breaks, it breaks in the middle.
    """

    desk: Desk
    carers: list[Person]
    families: list[UUID]
    asked: dict[str, dict[str, Any]] = field(default_factory=dict)
    accepted: int = 0
    troubles: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)
    _turns: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def calls(self) -> int:
        """How many calls there will be in all."""
        return len(self.families) * len(DAYS)

    def let_call(self, times: int) -> None:
        """Let families call so many times more."""
        self._turns.release(times)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Families call and carers answer until the block ends; then who is speaking finishes."""
        threads = [threading.Thread(target=self._watched, args=(self._call, family)) for family in self.families]
        threads += [threading.Thread(target=self._watched, args=(self._work, carer)) for carer in self.carers]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join(timeout=60)
        assert self.failures == [], self.failures[0]

    def wait_for(self, *, accepted: int = 0, asked: int = 0) -> None:
        """Until so many visits were given away and asked for in all."""
        wait_until(
            lambda: self.failures or (self.accepted >= accepted and len(self.asked) >= asked),
            within=60,
            what=f"{accepted} visits are given away and {asked} asked for",
        )

    def wait_until_over(self) -> None:
        """Until every family made all its calls, and every visit that was asked for is completed."""

        def over() -> bool:
            if self.failures:
                return True
            if len(self.asked) < self.calls:
                return False
            rows = self.desk.dispatcher.rows("request", "/care-requests", state="completed")
            return {row["care_request_id"] for row in rows} >= self.asked.keys()

        wait_until(over, within=90, what="every visit is completed")

    def _call(self, family_id: UUID) -> None:
        """A family asks for care on one day after another."""
        for days in DAYS:
            while not self._turns.acquire(timeout=0.1):
                if self._over.is_set():
                    return
            start = datetime.now(UTC).replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=days)
            body = {
                "family_id": str(family_id),
                "mode": "family_home",
                "visits": [{"start": start.isoformat(), "end": (start + timedelta(hours=3)).isoformat()}],
                "introduction_skipped": skipped(),
            }
            answer = self._insist(self.desk.dispatcher, "request", "/care-requests", body)
            assert answer.status_code == 201, answer.text
            self.asked[answer.json()["care_request_id"]] = answer.json()

    def _work(self, carer: Person) -> None:
        """A carer says yes to whatever they are asked, and cares for an hour wherever they are certain to come."""
        while not self._over.is_set():
            for offer in self._look(carer, "matching", "/my/offers", live=True, limit=200):
                answer = self._insist(carer, "matching", f"/offers/{offer['offer_id']}/accept", None)
                assert answer.status_code in (200, 409), answer.text
                if answer.status_code == 200:
                    self.accepted += 1
            now = datetime.now(UTC)
            ahead = {"from": now.isoformat(), "until": (now + timedelta(days=20)).isoformat()}
            for visit in self._look(carer, "roster", "/my/visits", **ahead):
                if visit["state"] == "rostered":
                    self._care(carer, visit, now)
            self._over.wait(0.05)

    def _care(self, carer: Person, visit: dict[str, Any], now: datetime) -> None:
        # Told now of hours that lie apart: nobody can be at two doors at once.
        began = now - timedelta(hours=2 * (datetime.fromisoformat(visit["start"]) - now).days + 2)
        for what, at in (("check-in", began), ("check-out", began + timedelta(hours=1))):
            body = {"happened_at": at.isoformat()} | ({"handed_to": "a parent"} if what == "check-out" else {})
            answer = self._insist(carer, "roster", f"/visits/{visit['visit_id']}/{what}", body)
            assert answer.status_code == 200, answer.text

    def _look(self, person: Person, service: str, path: str, **params: Any) -> list[dict[str, Any]]:
        try:
            answer = person.ask("GET", service, path, params=params)
        except httpx.TransportError as error:
            self.troubles.add(type(error).__name__)
            return []
        if answer.is_error:
            self._note(answer)
            return []
        rows: list[dict[str, Any]] = answer.json()["rows"]
        return rows

    def _insist(self, person: Person, service: str, path: str, body: Any) -> httpx.Response:
        key = str(uuid4())
        while True:
            try:
                answer = person.ask("POST", service, path, json=body, headers={"Idempotency-Key": key})
                if answer.status_code < 500:
                    return answer
                self._note(answer)
            except httpx.TransportError as error:
                self.troubles.add(type(error).__name__)
            # As a phone does that was told to try again; nobody waits for it.
            threading.Event().wait(0.2)

    def _note(self, answer: httpx.Response) -> None:
        assert answer.status_code == 503, answer.text
        assert answer.headers["Retry-After"]
        self.troubles.add("503")

    def _watched(self, do: Any, about: Any) -> None:
        try:
            do(about)
        except Exception as error:
            self.failures.append(repr(error))


@contextmanager
def bustle(desk: Desk, *, families: int = 6, carers: int = 8) -> Iterator[Bustle]:
    """A desk that asks every carer at once, with so many families and carers at it for as long as the block lasts."""
    policy = desk.dispatcher.get("matching", "/policy")
    desk.dispatcher.post("matching", "/policy", policy | {"valid_from": "2020-01-01", "wave_sizes": [carers]})
    busy = Bustle(
        desk,
        [desk.carer(f"Carer {number}", north=0.001 * (number + 1)) for number in range(carers)],
        [desk.register(f"Family {number}", north=-0.002 * number) for number in range(families)],
    )
    with busy.going_on():
        yield busy
