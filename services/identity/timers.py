"""What the identity service does on time: telling people, and the effects that leave the database."""

from datetime import date, timedelta
from typing import cast
from uuid import UUID

from services.identity import queries
from services.identity.adapters.senders import NotSent, Outbound, Sender, sender_of
from services.identity.adapters.signing import Seal
from services.identity.commands import (
    AddSigningKey,
    ClaimMessage,
    SettleMessage,
    TellInvoice,
    TellOffer,
    TellVisit,
)
from services.identity.handlers import messages, notices, signing_keys
from services.identity.settings import IdentitySettings
from shared.auth.roles import desk_itself
from shared.db.engine import glancing, reading
from shared.db.timers import Due
from shared.service import RunningService
from shared.telemetry.logging import log_of
from shared.timers import Timers

log = log_of(__name__)

_BATCH = 50


def _invoice(due: Due) -> TellInvoice:
    return TellInvoice(
        invoice_id=due.key_uuid,
        family_id=UUID(due.facts["family_id"]),
        number=due.facts["number"],
        total_minor=due.facts["total_minor"],
        currency=due.facts["currency"],
        due_on=date.fromisoformat(due.facts["due_on"]),
    )


timers = Timers()
timers.on(notices.TELL_OFFER, notices.tell_offer, command=lambda due: TellOffer(offer_id=due.key_uuid))
timers.on(notices.TELL_VISIT, notices.tell_visit, command=lambda due: TellVisit(visit_id=due.key_uuid))
timers.on(notices.TELL_INVOICE, notices.tell_invoice, command=_invoice)


def send_waiting(running: RunningService) -> int:
    """Send what waits to be sent, by the sender of the settings; says how many attempts were made."""
    return deliver(running, sender_of(cast("IdentitySettings", running.settings)))


def deliver(running: RunningService, sender: Sender) -> int:
    """Claim, send, settle: no transaction is open while something is sent. At least once, under the same key."""
    with glancing(running.sessions) as session:
        due = queries.messages_to_send(session, running.clock.now(), _BATCH)
    return sum(_deliver_one(running, sender, row.message_id, row.desk_id) for row in due)


def _deliver_one(running: RunningService, sender: Sender, message_id: UUID, desk_id: UUID) -> int:
    settings = cast("IdentitySettings", running.settings)
    desk = desk_itself(desk_id)
    row = running.runner.run(messages.claim_message, ClaimMessage(message_id=message_id), caller=desk)
    if row is None:
        return 0
    text = f"{row.text} {settings.public_url}{row.link}" if row.link else row.text
    cause, give_up = None, False
    try:
        sender.send(Outbound(key=row.key, channel=row.channel, address=row.address, subject=row.subject, text=text))
    except NotSent as error:
        cause, give_up = error.cause, error.give_up or row.attempts + 1 >= settings.send_attempts
        log.warning("message not sent", message=str(message_id), cause=cause, give_up=give_up)
    settled = SettleMessage(message_id=message_id, cause=cause, give_up=give_up)
    running.runner.run(messages.settle_message, settled, caller=desk)
    return 1


def rotate_when_due(running: RunningService) -> int:
    """Add a signing key when the newest is older than the settings' days; the first one is made on first need."""
    settings = cast("IdentitySettings", running.settings)
    limit = running.clock.now() - timedelta(days=settings.key_days)
    with reading(running.sessions) as session:
        made_at = queries.newest_key_made_at(session)
    if made_at is None or made_at > limit:
        return 0
    made = Seal(settings.key_secret).make_key()
    command = AddSigningKey(
        kid=made.kid,
        sealed_key=made.sealed_key,
        public_jwk=made.public_jwk,
        lead=timedelta(seconds=settings.key_lead_seconds),
        tokens_last=timedelta(minutes=settings.access_token_minutes),
        unless_newer_than=limit,
    )
    running.runner.run(signing_keys.add_signing_key, command, caller=desk_itself(None))
    return 1


effects = (send_waiting,)
chores = (rotate_when_due,)
