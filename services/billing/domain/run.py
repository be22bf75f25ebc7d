"""A run over all families or all carers of a period, and how far each of its parts has come."""

from enum import StrEnum

RUN_PART = "run-part"


class RunKind(StrEnum):
    INVOICES = "invoices"
    PAYOUTS = "payouts"


class PartState(StrEnum):
    """Refused parts say why: nothing was left when their turn came, or a credit waits."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
