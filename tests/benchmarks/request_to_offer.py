"""From a care request's POST to its first offer before a carer's eyes, with everything that lies between named.

Separate processes on Kafka, PostgreSQL on disk as in earnest, 35 carers and 60 families; requests come at a steady
20 a second whatever the answers, so that one that is slow makes none wait. When something became visible is read from
PostgreSQL itself (the commit times of the rows), which costs the system nothing while it works.
"""

import json
import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from kafka import KafkaConsumer, TopicPartition

from infra.kafka.topics import PARTITIONS
from infra.local.postgres.provision import connection
from tests.benchmarks.frame import Row, Say, median_of, percentile
from tests.support.desk import Desk, skipped
from tests.support.systems import SeparateProcesses, separate_processes
from tests.support.waiting import wait_until

TITLE = "A care request's POST to its first offer visible to the carer, 20 a second, over Kafka"
PER_SECOND = 20
WARM_UP, MEASURED, RUNS = 100, 300, 3
CARERS, FAMILIES = 35, 60
AIM_P50_MS, AIM_P99_MS = 150.0, 500.0
PARTS = (
    ("accept", "API: until the request is committed"),
    ("outbox", "outbox: until the relay sends it"),
    ("travel", "Kafka: until matching's consumer begins with it"),
    ("handle", "consumer: until it is kept and its timer set"),
    ("timer", "timer: until arranging begins"),
    ("arrange", "arranging: shortlist, wave, until the offers are committed"),
)

_COMMITTED = """
    SELECT care_request_id::text, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8
    FROM visit_history WHERE version = 1
"""
_KEPT = """
    SELECT key, extract(epoch FROM received_at)::float8, extract(epoch FROM pg_xact_commit_timestamp(xmin))::float8
    FROM inbox WHERE type = 'care_request.opened.v1' AND state = 'done'
"""
_OFFERED = """
    SELECT visits.care_request_id::text, min(extract(epoch FROM offer_history.at))::float8,
        min(extract(epoch FROM pg_xact_commit_timestamp(offer_history.xmin)))::float8
    FROM offer_history JOIN offers USING (offer_id) JOIN visits USING (placement_id)
    WHERE offer_history.state = 'sent' GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """When a request was due to be sent, and its id."""

    at: float
    care_request_id: str


def run(say: Say) -> list[Row]:
    """Median of several runs on one system; raises KafkaMissing where no Kafka can be had."""
    say("starting the processes")
    with separate_processes(on_disk=True, settings={"track_commit_timestamp": "on"}) as system, Desk(system) as desk:
        desk.set_tariffs()
        families = _settle(desk)
        say(f"warming up with {WARM_UP} requests")
        _measure(system, desk, families, WARM_UP, seed=0)
        runs = []
        for number in range(1, RUNS + 1):
            runs.append(_measure(system, desk, families, MEASURED, seed=number))
            say(f"run {number}: p50 {runs[-1]['p50']:.0f} ms, p99 {runs[-1]['p99']:.0f} ms")
    found = median_of(runs)
    rows = [
        _aimed("p50", found["p50"], AIM_P50_MS),
        _aimed("p99", found["p99"], AIM_P99_MS),
    ]
    rows += [Row(name=f"of the p50: {words}", value=found[part], unit="ms") for part, words in PARTS]
    waiting = found["outbox"] + found["travel"] + found["timer"]
    rows.append(
        Row(
            name="of it waiting for relay, Kafka, consumer and timer",
            value=waiting,
            unit="ms",
            reference="of the p50",
            ratio=waiting / found["p50"],
        )
    )
    return rows


def _aimed(name: str, milliseconds: float, aim: float) -> Row:
    return Row(name=name, value=milliseconds, unit="ms", aim=f"under {aim:.0f} ms", holds=milliseconds < aim)


def _settle(desk: Desk) -> list[UUID]:
    dice = random.Random(1)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: desk.take_on(f"Carer {n}", north=dice.uniform(-0.04, 0.04)), range(CARERS)))
        return list(pool.map(lambda n: desk.register(f"Family {n}", north=dice.uniform(-0.04, 0.04)), range(FAMILIES)))


def _measure(
    system: SeparateProcesses, desk: Desk, families: Sequence[UUID], count: int, *, seed: int
) -> dict[str, float]:
    """One run: medians of the parts, and the percentiles of the whole, in milliseconds."""
    asked = _ask(desk, families, count, seed)
    stamps = wait_until(lambda: _stamps(system, asked), within=120, what="every request has its offers")
    assert stamps is not None
    whole = [stamp[-1] - stamp[0] for stamp in stamps]
    parts = {
        name: percentile([max(0.0, stamp[i + 1] - stamp[i]) * 1000 for stamp in stamps], 50)
        for i, (name, _) in enumerate(PARTS)
    }
    return {"p50": percentile(whole, 50) * 1000, "p99": percentile(whole, 99) * 1000, **parts}


def _ask(desk: Desk, families: Sequence[UUID], count: int, seed: int) -> list[Asked]:
    """Requests at a steady rate, each from a thread of its own."""
    dice = random.Random(seed)
    begins = time.time() + 0.5

    def ask(number: int) -> Asked:
        at = begins + number / PER_SECOND
        time.sleep(max(0.0, at - time.time()))
        start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours[number])
        return Asked(at, _post(desk, connections, chosen[number], start))

    connections = threading.local()
    hours = [dice.randint(24, 24 * 50) for _ in range(count)]
    chosen = [dice.choice(families) for _ in range(count)]
    with ThreadPoolExecutor(PER_SECOND * 2) as pool:
        return list(pool.map(ask, range(count)))


def _post(desk: Desk, connections: threading.local, family_id: UUID, start: datetime) -> str:
    """By the plainest client there is, on a connection kept open: what it costs is taken from the services' share."""
    where = urlsplit(desk.system.urls["request"])
    if not hasattr(connections, "open"):
        connections.open = HTTPConnection(where.hostname or "", where.port)
    visit = {"start": start.isoformat(), "end": (start + timedelta(hours=3)).isoformat()}
    asked = {"visits": [visit], "introduction_skipped": skipped()}
    body = json.dumps({"family_id": str(family_id), "mode": "family_home", **asked})
    headers = {**desk.dispatcher.headers, "Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
    connections.open.request("POST", "/care-requests", body, headers)
    told = json.loads(connections.open.getresponse().read())
    return str(told["care_request_id"])


def _stamps(system: SeparateProcesses, asked: Sequence[Asked]) -> list[tuple[float, ...]] | None:
    """For every request, when: asked, committed, sent, begun with, kept, arranging, offered; None until all have offers."""
    offered = {key: (begun, seen) for key, begun, seen in _rows(system, "matching", _OFFERED)}
    if any(each.care_request_id not in offered for each in asked):
        return None
    committed = dict(_rows(system, "request", _COMMITTED))
    kept = {key: (begun, done) for key, begun, done in _rows(system, "matching", _KEPT)}
    sent = _sent(system)
    return [
        (each.at, committed[key], sent[key], *kept[key], *offered[key])
        for each in asked
        for key in (each.care_request_id,)
    ]


def _sent(system: SeparateProcesses) -> dict[str, float]:
    """When the relay gave each request to its producer: Kafka keeps the time with the record."""
    consumer = KafkaConsumer(bootstrap_servers=system.broker.bootstrap_servers, group_id=None, enable_auto_commit=False)
    try:
        partitions = [TopicPartition("request", number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        found: dict[str, float] = {}
        while any(consumer.position(partition) < ends[partition] for partition in partitions):
            for records in consumer.poll(timeout_ms=500).values():
                found |= {record.key.decode(): record.timestamp / 1000 for record in records if _opened(record)}
        return found
    finally:
        consumer.close(autocommit=False)


def _opened(record: Any) -> bool:
    return (b"care_request.opened.v1") in dict(record.headers).values()


def _rows(system: SeparateProcesses, service: str, statement: str) -> list[Any]:
    with connection(system.databases[service].owner_url) as opened:
        return opened.execute(statement).fetchall()
