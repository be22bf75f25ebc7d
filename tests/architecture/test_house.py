"""The house's own rules hold in every file, and each has been seen to say no."""

import subprocess
from collections.abc import Callable

import pytest

from tests.architecture import house
from tests.architecture.deployed import ROOT
from tests.architecture.house import Rule

SHIPPED = ("services/", "shared/", "infra/")
PYTHON: list[tuple[Rule, tuple[str, ...]]] = [
    (house.clock_is_handed_in, ("services/", "shared/")),
    (house.ids_follow_from_their_cause, ("services/", "shared/")),
    (house.money_is_whole, SHIPPED),
    (house.one_commit, ("services/",)),
    (house.says_what_it_is, (*SHIPPED, "tests/")),
    (house.short_enough, SHIPPED),
    (house.no_place_for_anything, (*SHIPPED, "tests/")),
    (house.tests_do_not_nap, ("tests/",)),
]
# Over the limit when the rule came; whoever changes one next makes a package of it. No other joins them.
STILL_LONG = {"shared/domain/pricing.py"}
EVERY_FILE: list[Rule] = [house.nothing_left_behind, house.names_no_machine]
# Written by tools, in forms of their own.
MADE = (".lock", "package-lock.json", ".png", ".svg", ".mo", ".woff2")

SAYS_NO = [
    (house.clock_is_handed_in, "services/a.py", "import datetime\nx = datetime.datetime.now()\n"),
    (house.clock_is_handed_in, "services/a.py", "x = date.today()\n"),
    (house.clock_is_handed_in, "shared/a.py", "x = time.time()\n"),
    (house.clock_is_handed_in, "services/a.py", "x = text('SELECT * FROM visits WHERE starts_at < now()')\n"),
    (house.clock_is_handed_in, "services/a.py", "x = Column(default=func.now())\n"),
    (house.ids_follow_from_their_cause, "services/roster/handlers/a.py", "x = uuid4()\n"),
    (house.ids_follow_from_their_cause, "services/matching/domain/a.py", "x = random.random()\n"),
    (house.money_is_whole, "services/a.py", "total_minor: float = 0\n"),
    (house.money_is_whole, "services/a.py", "def pay(amount: float) -> None: ...\n"),
    (house.money_is_whole, "services/a.py", "x = float(row.minor)\n"),
    (house.money_is_whole, "services/a.py", "x = float(row['total_minor'])\n"),
    (house.money_is_whole, "services/a.py", "x = total_minor / 3\n"),
    (house.money_is_whole, "services/a.py", "x = row.minor / len(families)\n"),
    (house.money_is_whole, "services/a.py", "x = 1.21 * line.amount\n"),
    (house.one_commit, "services/a.py", "session.commit()\n"),
    (house.says_what_it_is, "services/a.py", "x = 1\n"),
    (house.says_what_it_is, "services/a.py", '"""What it\nis."""\n'),
    (house.says_what_it_is, "services/a/__init__.py", '"""A."""\nx = 1\n'),
    (house.says_what_it_is, "services/a/tables/__init__.py", '"""A."""\nx = 1\n'),
    (house.short_enough, "services/a.py", "x = 1\n" * 401),
    (house.no_place_for_anything, "services/roster/handlers/visit_utils.py", ""),
    (house.tests_do_not_nap, "tests/a.py", "time.sleep(1)\n"),
    (house.tests_do_not_nap, "tests/a.py", "page.wait_for_timeout(500)\n"),
    (house.nothing_left_behind, "docs/a.md", "T\x4fDO: say how\n"),
    (house.names_no_machine, "infra/a.py", "ROOT = '/w\x6frk/main'\n"),
    (house.names_no_machine, "a.lock", "https://files.python\x68osted.org/x\n"),
]
SAYS_YES = [
    (house.clock_is_handed_in, "shared/clock.py", "x = datetime.now(UTC)\n"),
    (house.clock_is_handed_in, "services/a.py", "x = clock.now()\ny = time.monotonic()\n'what we know now() is old'\n"),
    (
        house.money_is_whole,
        "services/a.py",
        "w = pay_minor / hours\nx = Fraction(total_minor, 3)\ny = total_minor // 100\nz = 2 * minor\n",
    ),
    (house.money_is_whole, "services/a.py", "latitude: float = 0\n"),
    (house.names_no_machine, "k8s/a.yaml", "path: /home/vesper\npointer: '#/home/zone'\n"),
    (house.says_what_it_is, "services/a.py", '"""What it is.\n\nAnd why."""\n'),
]


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    """Every text file of the project, by its path."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    found = {path: ROOT / path for path in listed if not path.endswith(MADE)}
    return {path: file.read_text(encoding="utf-8") for path, file in found.items() if file.is_file()}


@pytest.mark.parametrize(("rule", "folders"), PYTHON, ids=lambda each: getattr(each, "__name__", ""))
def test_the_rule_holds(files: dict[str, str], rule: Rule, folders: tuple[str, ...]) -> None:
    chosen = [path for path in files if path.endswith(".py") and path.startswith(folders)]
    assert len(chosen) > 20
    found = {path: said for path in chosen if (said := list(rule(path, files[path])))}
    if rule is house.short_enough:
        assert found.keys() >= STILL_LONG, "it is short enough now: take it off the list"
        found = {path: said for path, said in found.items() if path not in STILL_LONG}
    assert found == {}, rule.__doc__


@pytest.mark.parametrize("rule", EVERY_FILE, ids=lambda rule: rule.__name__)
def test_the_rule_holds_in_every_text(files: dict[str, str], rule: Rule) -> None:
    assert [f"{path}: {said}" for path, text in files.items() for said in rule(path, text)] == [], rule.__doc__


def test_every_test_can_fail(files: dict[str, str]) -> None:
    tests = {path: text for path, text in files.items() if path.startswith("tests/") and path.endswith(".py")}
    assert list(house.unasserting(tests)) == []


@pytest.mark.parametrize(("rule", "path", "text"), SAYS_NO)
def test_a_rule_says_no(rule: Rule, path: str, text: str) -> None:
    assert list(rule(path, text))


@pytest.mark.parametrize(("rule", "path", "text"), SAYS_YES)
def test_a_rule_says_yes(rule: Rule, path: str, text: str) -> None:
    assert list(rule(path, text)) == []


def test_a_test_that_asserts_nothing_is_named() -> None:
    text = "def check(x):\n    assert x\n\ndef test_one():\n    check(1)\n\ndef test_two():\n    print(2)\n"
    assert list(house.unasserting({"tests/a.py": text})) == ["tests/a.py, line 7: test_two asserts nothing"]


def test_each_rule_has_been_seen_to_say_no() -> None:
    rules: set[Callable[..., object]] = {rule for rule, _ in PYTHON} | set(EVERY_FILE)
    assert {rule for rule, _, _ in SAYS_NO} == rules
