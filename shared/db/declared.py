"""What a service's tables.py says of its tables that SQLAlchemy has no word for; `make check` looks whether it is so."""

from importlib import import_module
from pkgutil import iter_modules

from sqlalchemy import MetaData, Table

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


def metadata_of(service: str) -> MetaData:
    """All tables of a service: of its tables.py, or of every file of its package tables."""
    package = import_module(f"services.{service}.tables")
    parts = [
        import_module(f"{package.__name__}.{each.name}") for each in iter_modules(getattr(package, "__path__", ()))
    ]
    found: MetaData = next(part.METADATA for part in (package, *parts) if hasattr(part, "METADATA"))
    return found
