"""What waits in a service's database, told to the metrics by each of its workers, whoever relays and whatever is away."""

from sqlalchemy.orm import Session, sessionmaker

from shared.clock import Clock
from shared.db import inbox, outbox
from shared.db.engine import reading
from shared.telemetry import metrics


def measure(service: str, sessions: sessionmaker[Session], clock: Clock) -> None:
    """Count what is not yet published and what is parked, and how old the oldest unpublished row is."""
    with reading(sessions) as session:
        unpublished, since = outbox.backlog(session)
        parked = inbox.waiting(session)
    age = (clock.now() - since).total_seconds() if since else 0.0
    metrics.RELAY_LAG.labels(service).set(unpublished)
    metrics.OUTBOX_AGE.labels(service).set(max(age, 0.0))
    metrics.INBOX_PARKED.labels(service).set(parked)
