"""Triggers that keep a promise: history and the ledger stay as written, the relay is woken, postings balance."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, Table, text

from shared.db.declared import APPEND_ONLY, TRIGGERS

# PostgreSQL's bits of a trigger: each row 1, before 2, insert 4, delete 8, update 16, truncate 32.
_GUARDS = {"append_only": 1 | 2 | 8 | 16, "no_truncate": 2 | 32}
_KEPT_BY_NAME = ("_history", "_log")


def unguarded(connection: Connection, tables: Mapping[str, Table]) -> Iterator[str]:
    """Where a trigger tables.py declares is missing, off or toothless, or one is set that it doesn't declare."""
    found: dict[str, dict[str, tuple[bool, bool]]] = {}
    for table, name, on, kind, refuses in connection.execute(text(_TRIGGERS)):
        guards = name not in _GUARDS or (kind == _GUARDS[name] and refuses)
        found.setdefault(table, {})[name] = (on, guards)
    for name, table in sorted(tables.items()):
        declared, there = set(table.info.get(TRIGGERS, ())), found.get(name, {})
        if name.endswith(_KEPT_BY_NAME) and not declared.issuperset(APPEND_ONLY):
            yield f"{name}: a history or a log is kept as it was written; declare it append_only(…) in tables.py."
        for trigger in sorted(declared - there.keys()):
            yield f"{name}: the trigger {trigger} is missing; tables.py declares it."
        for trigger in sorted(there.keys() - declared):
            yield f"{name}: the database has a trigger {trigger} that tables.py does not declare."
        for trigger, (on, guards) in sorted(there.items()):
            if not on:
                yield f"{name}: the trigger {trigger} is switched off."
            if not guards:
                yield f"{name}: the trigger {trigger} does not refuse what it is there to refuse."


_TRIGGERS = r"""
    SELECT t.tgrelid::regclass::text, t.tgname::text, t.tgenabled IN ('O', 'A'), t.tgtype::int,
           t.tgqual IS NULL AND t.tgattr = '' AND p.prosrc ~ '^\s*BEGIN RAISE EXCEPTION'
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace
"""
