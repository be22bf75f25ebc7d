"""Every metric, named once, each with one line that says what it means."""

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_MINUTES = (0.05, 0.1, 0.25, 0.5, 1, 5, 30, 60, 300, 900, 3600, 4 * 3600, 24 * 3600)

COMMANDS = Counter(
    "vesper_commands", "Commands by outcome: done, refused, repeated, broken.", ("service", "command", "outcome")
)
COMMAND_SECONDS = Histogram(
    "vesper_command_seconds", "How long a command took.", ("service", "command"), buckets=_SECONDS
)
MESSAGES = Counter(
    "vesper_messages", "Messages by outcome: done, repeated, parked, dead, not_ours.", ("service", "type", "outcome")
)
OUTBOX_AGE = Gauge("vesper_outbox_age_seconds", "How long the oldest unpublished outbox row has waited.", ("service",))
RELAY_LAG = Gauge("vesper_relay_lag", "Outbox rows not yet published.", ("service",))
CONSUMER_LAG = Gauge(
    "vesper_consumer_lag", "Messages in a topic this service has not handled yet.", ("service", "topic")
)
DEAD_LETTERS = Counter("vesper_dead_letters", "Messages that could never be handled.", ("service",))
INBOX_PARKED = Gauge("vesper_inbox_parked", "Messages waiting for something that has not arrived.", ("service",))
OFFERS = Counter("vesper_offers", "Offers by the state they reached.", ("service", "state"))
REQUEST_TO_FIRST_OFFER = Histogram(
    "vesper_request_to_first_offer_seconds", "From a care request's opening to its first offer.", buckets=_MINUTES
)
REQUEST_TO_ACCEPTANCE = Histogram(
    "vesper_request_to_acceptance_seconds", "From a care request's opening to a carer's yes.", buckets=_MINUTES
)
