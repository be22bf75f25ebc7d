"""The house's own rules, for what no linter knows: each reads one file and says what of it is against the rule."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath

LONGEST_FILE = 400
_READS_THE_CLOCK = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
_SQL_CLOCK = re.compile(
    r"\b(now\(\)|clock_timestamp\(\)|statement_timestamp\(\)|current_timestamp|current_date)", re.IGNORECASE
)
_MONEY = re.compile(r"(^|_)(minor|amount|cents|pence)($|_)")
# Spelt so that they don't find themselves.
_LEFT_BEHIND = re.compile(r"\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b")
_THIS_MACHINE = re.compile(r"(?<![\w.#{}-])/(w[o]rk|r[o]ot|f[a]rm)/\w")
_REGISTRIES = re.compile(
    r"py[p]i\.org|python[h]osted\.org|npm[j]s\.(org|com)|[m]aven\.apache\.org/maven|repo1\.[m]aven|deb\.[d]ebian"
)
_PLACES_FOR_ANYTHING = {"util", "utils", "helper", "helpers", "manager", "managers", "misc", "common"}
_NAP = {"time.sleep", "sleep"}

Rule = Callable[[str, str], Iterator[str]]


def clock_is_handed_in(path: str, source: str) -> Iterator[str]:
    """Only shared/clock.py reads the clock, so that a week can be run at speed and comes out the same."""
    if path == "shared/clock.py":
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ".".join(_dotted(node.func).split(".")[-2:]) in _READS_THE_CLOCK:
            yield f"line {node.lineno}: {_dotted(node.func)}() reads the clock; take `now` from the unit of work"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_sql(node.value):
            found = _SQL_CLOCK.search(node.value)
            if found:
                yield f"line {node.lineno}: the database's clock ({found[0]}) is not ours; bind `now` as a value"
        if isinstance(node, ast.Attribute) and _dotted(node) in ("func.now", "sa.func.now", "func.current_timestamp"):
            yield f"line {node.lineno}: {_dotted(node)} is the database's clock; bind `now` as a value"


def ids_follow_from_their_cause(path: str, source: str) -> Iterator[str]:
    """A handler may run twice and a week be run again: ids are random only where nothing is decided by them.

    That is a session's or a token's secret, and the correlation id a request is given at the door.
    """
    if path.startswith(("shared/clock.py", "shared/http/app.py", "services/web/", "services/identity/adapters/")):
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _dotted(node.func) in ("uuid4", "uuid.uuid4", "uuid1", "secrets.token_hex"):
            yield f"line {node.lineno}: {_dotted(node.func)}() is another id each time; use uow.new_id()"
        if isinstance(node, ast.Call) and _dotted(node.func).startswith("random.") and not node.args:
            yield f"line {node.lineno}: {_dotted(node.func)}() has no seed"


def money_is_whole(path: str, source: str) -> Iterator[str]:
    """Money is an integer of minor units: no float holds it, no float is made of it, nothing divides it with a rest lost."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.AnnAssign) and _names_money(node.target) and _is_float(node.annotation):
            yield f"line {node.lineno}: a float for money"
        if isinstance(node, ast.arg) and node.annotation and _MONEY.search(node.arg) and _is_float(node.annotation):
            yield f"line {node.lineno}: a float for money ({node.arg})"
        if isinstance(node, ast.Call) and _dotted(node.func) == "float" and any(map(_names_money, node.args)):
            yield f"line {node.lineno}: a float is made of money"
        if (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Div)
            and _names_money(node.left)
            and _whole(node.right)
        ):
            yield f"line {node.lineno}: money divided by `/`; split it (Money.split) or use a fraction and say how it rounds"
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
            for one, other in ((node.left, node.right), (node.right, node.left)):
                if _names_money(one) and isinstance(other, ast.Constant) and isinstance(other.value, float):
                    yield f"line {node.lineno}: money times a float"


def one_commit(path: str, source: str) -> Iterator[str]:
    """A service never commits: shared/commands.py does, once per command."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("commit", "rollback")
        ):
            yield f"line {node.lineno}: .{node.func.attr}() belongs to shared/commands.py"


def says_what_it_is(path: str, source: str) -> Iterator[str]:
    """Every module begins with one line that says what it is; an `__init__.py` holds nothing else.

    Only that of a package of tables imports them all, so that whoever imports one has them all declared.
    """
    tree = ast.parse(source)
    said = ast.get_docstring(tree)
    if not said:
        yield "no line says what this module is"
        return
    first, *rest = said.splitlines()
    if not first.endswith((".", "?")) or (rest and rest[0]):
        yield "the first line of the docstring is not a sentence of its own"
    if path.endswith("tables/__init__.py"):
        if not all(isinstance(node, ast.ImportFrom) or _is_all(node) for node in tree.body[1:]):
            yield "the __init__.py of tables imports them and names them in __all__, nothing else"
    elif path.endswith("__init__.py") and len(tree.body) > 1:
        yield "an __init__.py holds one docstring and nothing else"


def short_enough(path: str, source: str) -> Iterator[str]:
    """A file that outgrows a few screens becomes a package of the same name, one file per aggregate."""
    lines = source.count("\n")
    if lines > LONGEST_FILE:
        yield f"{lines} lines; {LONGEST_FILE} are enough for one file"


def no_place_for_anything(path: str, source: str) -> Iterator[str]:
    """What has no name of the field's has no place yet."""
    if _PLACES_FOR_ANYTHING & set(re.split(r"[_.]", PurePosixPath(path).stem)):
        yield "this name says nothing of what is in it"


def nothing_left_behind(path: str, source: str) -> Iterator[str]:
    """What is still to be done is in an issue, not in the code."""
    for number, line in enumerate(source.splitlines(), 1):
        if _LEFT_BEHIND.search(line):
            yield f"line {number}: {line.strip()[:80]}"


def names_no_machine(path: str, source: str) -> Iterator[str]:
    """No path of the machine it was written on, and no package registry's host: whoever installs brings their own."""
    for number, line in enumerate(source.splitlines(), 1):
        for found in (_THIS_MACHINE.search(line), _REGISTRIES.search(line)):
            if found:
                yield f"line {number}: {found[0]}"


def tests_do_not_nap(path: str, source: str) -> Iterator[str]:
    """A test waits for the thing itself (tests/support/waiting.py), not for some time; a benchmark's load has a pace."""
    if path.startswith("tests/benchmarks/"):
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = _dotted(node.func)
            if called in _NAP or called.endswith("wait_for_timeout"):
                yield f"line {node.lineno}: {called}() waits for time; wait for the thing"


def unasserting(sources: Mapping[str, str]) -> Iterator[str]:
    """Tests that can't fail: neither they nor anything they call of the tests' own asserts or expects a refusal."""
    functions = [
        (path, node)
        for path, source in sources.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    asserting: set[str] = set()
    while True:
        found = {node.name for _, node in functions if _asserts(node, asserting)}
        if found == asserting:
            break
        asserting = found
    for path, node in functions:
        if node.name.startswith("test_") and not _asserts(node, asserting):
            yield f"{path}, line {node.lineno}: {node.name} asserts nothing"


def _asserts(function: ast.FunctionDef | ast.AsyncFunctionDef, known: set[str]) -> bool:
    return any(
        isinstance(node, ast.Assert)
        or (
            isinstance(node, ast.Call)
            and _dotted(node.func).rsplit(".", 1)[-1] in known | {"raises", "fail", "validate"}
        )
        for node in ast.walk(function)
    )


def _is_all(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and [_dotted(target) for target in node.targets] == ["__all__"]


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}".lstrip(".")
    return node.id if isinstance(node, ast.Name) else ""


def _names_money(node: ast.AST) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        name = str(node.slice.value)
    return bool(_MONEY.search(name))


def _whole(node: ast.AST) -> bool:
    """A number or a count: by a Fraction money may be divided."""
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Call) and _dotted(node.func) == "len")


def _is_float(annotation: ast.AST) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "float" for node in ast.walk(annotation))


def _is_sql(text: str) -> bool:
    return bool(re.search(r"\b(SELECT|INSERT|UPDATE|DELETE|DEFAULT|WHERE|VALUES|CREATE)\b", text))
