"""All of the kit's tables on one metadata: importing this declares them."""

from shared.db.dead_letters import dead_letters
from shared.db.declared import across_desks, guarded_by
from shared.db.idempotency import idempotency_keys
from shared.db.inbox import inbox
from shared.db.outbox import outbox
from shared.db.timers import timers, timers_fired
from shared.db.types import KIT

__all__ = ["KIT", "dead_letters", "idempotency_keys", "inbox", "outbox", "timers", "timers_fired"]

across_desks(dead_letters, idempotency_keys, inbox, outbox, timers, timers_fired)
guarded_by("wake_up", outbox, timers)
