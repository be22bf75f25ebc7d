"""What a service's tables.py says of its tables that SQLAlchemy has no word for; `make check` looks whether it is so."""

from sqlalchemy import Table

TRIGGERS = "triggers"
ACROSS_DESKS = "across_desks"
APPEND_ONLY = ("append_only", "no_truncate")


def append_only(*tables: Table) -> None:
    """Nobody changes or removes a row of these: history and the ledger. Their migration says `append_only` as well."""
    for trigger in APPEND_ONLY:
        guarded_by(trigger, *tables)


def guarded_by(trigger: str, *tables: Table) -> None:
    """These have a trigger of this name."""
    for table in tables:
        table.info[TRIGGERS] = {*table.info.get(TRIGGERS, ()), trigger}


def across_desks(*tables: Table) -> None:
    """The service itself reads rows of these whatever desk it acts for. Their migration says `open_to_service`."""
    for table in tables:
        table.info[ACROSS_DESKS] = True
