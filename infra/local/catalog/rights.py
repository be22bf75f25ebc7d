"""Who may do what: row security and its policies, what the service's own login may, and functions that see every desk."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Table, text

from shared.db.declared import ACROSS_DESKS
from shared.db.policies import DESK_OF_TRANSACTION

_MAY = {"SELECT", "INSERT", "UPDATE", "DELETE"}
_MUST = ("SELECT", "INSERT")
_ATTRIBUTES = {
    "rolsuper": "is a superuser",
    "rolbypassrls": "may pass row security",
    "rolcreatedb": "may create databases",
    "rolcreaterole": "may create roles",
    "rolreplication": "may copy the whole server",
}


def too_open(connection: Connection, service: str, tables: Mapping[str, Table]) -> Iterator[str]:
    """Where somebody may see or do more than the design allows, or the service less than it needs."""
    app = f"{service}_app"
    yield from _row_security(connection, tables)
    yield from _the_login(connection, app)
    yield from _grants(connection, service, tables)
    yield from _functions(connection)


def _row_security(connection: Connection, tables: Mapping[str, Table]) -> Iterator[str]:
    policies = _policies(connection)
    bound = _as_postgres_writes_it(connection)
    for name, protected in connection.execute(text(_TABLES)):
        if name not in tables:
            continue
        if not protected:
            yield f"{name}: row security is off, so every desk sees every row. Its migration needs protect('{name}')."
        if not policies.get(name):
            yield f"{name}: no policy says which rows a desk may see. Its migration needs protect('{name}')."
        for policy in policies.get(name, ()):
            if not policy.for_everyone:
                yield f"{name}: the policy {policy.name} holds for some logins only."
            if not tables[name].info.get(ACROSS_DESKS) and not policy.conditions <= bound:
                yield (
                    f"{name}: the policy {policy.name} does not compare desk_id with the transaction's desk, "
                    f"it says {' and '.join(sorted(policy.conditions - bound))}. Is it across_desks(…) in tables.py?"
                )
    for view in connection.execute(text(_VIEWS)).scalars():
        yield f"{view}: a view sees rows as its owner does, whom row security doesn't hold; give it security_invoker."


@dataclass(frozen=True, slots=True)
class _Policy:
    name: str
    conditions: frozenset[str]
    for_everyone: bool


def _policies(connection: Connection) -> dict[str, list[_Policy]]:
    found: dict[str, list[_Policy]] = {}
    for table, name, for_everyone, using, check in connection.execute(text(_POLICIES)):
        conditions = frozenset(condition for condition in (using, check) if condition is not None)
        found.setdefault(table, []).append(_Policy(name, conditions, for_everyone))
    return found


def _as_postgres_writes_it(connection: Connection) -> frozenset[str]:
    """The two conditions a desk's table may have, as the catalog shows them; the second is for rows of no desk yet."""
    with connection.begin_nested() as passing:
        connection.execute(text("CREATE TABLE public.a_desks_table (desk_id uuid)"))
        for name, compared in (("one", "="), ("two", "IS NOT DISTINCT FROM")):
            connection.execute(
                text(f"CREATE POLICY {name} ON public.a_desks_table USING (desk_id {compared} {DESK_OF_TRANSACTION})")
            )
        both = {policy.conditions for policy in _policies(connection)["a_desks_table"]}
        passing.rollback()
    return frozenset().union(*both)


def _the_login(connection: Connection, app: str) -> Iterator[str]:
    role = connection.execute(text("SELECT * FROM pg_roles WHERE rolname = :app"), {"app": app}).mappings().one()
    for attribute, meaning in _ATTRIBUTES.items():
        if role[attribute]:
            yield f"the login {app} {meaning}."
    for group in connection.execute(text(_GROUPS), {"app": app}).scalars():
        yield f"the login {app} belongs to {group} and may do what that role may."
    for thing in connection.execute(text(_OWNED), {"app": app}).scalars():
        yield f"the login {app} owns {thing}: who owns a table is not held by row security."
    for right in ("CREATE", "TEMPORARY"):
        if connection.execute(text(_MAY_IN_DATABASE), {"who": app, "right": right}).scalar_one():
            yield f"the login {app} may {right} in the database."
    if connection.execute(text("SELECT has_schema_privilege(:app, 'public', 'CREATE')"), {"app": app}).scalar_one():
        yield f"the login {app} may create tables."
    if connection.execute(text(_MAY_IN_DATABASE), {"who": "public", "right": "CONNECT"}).scalar_one():
        yield "every login of the server may connect to this database."


def _grants(connection: Connection, service: str, tables: Mapping[str, Table]) -> Iterator[str]:
    app, owner = f"{service}_app", f"{service}_owner"
    for table, grantee, right, passes_on in connection.execute(text(_GRANTS), {"owner": owner}):
        if grantee != app or table not in tables:
            yield f"{table}: {grantee} may {right} it."
        elif right not in _MAY:
            yield f"{table}: the login {app} may {right} it."
        elif passes_on:
            yield f"{table}: the login {app} may let others {right} it."
    for table in tables:
        for right in _MUST:
            asked = {"app": app, "table": f"public.{table}", "right": right}
            if not connection.execute(text(_MAY_ON_TABLE), asked).scalar():
                yield f"{table}: the login {app} may not {right}, so the service can't use it."


def _functions(connection: Connection) -> Iterator[str]:
    for name, pinned, for_everyone in connection.execute(text(_DEFINERS)):
        if not pinned:
            yield f"{name}: this function sees every desk's rows and looks tables up by a search_path it does not set."
        if for_everyone:
            yield f"{name}: this function sees every desk's rows and every login may call it."


_TABLES = """
    SELECT relname::text, relrowsecurity FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname
"""
_VIEWS = """
    SELECT relname::text FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')
        AND NOT coalesce(reloptions && ARRAY['security_invoker=true', 'security_invoker=on'], false)
"""
_POLICIES = """
    SELECT polrelid::regclass::text, polname::text, polroles = '{0}',
           pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
    FROM pg_policy ORDER BY 1, 2
"""
_GROUPS = """
    SELECT roleid::regrole::text FROM pg_auth_members WHERE member = (SELECT oid FROM pg_roles WHERE rolname = :app)
"""
_OWNED = """
    SELECT pg_describe_object(classid, objid, objsubid) FROM pg_shdepend
    WHERE deptype = 'o' AND refobjid = (SELECT oid FROM pg_roles WHERE rolname = :app)
        AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_MAY_IN_DATABASE = "SELECT has_database_privilege(:who, current_database(), :right)"
_MAY_ON_TABLE = "SELECT has_table_privilege(:app, to_regclass(:table), :right)"
_GRANTS = """
    SELECT c.relname::text, coalesce(r.rolname::text, 'every login'), a.privilege_type, a.is_grantable
    FROM pg_class c CROSS JOIN aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
        AND r.rolname IS DISTINCT FROM :owner
    ORDER BY 1, 2, 3
"""
# A trigger's function can't be called by hand.
_DEFINERS = """
    SELECT p.oid::regprocedure::text,
           EXISTS (SELECT FROM unnest(p.proconfig) AS setting WHERE setting LIKE 'search\\_path=%'),
           p.prorettype <> 'trigger'::regtype AND has_function_privilege('public', p.oid, 'EXECUTE')
    FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef ORDER BY 1
"""
