"""What CI runs: every test in one suite, every suite, and an exit code that tells the truth."""

import itertools
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture.deployed import ROOT

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
SUITES = dict(re.findall(r'^([\w-]+): .*\n\t@\S+ -m pytest -q (?:\$\(PARALLEL\) )?-m "(.+)"$', MAKEFILE, re.MULTILINE))
MARKS = ("kafka", "browser", "processes")

# Stands in for make: writes what pytest would of that suite, and ends as it is told.
MAKE = """#!/bin/sh
echo "$1 $CI" >> "$LOG"
case "$1" in check) exit "${CHECK:-0}";; esac
file=${PYTEST_ADDOPTS#--junitxml=}
failures=0; [ "$1" = "${FAILING:-}" ] && failures=1
tests=3; [ "$1" = "${IDLE:-}" ] && tests=0
[ "$1" = "${CRASHING:-}" ] && exit 2
echo "<testsuites><testsuite tests='$tests' failures='$failures' errors='0' skipped='0'/></testsuites>" > "$file"
exit "$failures"
"""

Run = Callable[..., tuple[int, list[str], list[str]]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`.ci/run` with a make that runs nothing: its exit code, what it printed, and what it asked of make."""
    for name, text in (("make", MAKE), ("apt-get", "#!/bin/sh\nexit 0\n")):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)

    def run(**told: str) -> tuple[int, list[str], list[str]]:
        log = tmp_path / "log"
        log.write_text("")
        path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
        env = {**os.environ, "PATH": path, "LOG": str(log), "CI": "", **told}
        said = subprocess.run(["bash", ".ci/run"], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        return said.returncode, said.stdout.splitlines(), log.read_text().splitlines()

    return run


def test_every_test_is_in_exactly_one_suite_whatever_it_needs() -> None:
    assert SUITES.keys() == {"test", "test-kafka", "test-browser", "test-processes"}
    for chosen in itertools.product((True, False), repeat=len(MARKS)):
        marks = dict(zip(MARKS, chosen, strict=True))
        runs = [suite for suite, expression in SUITES.items() if eval(expression, {}, marks)]
        # What needs a browser needs no process of ours, so that pair is nobody's.
        assert len(runs) == 1 or (marks["browser"] and len(runs) > 1), (marks, runs)


def test_it_runs_every_suite_and_the_checks_in_ci_mode(run: Run) -> None:
    code, said, asked = run()
    assert code == 0
    assert asked == [f"{name} true" for name in ("test", "check", "test-kafka", "test-browser", "test-processes")]
    assert said[-1] == "12 passed, 0 failed, 0 skipped"


@pytest.mark.parametrize("suite", SUITES)
def test_a_failing_suite_fails_the_run_and_the_others_still_run(run: Run, suite: str) -> None:
    code, said, asked = run(FAILING=suite)
    assert code == 1
    assert f"Failed: make {suite}" in said
    assert said[-1] == "11 passed, 1 failed, 0 skipped"
    assert len(asked) == 5


def test_failing_checks_fail_the_run_though_every_test_passed(run: Run) -> None:
    code, said, _ = run(CHECK="1")
    assert code == 1
    assert "Failed: make check" in said
    assert said[-1] == "12 passed, 0 failed, 0 skipped"


@pytest.mark.parametrize("told", ["IDLE", "CRASHING"])
def test_a_suite_that_ran_no_test_fails_the_run(run: Run, told: str) -> None:
    code, said, _ = run(**{told: "test-kafka"})
    assert code == 1
    assert "Ran no test: test-kafka" in said
