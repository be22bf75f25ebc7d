"""`python -m tests.benchmarks [NAME …]`: every benchmark of this folder, or those named; then one line of JSON."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from tests.benchmarks.frame import Row, as_benchmark, line, table

HERE = Path(__file__).parent
NOT_ONE = {"__init__", "__main__", "frame", "stand"}


def names() -> list[str]:
    """The benchmarks there are."""
    return sorted(file.stem for file in HERE.glob("*.py") if file.stem not in NOT_ONE)


def main(arguments: Sequence[str]) -> int:
    """Run them one after another. Exit code 1 when an aim is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="NAME", help=f"one of {', '.join(names())}; all when none is named")
    chosen: list[str] = parser.parse_args(arguments).only or names()
    if unknown := sorted(set(chosen) - set(names())):
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(names())}")
    found: dict[str, list[Row]] = {}
    for name in chosen:
        benchmark = as_benchmark(import_module(f"tests.benchmarks.{name}"))
        _say(f"{name}: {benchmark.TITLE}")
        found[name] = benchmark.run(_say)
        print(table(benchmark.TITLE, found[name]), flush=True)  # noqa: T201
    print(line(found), flush=True)  # noqa: T201
    return 1 if any(row.holds is False for rows in found.values() for row in rows) else 0


def _say(words: str) -> None:
    # The first one: a benchmark may send its logs elsewhere.
    print(words, file=sys.__stderr__, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
