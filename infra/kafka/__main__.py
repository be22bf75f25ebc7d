"""`python -m infra.kafka topics` creates the topics; `python -m infra.kafka broker` runs a broker until interrupted."""

import argparse
import signal
import sys

from kafka.errors import KafkaError

from infra.kafka.broker import Broker
from infra.kafka.distribution import KafkaMissing
from infra.kafka.topics import TopicRefused, TopicSettings, create_topics


def main(arguments: list[str] | None = None) -> int:
    """Run the named job; 0 when done, 1 with one line on the error stream when refused."""
    parser = argparse.ArgumentParser(prog="python -m infra.kafka", description=__doc__)
    parser.add_argument("job", choices=("topics", "broker"))
    job = parser.parse_args(arguments).job
    try:
        _create() if job == "topics" else _run_broker()
    except (KafkaError, KafkaMissing, TopicRefused) as refusal:
        print(f"{job}: {refusal}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _create() -> None:
    settings = TopicSettings()
    if not settings.bootstrap_servers:
        raise TopicRefused("set VESPER_KAFKA_BOOTSTRAP_SERVERS to the broker's address, such as kafka:9092")
    for topic in create_topics(settings.bootstrap_servers, settings=settings):
        print(f"{topic.name} {topic.partitions}", flush=True)  # noqa: T201


def _run_broker() -> None:
    with Broker() as broker:
        create_topics(broker.bootstrap_servers)
        print(broker.bootstrap_servers, flush=True)  # noqa: T201
        # Blocked first, so that a signal sent before the wait is not lost.
        ends = {signal.SIGINT, signal.SIGTERM}
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)
        signal.sigwait(ends)


if __name__ == "__main__":
    sys.exit(main())
